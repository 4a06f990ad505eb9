"""Programmes in the database: each save is a new version; one made on an older version is refused."""

from __future__ import annotations

import peewee

from tagdb.maintenance.models import Device, ProgrammeRow, Service, Text
from tagdb.maintenance.programme import Programme
from tagdb.maintenance.records import Conflict, Refused, UnknownRecord, Version

__all__ = ["current", "delete", "of_device", "programmes", "save", "text_of", "versions"]


def programmes(database: peewee.Database) -> dict[str, Version]:
    """The newest version of each programme, by code."""
    query = (
        Text.select()
        .join(
            ProgrammeRow,
            on=((ProgrammeRow.code == Text.programme) & (ProgrammeRow.revision == Text.number)),
            attr="row",
        )
        .order_by(Text.programme)
    )
    return {row.programme: _version(row) for row in query.execute(database)}


def current(database: peewee.Database, code: str) -> Version:
    """The newest version. Raises UnknownRecord."""
    if found := programmes(database).get(code):
        return found
    raise UnknownRecord("unknown-programme", f"there is no maintenance programme '{code}'")


def versions(database: peewee.Database, code: str) -> list[Version]:
    """All versions, the newest first."""
    query = Text.select().where(Text.programme == code).order_by(Text.number.desc())
    return [_version(row) for row in query.execute(database)]


def text_of(database: peewee.Database, text_id: int) -> Version:
    """The version that a service was done by. Raises UnknownRecord."""
    for row in Text.select().where(Text.id == text_id).execute(database):
        return _version(row)
    raise UnknownRecord("unknown-programme", f"there is no text number {text_id}")


def of_device(database: peewee.Database, device: str) -> Version:
    """The newest version of what an engine is maintained by. Raises UnknownRecord, Refused."""
    found = list(Device.select().where(Device.device == device).execute(database))
    if not found:
        raise UnknownRecord("unknown-device", f"maintenance knows no device '{device}'")
    if not found[0].programme:
        raise Refused("no-programme", f"device '{device}' has no maintenance programme")
    return current(database, found[0].programme)


def save(
    database: peewee.Database, programme: Programme, revision: int | None, who: str, comment: str, now: float
) -> Version:
    """Add a version.

    Args:
        revision: the version that was edited; None = the programme is new.

    Raises Conflict when it was changed or made meanwhile.
    """
    code, body = programme.code, programme.to_json()
    rows = list(ProgrammeRow.select().where(ProgrammeRow.code == code).execute(database))
    found = rows[0].revision if rows else None
    if found != revision:
        raise _changed(database, code, found, revision)
    if found is not None:
        before = current(database, code)
        if before.programme == programme:
            return before
    newest = Text.select(peewee.fn.MAX(Text.number)).where(Text.programme == code).scalar(database) or 0
    if found is None:
        ProgrammeRow.insert(code=code, revision=newest + 1).execute(database)
    else:
        change = ProgrammeRow.update(revision=newest + 1)
        taken = change.where((ProgrammeRow.code == code) & (ProgrammeRow.revision == found)).execute(database)
        if not taken:
            raise _changed(database, code, found, revision)
    Text.insert(programme=code, number=newest + 1, body=body, who=who, comment=comment, time=now).execute(database)
    return current(database, code)


def delete(database: peewee.Database, code: str) -> None:
    """Take a programme off the list; its versions stay for the log. Raises UnknownRecord, Refused with who uses it."""
    current(database, code)
    users = [
        row.device for row in Device.select().where(Device.programme == code).order_by(Device.device).execute(database)
    ]
    if users:
        message = f"programme '{code}' is in use by {', '.join(users)}; give them another first"
        raise Refused("programme-in-use", message, devices=", ".join(users))
    open_ = (
        Service.select()
        .join(Text, on=(Text.id == Service.text_id), attr="text")
        .where((Service.state == "open") & (Text.programme == code))
    )
    if started := sorted({row.device for row in open_.execute(database)}):
        message = f"a service by programme '{code}' is open at {', '.join(started)}"
        raise Refused("programme-open", message, devices=", ".join(started))
    ProgrammeRow.delete().where(ProgrammeRow.code == code).execute(database)


def _changed(database: peewee.Database, code: str, found: int | None, wanted: int | None) -> Conflict:
    if found is None:
        return Conflict("programme-gone", f"programme '{code}' was deleted meanwhile")
    now = current(database, code)
    stands = {"revision": found, "who": now.who, "time": now.time}
    if wanted is None:
        return Conflict("programme-exists", f"there is a programme '{code}' already", stands)
    message = f"programme '{code}' was changed by {now.who} meanwhile: it is version {found}, you edited {wanted}"
    return Conflict("programme-changed", message, stands, who=now.who, n=found, edited=wanted)


def _version(row: Text) -> Version:
    return Version(row.id, row.number, Programme.from_json(row.body), row.who, row.comment, row.time)
