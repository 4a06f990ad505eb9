"""Services in the database: started, answered task by task, signed, and never changed again; corrections are new lines.

Every change of an open service first counts up its revision. That takes the row's lock in either database and finds the
service signed where it is, so that nothing slips in between the last look and the signature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import peewee

from tagdb.maintenance import programme_table
from tagdb.maintenance.models import Item, Photo, Service
from tagdb.maintenance.programme import Programme
from tagdb.maintenance.records import (
    ANSWERS,
    Answer,
    Conflict,
    ItemRecord,
    PhotoRecord,
    Refused,
    ServiceRecord,
    UnknownRecord,
)

__all__ = [
    "add_photo", "answer", "answers", "cancel", "find", "find_photo", "log", "need_hours", "next_number",
    "open_services", "sign", "start",
]  # fmt: skip


def log(database: peewee.Database, device: str | None = None) -> list[ServiceRecord]:
    """The signed entries of one device or of all, in the order of their signatures; without items and photos."""
    query = Service.select().where(Service.state == "signed").order_by(Service.number)
    if device is not None:
        query = query.where(Service.device == device)
    return [_record(row) for row in query.execute(database)]


def open_services(database: peewee.Database) -> list[ServiceRecord]:
    """Services that are under way, the first started first; with their items."""
    query = Service.select().where(Service.state == "open").order_by(Service.started_at)
    return [_record(row, _items(database, row.id)) for row in query.execute(database)]


def find(database: peewee.Database, number: str) -> ServiceRecord:
    """One entry with items and photos. Raises UnknownRecord."""
    for row in Service.select().where(Service.id == number).execute(database):
        return _record(row, _items(database, number), _photos(database, number))
    raise UnknownRecord("unknown-service", f"there is no service '{number}'")


def answers(database: peewee.Database, device: str | None = None) -> dict[str, list[ItemRecord]]:
    """What was said in the signed entries of one device or of all, by entry; in one question, for exports."""
    query = Item.select().join(Service, on=(Service.id == Item.service), attr="of").where(Service.state == "signed")
    if device is not None:
        query = query.where(Service.device == device)
    found: dict[str, list[ItemRecord]] = {}
    for row in query.order_by(Item.service, Item.task).execute(database):
        found.setdefault(row.service, []).append(_item(row))
    return found


def start(database: peewee.Database, number: str, device: str, level: str, who: str, now: float) -> ServiceRecord:
    """Begin a service by the programme's newest version; the same number once more gives the same service.

    Raises UnknownRecord, Refused, and Conflict where one of this level is open.
    """
    if rows := list(Service.select().where(Service.id == number).execute(database)):
        if (rows[0].device, rows[0].level) != (device, level):
            raise Conflict("service-exists", "there is another service of this number")
        return find(database, number)
    version = programme_table.of_device(database, device)
    if version.programme.level(level) is None:
        raise UnknownRecord("unknown-level", f"programme '{version.programme.code}' has no level '{level}'")
    same = Service.select().where((Service.device == device) & (Service.level == level) & (Service.state == "open"))
    for row in same.execute(database):
        message = f"a service of this level is open since {row.started_by} started it"
        current = {"id": row.id, "who": row.started_by, "time": row.started_at}
        raise Conflict("service-open", message, current, who=row.started_by)
    Service.insert(
        id=number, device=device, level=level, kind="service", state="open", text_id=version.id, started_at=now,
        started_by=who, done_at=None, done_hours=None, signed_at=None, signed_by="", number=0, note="", corrects="",
        void=False, revision=1,
    ).execute(database)  # fmt: skip
    return find(database, number)


def answer(
    database: peewee.Database, number: str, task: str, said: Answer, revision: int, stamp: str, who: str, now: float
) -> ItemRecord:
    """Store what was said to a task ("" = the note to the whole service).

    Args:
        revision: of the answer that was changed; 0 = there was none.
        stamp: chosen by the caller; the same one again changes nothing, so that a request may be repeated.

    Raises UnknownRecord, Refused, and Conflict when somebody else answered meanwhile.
    """
    service = find(database, number)
    before = next((item for item in service.items if item.task == task), None)
    if before is not None and stamp and before.stamp == stamp:
        return before
    _check_answer(database, service, task, said)
    _touch(database, number)
    before = next((item for item in _items(database, number) if item.task == task), None)
    if before is not None and before.answer == said:
        return before
    if (before.revision if before else 0) != revision:
        message = f"{before.who if before else 'somebody'} has answered this task otherwise meanwhile"
        raise Conflict("item-changed", message, before.to_json() if before else None)
    values = {
        "answer": said.answer, "reason": said.reason, "value": said.value, "note": said.note,
        "consumables": [dict(one) for one in said.consumables], "who": who, "time": now, "revision": revision + 1,
        "stamp": stamp,
    }  # fmt: skip
    if before is None:
        Item.insert(service=number, task=task, **values).execute(database)
    else:
        Item.update(**values).where((Item.service == number) & (Item.task == task)).execute(database)
    return next(item for item in _items(database, number) if item.task == task)


def sign(
    database: peewee.Database, number: str, done_at: float, done_hours: float | None, who: str, now: float
) -> ServiceRecord:
    """Close a service; from then on nothing of it changes. Once more by the same person it is the same.

    Raises UnknownRecord, Refused with the tasks that are missing, or for the hours.
    """
    service = find(database, number)
    if service.state == "signed" and service.signed_by == who:
        return service
    _touch(database, number)
    service = find(database, number)
    programme = _programme(database, service)
    missing = unanswered(programme, service)
    if missing:
        raise Refused("tasks-missing", f"critical tasks without an answer: {', '.join(missing)}", n=len(missing))
    need_hours(programme, service.level, done_hours)
    note = next((item.answer.note for item in service.items if not item.task), "")
    change = Service.update(
        state="signed", done_at=done_at, done_hours=done_hours, signed_at=now, signed_by=who, note=note,
        number=next_number(database),
    )  # fmt: skip
    change.where(Service.id == number).execute(database)
    return find(database, number)


def cancel(database: peewee.Database, number: str, reason: str, who: str, now: float) -> ServiceRecord:
    """Give a service up that was started by mistake; it stays in the database, and counts for nothing."""
    _touch(database, number)
    Service.update(state="cancelled", note=reason, signed_by=who, signed_at=now).where(Service.id == number).execute(
        database
    )
    return find(database, number)


def add_photo(database: peewee.Database, photo: PhotoRecord, most: int) -> PhotoRecord:
    """Add a photo; the same id once more is the same photo. Raises UnknownRecord, Refused."""
    service = find(database, photo.service)
    if found := next((one for one in service.photos if one.id == photo.id), None):
        return found
    if photo.task and photo.task not in _tasks(_programme(database, service), service.level):
        raise UnknownRecord("unknown-task", f"this service has no task '{photo.task}'")
    _touch(database, photo.service)
    if len(_photos(database, photo.service)) >= most:
        raise Refused("too-many-photos", f"a service takes at most {most} photos", n=most)
    Photo.insert(
        id=photo.id, service=photo.service, task=photo.task, name=photo.name, mime=photo.mime, size=photo.size,
        who=photo.who, time=photo.time,
    ).execute(database)  # fmt: skip
    return photo


def find_photo(database: peewee.Database, number: str) -> PhotoRecord:
    """One photo. Raises UnknownRecord."""
    for row in Photo.select().where(Photo.id == number).execute(database):
        return _photo(row)
    raise UnknownRecord("unknown-photo", f"there is no photo '{number}'")


def unanswered(programme: Programme, service: ServiceRecord) -> list[str]:
    """Critical tasks that have no answer yet, as "level.task"."""
    said = {item.task for item in service.items if item.answer.answer}
    return [
        name
        for level, task in programme.checklist(service.level)
        if task.critical and (name := f"{level.id}.{task.id}") not in said
    ]


def need_hours(programme: Programme, level: str, done_hours: float | None) -> None:
    """Raises Refused where a due point would be lost for want of the hours at which the work was done."""
    if done_hours is None and programme.counts_hours(level):
        raise Refused("hours-missing", f"level '{level}' counts by engine hours: say at how many the work was done")


def next_number(database: peewee.Database) -> int:
    """For the entry that is signed next."""
    return int(Service.select(peewee.fn.MAX(Service.number)).scalar(database) or 0) + 1


def _check_answer(database: peewee.Database, service: ServiceRecord, task: str, said: Answer) -> None:
    if service.state != "open":
        raise Refused("service-closed", "this service is signed or given up: enter a correction")
    if said.answer not in ANSWERS:
        raise Refused("bad-answer", f"answer '{said.answer}': expected done, not_done, na or nothing")
    if task and task not in _tasks(_programme(database, service), service.level):
        raise UnknownRecord("unknown-task", f"this service has no task '{task}'")
    if said.answer == "not_done" and not said.reason.strip():
        raise Refused("reason-missing", "a task that was not done needs a reason")


def _touch(database: peewee.Database, number: str) -> None:
    change = Service.update(revision=Service.revision + 1)
    if not change.where((Service.id == number) & (Service.state == "open")).execute(database):
        find(database, number)
        raise Refused("service-closed", "this service is signed or given up: enter a correction")


def _programme(database: peewee.Database, service: ServiceRecord) -> Programme:
    if service.text_id is None:
        raise Refused("no-programme", "this entry has no checklist")
    return programme_table.text_of(database, service.text_id).programme


def _tasks(programme: Programme, level: str) -> Mapping[str, bool]:
    return {f"{owner.id}.{task.id}": task.critical for owner, task in programme.checklist(level)}


def _items(database: peewee.Database, number: str) -> list[ItemRecord]:
    query = Item.select().where(Item.service == number).order_by(Item.task)
    return [_item(row) for row in query.execute(database)]


def _photos(database: peewee.Database, number: str) -> list[PhotoRecord]:
    query = Photo.select().where(Photo.service == number).order_by(Photo.time)
    return [_photo(row) for row in query.execute(database)]


def _item(row: Item) -> ItemRecord:
    said = Answer(row.answer, row.reason, row.value, row.note, tuple(row.consumables))
    return ItemRecord(row.task, said, row.who, row.time, row.revision, row.stamp)


def _photo(row: Photo) -> PhotoRecord:
    return PhotoRecord(row.id, row.service, row.task, row.name, row.mime, row.size, row.who, row.time)


def _record(row: Service, items: Sequence[ItemRecord] = (), photos: Sequence[PhotoRecord] = ()) -> ServiceRecord:
    names = (
        "id", "device", "level", "kind", "state", "started_at", "started_by", "done_at", "done_hours", "signed_at",
        "signed_by", "number", "note", "corrects", "void", "revision", "text_id",
    )  # fmt: skip
    return ServiceRecord(**{name: getattr(row, name) for name in names}, items=tuple(items), photos=tuple(photos))
