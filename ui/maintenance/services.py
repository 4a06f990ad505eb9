"""REST of the services: start, answer task by task, sign, correct; the checklist as a phone shows it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from tagdb.maintenance import Answer, ItemRecord, MaintenanceStore, ServiceRecord, Version
from ui.encode import iso
from ui.language import Language, api_language
from ui.maintenance.asked import at_site, bad, hours_of, new_id, part, signer, time_of, whole
from ui.maintenance.board import service_head
from ui.maintenance.fleet import board_of, check_hours
from ui.maintenance.photos import photo_row
from ui.maintenance.room import room, tell_runtime
from ui.order import Order

__all__ = ["blueprint", "service_json"]

blueprint = Blueprint("maintenance_services", __name__)

#: name of the note to the whole service among the tasks
_NOTE = "note"
_MOST_CONSUMABLES = 30


@blueprint.post("/api/maintenance/services")
def start() -> ResponseReturnValue:
    """Begin a service of a level, by the programme's newest version."""
    order = Order.read(request, {"id", "device", "level"})
    number, device, level = new_id(order), order.needed("device"), order.needed("level")
    at_site(device)
    with room().asked() as store:
        record = store.start(number, device, level, signer(order), room().clock())
        answer = service_json(store, record, api_language(request))
    tell_runtime(device, "service-start", signer(order), *_words(store, record), key=number)
    return jsonify(answer), HTTPStatus.CREATED


@blueprint.get("/api/maintenance/services/<service>")
def one(service: str) -> ResponseReturnValue:
    """One service with its checklist."""
    with room().asked() as store:
        return jsonify(service_json(store, store.service(service), api_language(request)))


@blueprint.put("/api/maintenance/services/<service>/items/<task>")
def answer(service: str, task: str) -> ResponseReturnValue:
    """Answer one task ("level.task"), or leave the note to the whole service ("note")."""
    known = {"answer", "reason", "value", "note", "consumables", "revision", "stamp"}
    order = Order.read(request, known)
    said = Answer(
        order.text("answer"), order.text("reason"), order.text("value"), order.text("note"), _consumables(order)
    )
    revision, stamp = whole(order, "revision"), order.text("stamp")
    name = "" if task == _NOTE else task
    with room().asked() as store:
        at_site(store.service(service).device)
        item = store.answer(service, name, said, revision, stamp, signer(order), room().clock())
    return jsonify(item_row(item))


@blueprint.post("/api/maintenance/services/<service>/sign")
def sign(service: str) -> ResponseReturnValue:
    """Close a service, with when and at how many engine hours the work was done."""
    order = Order.read(request, {"done_at", "done_hours"})
    now = room().clock()
    done_at, done_hours = time_of(order, now), hours_of(order, "done_hours")
    with room().asked() as store:
        open_ = store.service(service)
        at_site(open_.device)
        check_hours(board_of(store).engines.get(open_.device), done_hours)
        record = store.sign(service, done_at, done_hours, signer(order), now)
        answer = service_json(store, record, api_language(request))
        words = _words(store, record)
    tell_runtime(record.device, "service-sign", signer(order), *words, comment=record.note, key=service)
    return jsonify(answer)


@blueprint.post("/api/maintenance/services/<service>/cancel")
def cancel(service: str) -> ResponseReturnValue:
    """Give up a service that was started by mistake."""
    order = Order.read(request, {"reason"})
    with room().asked() as store:
        at_site(store.service(service).device)
        record = store.cancel(service, order.needed("reason"), signer(order), room().clock())
        words = _words(store, record)
    tell_runtime(record.device, "service-cancel", signer(order), *words, comment=record.note, key=service)
    return jsonify(id=record.id, state=record.state)


