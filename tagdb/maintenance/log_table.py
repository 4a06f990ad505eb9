"""Lines of the log that are signed as they are entered (what was known at first, corrections), and meters' offsets."""

from __future__ import annotations

from collections.abc import Sequence

import peewee

from tagdb.maintenance import programme_table, service_table
from tagdb.maintenance.models import Device, Offset, Point, Service
from tagdb.maintenance.records import (
    Conflict,
    DeviceRecord,
    OffsetRecord,
    Refused,
    ServiceRecord,
    UnknownRecord,
)

__all__ = ["add_offset", "adopt", "assign", "correct", "devices", "enter", "note_point", "offsets", "points"]

_DAY_S = 86400


def devices(database: peewee.Database) -> dict[str, DeviceRecord]:
    """All engines that maintenance knows, by name."""
    rows = Device.select().order_by(Device.device).execute(database)
    return {row.device: DeviceRecord(row.device, row.programme, row.revision, row.since) for row in rows}


def adopt(database: peewee.Database, names: Sequence[str], programme: str | None, now: float) -> list[str]:
    """Add the engines that are new, with this programme; their names."""
    known = devices(database)
    new = [name for name in names if name not in known]
    for name in new:
        Device.insert(device=name, programme=programme, revision=1, since=now).execute(database)
    return new


def assign(database: peewee.Database, device: str, programme: str | None, revision: int) -> DeviceRecord:
    """Give an engine another programme, or none. Raises UnknownRecord, Conflict."""
    found = devices(database).get(device)
    if found is None:
        raise UnknownRecord("unknown-device", f"maintenance knows no device '{device}'")
    if programme is not None:
        programme_table.current(database, programme)
    change = Device.update(programme=programme, revision=revision + 1)
    if not change.where((Device.device == device) & (Device.revision == revision)).execute(database):
        current = {"programme": found.programme, "revision": found.revision}
        raise Conflict("device-changed", f"somebody else gave '{device}' a programme meanwhile", current)
    return devices(database)[device]


def enter(
    database: peewee.Database, number: str, device: str, level: str, done_at: float, done_hours: float | None,
    note: str, who: str, now: float,
) -> ServiceRecord:  # fmt: skip
    """What is known of a level that was done before maintenance knew the device. The same number again is the same."""
    if list(Service.select().where(Service.id == number).execute(database)):
        return service_table.find(database, number)
    version = programme_table.of_device(database, device)
    if version.programme.level(level) is None:
        raise UnknownRecord("unknown-level", f"programme '{version.programme.code}' has no level '{level}'")
    service_table.need_hours(version.programme, level, done_hours)
    _insert(database, number, device, level, "initial", version.id, done_at, done_hours, note, "", False, who, now)
    return service_table.find(database, number)


def correct(
    database: peewee.Database, number: str, corrects: str, done_at: float | None, done_hours: float | None, void: bool,
    reason: str, who: str, now: float,
) -> ServiceRecord:  # fmt: skip
    """A correction of a signed line, as a line of its own. Raises UnknownRecord, Refused, Conflict."""
    if list(Service.select().where(Service.id == number).execute(database)):
        return service_table.find(database, number)
    wrong = service_table.find(database, corrects)
    if wrong.state != "signed":
        raise Refused("not-signed", "only what was signed is corrected; an open service is changed itself")
    if later := list(
        Service.select().where((Service.corrects == corrects) & (Service.state == "signed")).execute(database)
    ):
        message = f"this line was corrected by {later[0].signed_by} already; correct that correction"
        raise Conflict("already-corrected", message, {"id": later[0].id}, who=later[0].signed_by)
    at = wrong.done_at if done_at is None else done_at
    hours = wrong.done_hours if done_hours is None else done_hours
    _insert(
        database, number, wrong.device, wrong.level, "correction", wrong.text_id, at or now, hours, reason, corrects,
        void, who, now,
    )  # fmt: skip
    return service_table.find(database, number)


def offsets(database: peewee.Database, device: str | None = None) -> list[OffsetRecord]:
    """Hours added to meters, the first first."""
    query = Offset.select().order_by(Offset.id)
    if device is not None:
        query = query.where(Offset.device == device)
    return [
        OffsetRecord(row.device, row.time, row.who, row.reason, row.hours, row.shown_before)
        for row in query.execute(database)
    ]


def add_offset(database: peewee.Database, offset: OffsetRecord, after: int | None) -> None:
    """Add hours to a meter.

    Args:
        after: so many entries there were when the hours were looked at; None = however many.

    Raises UnknownRecord, Conflict when somebody else added hours meanwhile.
    """
    if offset.device not in devices(database):
        raise UnknownRecord("unknown-device", f"maintenance knows no device '{offset.device}'")
    before = offsets(database, offset.device)
    if after is not None and len(before) != after:
        last = before[-1].to_json() if before else {}
        message = f"{last.get('who', 'somebody')} has set the hours of '{offset.device}' meanwhile: look again"
        raise Conflict("hours-changed", message, last | {"revision": len(before)}, who=last.get("who", ""))
    Offset.insert(
        device=offset.device, time=offset.time, who=offset.who, reason=offset.reason, hours=offset.hours,
        shown_before=offset.shown_before,
    ).execute(database)  # fmt: skip


def points(database: peewee.Database, since: float) -> dict[str, list[tuple[float, float]]]:
    """(Unix seconds, meter hours) by device, since a moment, in order; the last one of each however old it is."""
    found: dict[str, list[tuple[float, float]]] = {}
    newest = Point.alias()
    last = newest.select(peewee.fn.MAX(newest.day)).where(newest.device == Point.device)
    wanted = (Point.time >= since) | (Point.day == last)
    for row in Point.select().where(wanted).order_by(Point.device, Point.day).execute(database):
        found.setdefault(row.device, []).append((row.time, row.hours))
    return found


def note_point(database: peewee.Database, device: str, hours: float, now: float) -> None:
    """Where a meter stands; the last note of a day (UTC) stays, and the first one of all."""
    day = int(now // _DAY_S)
    values = {"time": now, "hours": hours}
    if not Point.update(**values).where((Point.device == device) & (Point.day == day)).execute(database):
        Point.insert(device=device, day=day, **values).execute(database)


def _insert(
    database: peewee.Database, number: str, device: str, level: str, kind: str, text_id: int | None, done_at: float,
    done_hours: float | None, note: str, corrects: str, void: bool, who: str, now: float,
) -> None:  # fmt: skip
    Service.insert(
        id=number, device=device, level=level, kind=kind, state="signed", text_id=text_id, started_at=now,
        started_by=who, done_at=done_at, done_hours=done_hours, signed_at=now, signed_by=who,
        number=service_table.next_number(database), note=note, corrects=corrects, void=void, revision=1,
    ).execute(database)  # fmt: skip
