"""REST of the alarms: the open ones, those of the past, health, and the orders of an operator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from tagdb import ChannelError
from ui.alarm_list import past_row, shelf_row, snapshot_rows, summary
from ui.alarm_orders import LONGEST_SHELF_S, ordered
from ui.alarm_summary import QUIET
from ui.encode import iso
from ui.errors import ApiError
from ui.language import Language, api_language
from ui.order import Order
from ui.plant import View
from ui.services import services
from ui.span import alarm_filter, before_id, page_limit

__all__ = ["blueprint"]

blueprint = Blueprint("alarms", __name__)

#: most alarms one order may name
_MOST_ITEMS = 5000
_PRIORITIES = {"critical": "1", "high": "2", "medium": "3", "low": "4", "diagnostic": "5"}


#: what ``state`` asks for; shelved ones are those that operators do not see, whoever or whatever hides them
_STATES: dict[str, Callable[[dict[str, Any]], bool]] = {
    "active": lambda row: row["active"] and row["state"] not in QUIET,
    "unacknowledged": lambda row: not row["acknowledged"] and row["state"] not in QUIET,
    "shelved": lambda row: row["state"] in QUIET,
}


@blueprint.get("/api/alarms")
def open_alarms() -> ResponseReturnValue:
    """All open alarms, most urgent first, and what is shelved; or those of one ``state``."""
    state = request.args.get("state", "")
    if state == "history":
        return _past(MultiDict([item for item in request.args.items(multi=True) if item[0] != "state"]))
    if state and state not in _STATES:
        message = f"expected one of {', '.join((*_STATES, 'history'))}, found '{state[:50]}'"
        raise ApiError(HTTPStatus.BAD_REQUEST, "bad-state", message)
    told, view, language = services().alarm_list.told(), services().plant.seen(), api_language(request)
    rows = sorted(told["alarms"], key=lambda row: (row["priority"], -(row.get("last_raised_at") or row["raised_at"])))
    if state:
        rows = [row for row in rows if _STATES[state](row)]
    return jsonify(
        revision=told["revision"],
        alarms=[summary(row, view, language) for row in rows],
        shelves=[shelf_row(row) for row in told.get("shelves", [])],
        suppressed=told.get("suppressed", []),
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
    return _past(request.args)


def _past(args: MultiDict[str, str]) -> ResponseReturnValue:
    which, limit, before = alarm_filter(args), page_limit(args), before_id(args)
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
        return ordered("acknowledge", order, items=items, comment=comment)
    if device := order.text("device"):
        return ordered("acknowledge", order, device=device, comment=comment)
    if order.flag("everything"):
        return ordered("acknowledge", order, everything=True, comment=comment)
    raise ApiError(HTTPStatus.BAD_REQUEST, "nothing-named", "expected 'items', 'device' or 'everything': true")


@blueprint.post("/api/alarms/shelve")
def shelve() -> ResponseReturnValue:
    """Put an alarm aside for a time."""
    order = Order.read(request, {"key", "seconds", "reason"})
    seconds = order.seconds("seconds", LONGEST_SHELF_S)
    key, reason = order.needed("key"), order.needed("reason")
    return ordered("shelve", order, key=key, seconds=seconds, reason=reason)


@blueprint.post("/api/alarms/unshelve")
def unshelve() -> ResponseReturnValue:
    """Take an alarm back from the shelf."""
    order = Order.read(request, {"key"})
    return ordered("unshelve", order, key=order.needed("key"))


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