@blueprint.post("/api/maintenance/services/<service>/correct")
def correct(service: str) -> ResponseReturnValue:
    """Enter a correction of a signed line, as a new line."""
    order = Order.read(request, {"id", "reason", "done_at", "done_hours", "void"})
    number, reason, void, now = new_id(order), order.needed("reason"), order.flag("void"), room().clock()
    done_at = time_of(order, now) if order.body.get("done_at") is not None else None
    done_hours = hours_of(order, "done_hours")
    if not void and done_at is None and done_hours is None:
        raise bad("nothing to correct: give 'done_at', 'done_hours' or 'void': true")
    with room().asked() as store:
        wrong = store.service(service)
        at_site(wrong.device)
        check_hours(board_of(store).engines.get(wrong.device), done_hours)
        record = store.correct(number, service, reason, signer(order), now, done_at, done_hours, void)
        answer, words = service_json(store, record, api_language(request)), _words(store, record)
    tell_runtime(record.device, "service-correct", signer(order), *words, comment=reason, key=number)
    return jsonify(answer), HTTPStatus.CREATED


def service_json(store: MaintenanceStore, record: ServiceRecord, language: Language) -> dict[str, Any]:
    """A service with its checklist: sections in the order in which the work is done."""
    version = store.text(record.text_id) if record.text_id else None
    board = board_of(store)
    engine = board.engines.get(record.device)
    title = engine.info.title[language] if engine and engine.info else record.device
    note = next((item for item in record.items if not item.task), None)
    return service_head(record, version, language) | {
        "device_title": title,
        "site": record.device.partition(".")[0],
        "hours": None if engine is None or engine.hours is None else round(engine.hours, 2),
        "revision": record.revision,
        "programme": None if version is None else {
            "code": version.programme.code, "version": version.number,
            "title": version.programme.title.get(language) or version.programme.code,
        },
        "sections": [] if version is None or record.kind != "service" else _sections(record, version, language),
        "note_item": None if note is None else item_row(note),
        "photos": [photo_row(photo) for photo in record.photos],
    }  # fmt: skip


def item_row(item: ItemRecord) -> dict[str, Any]:
    """An answer as JSON."""
    return item.to_json() | {"task": item.task or _NOTE, "time": iso(item.time)}


def _sections(record: ServiceRecord, version: Version, language: Language) -> list[dict[str, Any]]:
    answers = {item.task: item for item in record.items}
    sections: list[dict[str, Any]] = []
    for level, task in version.programme.checklist(record.level):
        if not sections or sections[-1]["level"] != level.id:
            sections.append({"level": level.id, "title": level.title.get(language) or level.id, "tasks": []})
        name = f"{level.id}.{task.id}"
        sections[-1]["tasks"].append(
            {
                "task": name,
                "title": task.title.get(language) or task.id,
                "critical": task.critical,
                "minutes": task.minutes,
                "measure": task.measure,
                "consumables": [
                    {**one.title, "title": one.title.get(language) or "", "quantity": one.quantity, "unit": one.unit}
                    for one in task.consumables
                ],
                "item": item_row(answers[name]) if name in answers else None,
            }
        )  # fmt: skip
    return sections


def _consumables(order: Order) -> tuple[dict[str, Any], ...]:
    rows = order.body.get("consumables", [])
    if not isinstance(rows, list) or len(rows) > _MOST_CONSUMABLES or not all(isinstance(row, dict) for row in rows):
        raise bad(f"'consumables' must be a list of at most {_MOST_CONSUMABLES} {{en, ru, quantity, unit}}")
    found = []
    for row in rows:
        line, quantity = part(order, row), row.get("quantity")
        if isinstance(quantity, bool) or not isinstance(quantity, int | float) or not 0 <= quantity < 1e6:
            raise bad("'quantity' of a consumable must be a number of 0 or more")
        found.append({"en": line.text("en"), "ru": line.text("ru"), "quantity": quantity, "unit": line.text("unit")})
    return tuple(found)


def _words(store: MaintenanceStore, record: ServiceRecord) -> tuple[str, str]:
    """What the journal says: the level, and at how many hours."""
    version = store.text(record.text_id) if record.text_id else None
    level = version.programme.level(record.level) if version else None
    en, ru = (level.title.get(one, record.level) if level else record.level for one in ("en", "ru"))
    if record.void:
        return f"{en}: not done", f"{ru}: не выполнялось"
    if record.done_hours is None:
        return en, ru
    return f"{en} at {record.done_hours:.1f} h", f"{ru} при {record.done_hours:.1f} ч"
