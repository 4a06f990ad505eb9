"""REST of the engines: the fleet, one engine, its programme, its meter, what is known of its last services."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from registermaps import did_you_mean
from tagdb.accounts import Right
from tagdb.maintenance import MaintenanceStore, OffsetRecord, Refused
from ui.encode import iso
from ui.errors import ApiError
from ui.language import api_language
from ui.maintenance.asked import at_site, bad, hours_of, new_id, part, signer, time_of, whole
from ui.maintenance.board import Board, Engine, service_head
from ui.maintenance.room import room, tell_runtime
from ui.order import Order
from ui.services import services

__all__ = ["blueprint", "board_of", "check_hours", "find_engine"]

blueprint = Blueprint("maintenance_fleet", __name__)

#: hours are read off a panel and rounded
_AHEAD_H = 1.0


@blueprint.get("/api/maintenance")
def fleet() -> ResponseReturnValue:
    """Every engine: its hours, what is due next, and when."""
    with room().asked() as store:
        board = board_of(store)
        return jsonify(devices=board.rows(api_language(request)), time=iso(board.now))


@blueprint.get("/api/maintenance/devices/<device>")
def engine(device: str) -> ResponseReturnValue:
    """One engine with its log, the first entry last."""
    language = api_language(request)
    with room().asked() as store:
        board = board_of(store)
        found = find_engine(board, device)
        texts = {version.id: version for code in store.programmes() for version in store.versions(code)}
        log = [service_head(one, texts.get(one.text_id or 0), language) for one in reversed(store.log(device))]
        offsets = [one.to_json() | {"time": iso(one.time)} for one in reversed(store.offsets(device))]
    return jsonify(**board.row(found, language), log=log, offsets=offsets)


@blueprint.put("/api/maintenance/devices/<device>")
def assign(device: str) -> ResponseReturnValue:
    """Give an engine a programme, or none (null)."""
    order = Order.read(request, {"programme", "revision"})
    at_site(device, Right.ENGINEER)
    programme = order.body.get("programme")
    if programme is not None and not isinstance(programme, str):
        raise bad("'programme' must be the name of a programme, or null")
    with room().asked() as store:
        record = store.assign(device, programme, whole(order, "revision"))
    name = programme or "—"
    tell_runtime(
        device, "programme", signer(order), f"Maintenance programme: {name}", f"Программа обслуживания: {name}"
    )
    return jsonify(device=device, programme=record.programme, revision=record.revision)


@blueprint.post("/api/maintenance/devices/<device>/offset")
def offset(device: str) -> ResponseReturnValue:
    """Set the engine hours that are shown, with a reason; the meter runs on. ``revision``: entries seen before."""
    order = Order.read(request, {"hours", "reason", "revision"})
    at_site(device)
    wanted, reason = hours_of(order, "hours"), order.needed("reason")
    if wanted is None:
        raise bad("'hours' is missing")
    with room().asked() as store:
        board = board_of(store)
        shown = find_engine(board, device).hours
        if shown is None:
            raise ApiError(HTTPStatus.CONFLICT, "no-reading", "the hour meter of this engine was not read yet")
        added = round(wanted - shown, 4)
        seen = whole(order, "revision")
        store.add_offset(OffsetRecord(device, board.now, signer(order), reason, added, shown), seen)
    en, ru = f"Engine hours set from {shown:.1f} to {wanted:.1f}", f"Моточасы изменены с {shown:.1f} на {wanted:.1f}"
    tell_runtime(device, "meter-offset", signer(order), en, ru, reason, f"{device}.maint_hours")
    return jsonify(device=device, hours=wanted, added=added)


@blueprint.post("/api/maintenance/devices/<device>/meter/confirm")
def confirm(device: str) -> ResponseReturnValue:
    """The meter was compared with the engine and is right."""
    order = Order.read(request, set())
    services().plant.channel.call("maintenance-confirm", device=device, actor=order.actor.to_json())
    return jsonify(device=device)


@blueprint.post("/api/maintenance/devices/<device>/initial")
def initial(device: str) -> ResponseReturnValue:
    """What is known of the last services of an engine that was added: one entry for each level that is named."""
    order = Order.read(request, {"levels", "note"})
    at_site(device)
    rows = order.body.get("levels")
    if not isinstance(rows, list) or not rows or len(rows) > 20 or not all(isinstance(row, dict) for row in rows):
        raise bad("'levels' must be a list of {id, level, done_at, done_hours}")
    note, now = order.text("note"), room().clock()
    entries = []
    for row in rows:
        line = part(order, row)
        entries.append((new_id(line), line.needed("level"), time_of(line, now), hours_of(line, "done_hours")))
    with room().asked() as store:
        engine = find_engine(board_of(store), device)
        for *_, hours in entries:
            check_hours(engine, hours)
        store.enter_all(device, entries, signer(order), now, note)
    levels = ", ".join(level for _, level, _, _ in entries)
    en, ru = f"Last services entered: {levels}", f"Внесены последние ТО: {levels}"
    tell_runtime(device, "initial", signer(order), en, ru, note)
    return jsonify(device=device, entries=[number for number, *_ in entries]), HTTPStatus.CREATED


def board_of(store: MaintenanceStore) -> Board:
    """Where every engine stands now."""
    return Board(store, services().plant.seen(), room().clock())


def check_hours(engine: Engine | None, done_hours: float | None) -> None:
    """Work cannot have been done at hours that the engine has not reached. Raises Refused."""
    if done_hours is not None and engine and engine.hours is not None and done_hours > engine.hours + _AHEAD_H:
        message = f"the engine has run {engine.hours:.1f} h; the work cannot have been done at {done_hours:.1f} h"
        raise Refused("hours-ahead", message, run=engine.hours, done=done_hours)


def find_engine(board: Board, device: str) -> Engine:
    """One engine. Raises ApiError 404 with a suggestion."""
    if found := board.engines.get(device):
        return found
    message = f"maintenance knows no device '{device}'{did_you_mean(device, list(board.engines))}"
    raise ApiError(HTTPStatus.NOT_FOUND, "unknown-device", message)
