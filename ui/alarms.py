"""REST of the alarms: the open ones, those of the past, health, and the orders of an operator."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from tagdb import ChannelError
from ui.alarm_list import past_row, shelf_row, snapshot_rows, summary
from ui.encode import iso
from ui.errors import ApiError
from ui.language import Language, api_language
from ui.order import Order
from ui.plant import View
from ui.services import services
from ui.span import alarm_filter, before_id, page_limit

__all__ = ["blueprint"]

blueprint = Blueprint("alarms", __name__)

#: most alarms one order may name; longest time on the shelf
_MOST_ITEMS = 5000
_LONGEST_SHELF_S = 30 * 86400
_PRIORITIES = {"critical": "1", "high": "2", "medium": "3", "low": "4", "diagnostic": "5"}


@blueprint.get("/api/alarms")
def open_alarms() -> ResponseReturnValue:
    """All open alarms, most urgent first, and what is shelved."""
    told, view, language = services().alarm_list.told(), services().plant.seen(), api_language(request)
    rows = sorted(told["alarms"], key=lambda row: (row["priority"], -row["raised_at"]))
    return jsonify(
        revision=told["revision"],
        alarms=[summary(row, view, language) for row in rows],
        shelves=[shelf_row(row) for row in told.get("shelves", [])],
        counts=told.get("counts", {}),
    )


@blueprint.get("/api/alarms/summary")
def alarm_summary() -> ResponseReturnValue:
    """The most urgent alarm that nobody has acknowledged, and counts per priority: what the alarm bar shows."""
    (revision, found), view, language = services().alarm_list.summary(), services().plant.seen(), api_language(request)
    return jsonify(
        revision=revision,
        top=None if found.top is None else summary(found.top, view, language),
        unacknowledged=found.unacknowledged,
        shown=found.shown,
        quiet=found.quiet,
        priorities={
            str(priority): {
                "shown": tally.shown,
                "unacknowledged": tally.unacknowledged,
                "newest": iso(tally.newest),
            }
            for priority, tally in sorted(found.tallies.items())
        },
    )


@blueprint.get("/api/alarms/<int:number>")
def alarm(number: int) -> ResponseReturnValue:
    """One occurrence, open or past, with what its device showed when it was raised."""
    view, language = services().plant.seen(), api_language(request)
    with suppress(ChannelError):  # without a runtime the history still knows it
        for row in services().alarm_list.told()["alarms"]:
            if row["id"] == number:
                return jsonify(_details(summary(row, view, language), row.get("snapshot") or {}, view, language))
    with services().past.asked() as history:
        record = history.alarm(number) if number < 1 << 63 else None
    if record is None:
        raise ApiError(HTTPStatus.NOT_FOUND, "unknown-alarm", f"there is no alarm with the number {number}")
    return jsonify(_details(past_row(record, view, language), record.snapshot, view, language))


@blueprint.get("/api/alarms/history")
def past_alarms() -> ResponseReturnValue:
    """A page of occurrences, the last raised first."""
    which, limit, before = alarm_filter(request.args), page_limit(request.args), before_id(request.args)
    view, language = services().plant.seen(), api_language(request)
    with services().past.asked() as history:
        records = history.alarms(which, limit, before)
    following = records[-1].id if len(records) == limit else None
    return jsonify(alarms=[past_row(record, view, language) for record in records], next=following)


@blueprint.get("/api/alarms/health")
def health() -> ResponseReturnValue:
    """How well the alarms serve their operators, in the figures of ISA-18.2 and EEMUA 191."""
    told: dict[str, Any] = services().plant.channel.call("alarm-health")
    plain = ("raised", "rate_10min", "mean_10min", "peak_10min", "flood_share", "unacknowledged", "period_s")
    standing = told.get("standing")
    return jsonify(
        **{name: told.get(name) for name in plain},
        rates=told.get("rates", []),
        rates_from=iso(told.get("rates_from")),
        flood=bool(told.get("flood")),
        floods=[flood | {key: iso(flood[key]) for key in ("began", "ended")} for flood in told.get("floods", [])],
        standing=len(standing) if isinstance(standing, Sequence) else standing,
        **{name: [_counted(row) for row in told.get(name, [])] for name in ("frequent", "chattering", "stale")},
        by_priority=_shares(told),
    )


@blueprint.post("/api/alarms/acknowledge")
def acknowledge() -> ResponseReturnValue:
    """Acknowledge alarms by number, all of a device, or everything."""
    order = Order.read(request, {"items", "device", "everything", "comment"})
    comment = order.text("comment")
    if items := order.numbers("items", _MOST_ITEMS):
        return _ordered("acknowledge", items=items, comment=comment, actor=order.actor.to_json())
    if device := order.text("device"):
        return _ordered("acknowledge", device=device, comment=comment, actor=order.actor.to_json())
    if order.flag("everything"):
        return _ordered("acknowledge", everything=True, comment=comment, actor=order.actor.to_json())
    raise ApiError(HTTPStatus.BAD_REQUEST, "nothing-named", "expected 'items', 'device' or 'everything': true")


@blueprint.post("/api/alarms/shelve")
def shelve() -> ResponseReturnValue:
    """Put an alarm aside for a time."""
    order = Order.read(request, {"key", "seconds", "reason"})
    seconds = order.seconds("seconds", _LONGEST_SHELF_S)
    key, reason = order.needed("key"), order.needed("reason")
    return _ordered("shelve", key=key, seconds=seconds, reason=reason, actor=order.actor.to_json())


@blueprint.post("/api/alarms/unshelve")
def unshelve() -> ResponseReturnValue:
    """Take an alarm back from the shelf."""
    order = Order.read(request, {"key"})
    return _ordered("unshelve", key=order.needed("key"), actor=order.actor.to_json())


def _ordered(verb: str, **args: Any) -> ResponseReturnValue:
    """200 when at least one alarm is as it was ordered to be; 409 with the reasons when all were refused."""
    try:
        outcomes: list[dict[str, Any]] = services().plant.channel.call(verb, **args)["outcomes"]
    finally:
        services().alarm_list.forget()
    rows = [{"key": row["key"], "verdict": row["verdict"], "reason": row.get("reason", "")} for row in outcomes]
    if rows and all(row["verdict"] == "refused" for row in rows):
        reasons = "; ".join(dict.fromkeys(row["reason"] for row in rows if row["reason"]))
        raise ApiError(HTTPStatus.CONFLICT, "refused", reasons or "the order was refused")
    return jsonify(outcomes=rows)


def _details(row: dict[str, Any], snapshot: Any, view: View | None, language: Language) -> dict[str, Any]:
    return row | {"snapshot": snapshot_rows(snapshot, view, language)}


def _counted(row: dict[str, Any]) -> dict[str, Any]:
    return {"key": row["key"], "label": row.get("label") or {}, "count": row.get("count")}


def _shares(told: dict[str, Any]) -> dict[str, float]:
    """Share of raises per priority, 0-1; counts and names are understood, too."""
    given = told.get("by_priority") or told.get("priorities") or {}
    figures = {_PRIORITIES.get(name, name): float(figure) for name, figure in given.items()}
    whole = max(sum(figures.values()), 1.0)
    return {name: round(figure / whole, 4) for name, figure in figures.items()}
