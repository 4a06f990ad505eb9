"""REST of recorded values: series for trends, values at a moment, statistics, time in states, totals."""

from __future__ import annotations

import time
from collections.abc import Container
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import numpy as np
from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from tagdb import Kind
from tagdb.samples import Buckets, Curve, Series
from ui.encode import display, iso
from ui.errors import ApiError
from ui.language import Language, api_language
from ui.plant import View, quality_of
from ui.services import services
from ui.span import moment

__all__ = ["Asked", "blueprint"]

blueprint = Blueprint("recorded", __name__)

_MOST_TAGS = 50
_POINTS, _FEWEST_POINTS, _MOST_POINTS = 1000, 2, 20_000
_DEFAULT_SPAN_S, _LONGEST_SPAN_S = 3600.0, 100 * 365.25 * 86400
#: type of register -> its bits, for counters that run over
_COUNTER_BITS = {"u16": 16, "u32": 32}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which tags and which span a request means."""

    names: tuple[str, ...]
    #: milliseconds since 1970, UTC; the end does not belong to it
    start: int
    end: int

    @classmethod
    def parse(cls, args: MultiDict[str, str]) -> Asked:
        """From the query string: the last hour unless it says otherwise. Raises ApiError 400."""
        end = moment(args, "to")
        end = time.time() if end is None else end
        start = moment(args, "from")
        start = end - _DEFAULT_SPAN_S if start is None else start
        if start >= end:
            raise ApiError(HTTPStatus.BAD_REQUEST, "bad-span", "'from' must be before 'to'")
        if end - start > _LONGEST_SPAN_S:
            raise ApiError(HTTPStatus.BAD_REQUEST, "bad-span", "from 'from' to 'to' are more than a hundred years")
        return cls(tag_names(args), round(start * 1000), round(end * 1000))

    def told(self, found: Container[str]) -> dict[str, Any]:
        """What every answer says of the request."""
        unknown = [name for name in self.names if name not in found]
        return {"from": iso(self.start / 1000), "to": iso(self.end / 1000), "unknown": unknown}


def tag_names(args: MultiDict[str, str]) -> tuple[str, ...]:
    """The tags of a request, each once. Raises ApiError 400 for none, and for too many."""
    names = tuple(dict.fromkeys(name for text in args.getlist("tags") for name in text.split(",") if name))
    if not names:
        raise ApiError(HTTPStatus.BAD_REQUEST, "no-tags", "name tags: tags=NAME,NAME")
    if len(names) > _MOST_TAGS:
        raise ApiError(HTTPStatus.BAD_REQUEST, "too-many-tags", f"at most {_MOST_TAGS} tags at once")
    return names


@blueprint.get("/api/history")
def history() -> ResponseReturnValue:
    """Series of some tags, as fine as so many points need."""
    asked, points = Asked.parse(request.args), _points(request.args)
    with services().past.values() as samples:
        found = samples.series(asked.names, asked.start, asked.end, points)
        until = samples.until()
    return jsonify(
        {
            "until": iso(until / 1000) if until else None,
            "series": [_series(name, found[name]) for name in asked.names if name in found],
        }
        | asked.told(found)
    )


@blueprint.get("/api/history/at")
def at() -> ResponseReturnValue:
    """Values of some tags at a moment."""
    names, when = tag_names(request.args), moment(request.args, "time")
    if when is None:
        raise ApiError(HTTPStatus.BAD_REQUEST, "no-time", "name a moment: time=2026-11-23T20:43:56Z")
    with services().past.values() as samples:
        found = samples.at(names, round(when * 1000))
    view, language = services().plant.seen(), api_language(request)
    rows = []
    for name in names:
        if held := found.get(name):
            rows.append(
                {"tag": name, **_held(name, held.value, held.quality, view, language), "time": iso(held.time_s)}
            )
    return jsonify(time=iso(when), values=rows, unknown=[name for name in names if name not in found])


@blueprint.get("/api/history/statistics")
def statistics() -> ResponseReturnValue:
    """Each tag over the whole span."""
    asked = Asked.parse(request.args)
    with services().past.values() as samples:
        found = samples.statistics(asked.names, asked.start, asked.end)
    rows = [
        {
            "tag": name,
            **{key: _numbers(getattr(found[name], key))[0] for key in ("low", "high", "mean", "last", "good")},
            "changes": int(found[name].changes[0]),
        }
        for name in asked.names
        if name in found
    ]
    return jsonify(statistics=rows, **asked.told(found))


@blueprint.get("/api/history/states")
def states() -> ResponseReturnValue:
    """How long each tag was in each of its states."""
    asked = Asked.parse(request.args)
    with services().past.values() as samples:
        found = samples.states(asked.names, asked.start, asked.end)
    view, language = services().plant.seen(), api_language(request)
    rows = [
        {
            "tag": name,
            "states": [
                {
                    "value": state.value,
                    "text": _text(name, state.value, view, language),
                    "seconds": round(state.seconds, 3),
                    "times": state.times,
                }
                for state in found[name]
            ],
        }
        for name in asked.names
        if name in found
    ]
    return jsonify(tags=rows, **asked.told(found))


@blueprint.get("/api/history/totals")
def totals() -> ResponseReturnValue:
    """What counters counted."""
    asked, view = Asked.parse(request.args), services().plant.seen()
    moduli = {name: modulus for name in asked.names if (modulus := _modulus(name, view))}
    with services().past.values() as samples:
        found = samples.totals(asked.names, asked.start, asked.end, moduli)
        infos = samples.tags()
    rows = [
        {
            "tag": name,
            "unit": infos[name].unit,
            "total": round(found[name].total, 6),
            "resets": found[name].resets,
            "rollovers": found[name].rollovers,
            "good": round(found[name].good, 4),
        }
        for name in asked.names
        if name in found
    ]
    return jsonify(totals=rows, **asked.told(found))


def _modulus(name: str, view: View | None) -> float | None:
    """Where the register of a counter runs over, in units; None where it has none."""
    tag = None if view is None else view.tags.get(name)
    bits = _COUNTER_BITS.get(str(tag.origin.get("type"))) if tag else None
    return None if bits is None or tag is None else 2.0**bits * float(tag.origin.get("scale", 1.0))


def _held(name: str, value: Any, quality: int, view: View | None, language: Language) -> dict[str, Any]:
    known = quality_of(quality)
    text = _text(name, value, view, language)
    return {"value": value, "text": text, "quality": known.level, "reason": known.reason}


def _text(name: str, value: Any, view: View | None, language: Language) -> str:
    tag = None if view is None else view.tags.get(name)
    if view is None or tag is None:
        return "" if value is None else str(value)
    return display(tag, value, view.directory, language)


def _points(args: MultiDict[str, str]) -> int:
    text = args.get("points", str(_POINTS))
    if not text.isdecimal() or len(text) > 9 or not _FEWEST_POINTS <= int(text) <= _MOST_POINTS:
        message = f"points '{text}': expected {_FEWEST_POINTS} to {_MOST_POINTS}"
        raise ApiError(HTTPStatus.BAD_REQUEST, "bad-points", message)
    return int(text)


def _series(name: str, series: Series) -> dict[str, Any]:
    info = series.info
    head = {
        "tag": name,
        "unit": info.unit,
        "kind": info.kind,
        "decimals": info.decimals,
        "shape": "line" if info.line else "step",
        "tier": series.tier,
    }
    if series.curve is not None:
        return head | {"form": "samples"} | _samples(series.curve)
    assert series.buckets is not None  # noqa: S101  a series has one or the other
    return head | {"form": "buckets"} | _buckets(series.buckets)


def _samples(curve: Curve) -> dict[str, Any]:
    valid = curve.valid()
    values: list[Any]
    if curve.kind not in (Kind.TEXT, Kind.U64):  # states of a bit as 0 and 1: they are drawn
        values = _numbers(np.where(valid, curve.value, np.nan))
    else:
        values = [curve.plain(index) if good else None for index, good in enumerate(valid)]
    return {"t": curve.time.tolist(), "v": values, "q": curve.quality.tolist()}


def _buckets(buckets: Buckets) -> dict[str, Any]:
    return {
        "step_ms": buckets.step,
        "t": buckets.time.tolist(),
        "low": _numbers(buckets.low),
        "high": _numbers(buckets.high),
        "mean": _numbers(buckets.mean),
        "last": _numbers(buckets.last),
        "good": np.round(buckets.good, 4).tolist(),
        "changes": buckets.changes.tolist(),
        "q": buckets.quality.tolist(),
    }


def _numbers(column: Any) -> list[float | int | None]:
    """As JSON: whole numbers without a fraction, null where there is none."""
    return [None if value != value else int(value) if value.is_integer() else value for value in column.tolist()]
