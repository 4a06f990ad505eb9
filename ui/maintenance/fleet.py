"""REST of the engines: the fleet, one engine, its programme, its meter, what is known of its last services."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from registermaps import did_you_mean
from tagdb import ChannelError
from tagdb.maintenance import MaintenanceStore, OffsetRecord
from ui.encode import iso
from ui.errors import ApiError
from ui.language import api_language
from ui.maintenance.board import Board, Engine, service_head
from ui.maintenance.room import room, tell_runtime
from ui.order import Order
from ui.services import services

__all__ = ["blueprint", "hours_of", "new_id", "time_of"]

blueprint = Blueprint("maintenance_fleet", __name__)

_ID = re.compile(r"[0-9a-zA-Z-]{8,64}\Z")
#: an engine that has run for more is a slip of the pen
_MOST_H = 500_000.0


@blueprint.get("/api/maintenance")
def fleet() -> ResponseReturnValue:
    """Every engine: its hours, what is due next, and when."""
    with room().asked() as store:
        board = _board(store)
        return jsonify(devices=board.rows(api_language(request)), time=iso(board.now))


@blueprint.get("/api/maintenance/devices/<device>")
def engine(device: str) -> ResponseReturnValue:
    """One engine with its log, the first entry last."""
    language = api_language(request)
    with room().asked() as store:
        board = _board(store)
        found = _find(board, device)
        texts = {version.id: version for code in store.programmes() for version in store.versions(code)}
        log = [service_head(one, texts.get(one.text_id or 0), language) for one in reversed(store.log(device))]
        offsets = [
            {
                "time": iso(one.time),
                "who": one.who,
                "reason": one.reason,
                "hours": one.hours,
                "before": one.shown_before,
            }
            for one in reversed(store.offsets(device))
        ]
    return jsonify(**board.row(found, language), log=log, offsets=offsets)


@blueprint.put("/api/maintenance/devices/<device>")
def assign(device: str) -> ResponseReturnValue:
    """Give an engine a programme, or none (null)."""
    order = Order.read(request, {"programme", "revision"})
    programme = order.body.get("programme")
    if programme is not None and not isinstance(programme, str):
        raise _bad("'programme' must be the name of a programme, or null")
    with room().asked() as store:
        record = store.assign(device, programme, whole(order, "revision"))
    name = programme or "—"
    tell_runtime(device, "programme", order.who, f"Maintenance programme: {name}", f"Программа обслуживания: {name}")
    return jsonify(device=device, programme=record.programme, revision=record.revision)


@blueprint.post("/api/maintenance/devices/<device>/offset")
def offset(device: str) -> ResponseReturnValue:
    """Set the engine hours that are shown, with a reason; the meter itself runs on."""
    order = Order.read(request, {"hours", "reason"})
    wanted, reason = hours_of(order, "hours"), order.needed("reason")
    if wanted is None:
        raise _bad("'hours' is missing")
    with room().asked() as store:
        board = _board(store)
        shown = _find(board, device).hours
        if shown is None:
            raise ApiError(HTTPStatus.CONFLICT, "no-reading", "the hour meter of this engine was not read yet")
        added = round(wanted - shown, 4)
        store.add_offset(OffsetRecord(device, board.now, order.who, reason, added, shown))
    en, ru = f"Engine hours set from {shown:.1f} to {wanted:.1f}", f"Моточасы изменены с {shown:.1f} на {wanted:.1f}"
    tell_runtime(device, "meter-offset", order.who, en, ru, reason, f"{device}.maint_hours")
    return jsonify(device=device, hours=wanted, added=added)


@blueprint.post("/api/maintenance/devices/<device>/meter/confirm")
def confirm(device: str) -> ResponseReturnValue:
    """The meter was compared with the engine and is right."""
    order = Order.read(request, set())
    try:
        services().plant.channel.call("maintenance-confirm", device=device, who=order.who)
    except ChannelError as error:
        if error.code == "unknown-verb":
            raise ApiError(HTTPStatus.CONFLICT, "no-maintenance", "this runtime does no maintenance") from None
        raise
    return jsonify(device=device)


@blueprint.post("/api/maintenance/devices/<device>/initial")
def initial(device: str) -> ResponseReturnValue:
    """What is known of the last services of an engine that was added: one entry for each level that is named."""
    order = Order.read(request, {"levels", "note"})
    rows = order.body.get("levels")
    if not isinstance(rows, list) or not rows or len(rows) > 20 or not all(isinstance(row, dict) for row in rows):
        raise _bad("'levels' must be a list of {id, level, done_at, done_hours}")
    note, now = order.text("note"), room().clock()
    entries = []
    for row in rows:
        part = Order(row, order.actor)
        entries.append((new_id(part), part.needed("level"), time_of(part, now), hours_of(part, "done_hours")))
    with room().asked() as store:
        for number, level, at, hours in entries:
            store.enter(number, device, level, at, hours, order.who, now, note)
    levels = ", ".join(level for _, level, _, _ in entries)
    en, ru = f"Last services entered: {levels}", f"Внесены последние ТО: {levels}"
    tell_runtime(device, "initial", order.who, en, ru, note)
    return jsonify(device=device, entries=[number for number, *_ in entries]), HTTPStatus.CREATED


def new_id(order: Order, name: str = "id") -> str:
    """The number that the caller chose for a new entry, so that a request sent twice is done once."""
    text = order.needed(name)
    if not _ID.match(text):
        raise _bad(f"'{name}' must be 8 to 64 letters, digits and '-', new for each entry")
    return text


def hours_of(order: Order, name: str) -> float | None:
    """Engine hours; None where they are not given."""
    value = order.body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST_H:
        raise _bad(f"'{name}' must be engine hours from 0 to {_MOST_H:g}")
    return float(value)


def time_of(order: Order, now: float, name: str = "done_at") -> float:
    """A moment that has passed, in ISO 8601 with its time zone."""
    text = order.needed(name)
    try:
        moment = datetime.fromisoformat(text)
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise _bad(f"'{name}': found '{text}', expected a time as 2026-11-23T20:43:56+03:00") from None
    if seconds > now + 300:
        raise _bad(f"'{name}' is in the future")
    if seconds < 0:
        raise _bad(f"'{name}' is before 1970")
    return seconds


def whole(order: Order, name: str) -> int:
    """A whole number, 0 where it is not given."""
    value = order.body.get(name, 0)
    if type(value) is not int or not 0 <= value < 1 << 31:
        raise _bad(f"'{name}' must be a whole number")
    return value


def _board(store: MaintenanceStore) -> Board:
    return Board(store, services().plant.seen(), room().clock(), room().least_span_s)


def _find(board: Board, device: str) -> Engine:
    if found := board.engines.get(device):
        return found
    message = f"maintenance knows no device '{device}'{did_you_mean(device, list(board.engines))}"
    raise ApiError(HTTPStatus.NOT_FOUND, "unknown-device", message)


def _bad(message: str) -> ApiError:
    return ApiError(HTTPStatus.BAD_REQUEST, "bad-order", message)
