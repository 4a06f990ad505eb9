"""Everything that maintenance keeps, behind one object: programmes, engines, the log; in the history's database.

Each call is one transaction on a connection of its own, as in the history: it is done whole or not at all, and a
database that was away is simply back. Writers take turns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

import peewee

from tagdb.history.database import ERRORS, connect, database_of, run, sentence, shown
from tagdb.history.lineage import SchemaTooNew
from tagdb.maintenance import log_table, programme_table, service_table
from tagdb.maintenance.due import DAY_S, Done, last_done
from tagdb.maintenance.models import Mark
from tagdb.maintenance.plan import DevicePlan
from tagdb.maintenance.programme import Programme
from tagdb.maintenance.records import (
    Answer,
    Conflict,
    DeviceRecord,
    ItemRecord,
    OffsetRecord,
    PhotoRecord,
    Refused,
    ServiceRecord,
    Version,
)
from tagdb.maintenance.schema import LINEAGE
from tagdb.tag import Words

__all__ = ["MaintenanceStore", "StoreGone"]

_R = TypeVar("_R")
# In the database, so that of two writers each counts.
_COUNT = "UPDATE maintenance_mark SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) WHERE key = 'revision'"
#: the weeks that the forecast looks back, seconds
FORECAST_S = 28 * DAY_S


class StoreGone(Exception):
    """The database cannot be used now."""


class MaintenanceStore:
    """For any thread. Every method raises StoreGone when the database cannot be used, Refused and its children else."""

    def __init__(self, url: str, demo: bool, timeout_s: float = 5.0) -> None:
        """``url``: as the history's. ``demo``: what is kept belongs to a simulated plant. Raises BadUrl."""
        self._database = database_of(url, timeout_s=timeout_s)
        self._demo = demo
        self._ready = False
        #: revision, and what it says of every engine
        self._plans: tuple[int, dict[str, DevicePlan]] = (-1, {})
        self.shown = shown(url)

    def revision(self) -> int:
        """Changes with every write but that of points."""
        return self._read(lambda: int(_mark(self._database, "revision") or 0))

    # programmes

    def programmes(self) -> dict[str, Version]:
        """The newest version of each, by code."""
        return self._read(lambda: programme_table.programmes(self._database))

    def programme(self, code: str) -> Version:
        """The newest version of one."""
        return self._read(lambda: programme_table.current(self._database, code))

    def versions(self, code: str) -> list[Version]:
        """All versions, the newest first."""
        return self._read(lambda: programme_table.versions(self._database, code))

    def text(self, text_id: int) -> Version:
        """The version that a service is done by."""
        return self._read(lambda: programme_table.text_of(self._database, text_id))

    def save_programme(
        self, programme: Programme, revision: int | None, who: str, now: float, comment: str = ""
    ) -> Version:
        """Add a version; ``revision``: the one that was edited, None = the programme is new. Raises Conflict."""
        return self._write(lambda: programme_table.save(self._database, programme, revision, who, comment, now))

    def delete_programme(self, code: str) -> None:
        """Take a programme off the list. Raises Refused while it is in use, with the reason."""
        self._write(lambda: programme_table.delete(self._database, code))

    def seed(self, programmes: Iterable[Programme], now: float) -> bool:
        """Put the programmes that ship into a database that never had any; whether that was done."""

        def work() -> bool:
            if _mark(self._database, "seeded"):  # by another process in this very moment
                return False
            for programme in programmes:
                programme_table.save(self._database, programme, None, "scada", "", now)
            _set_mark(self._database, "seeded", "yes")
            return True

        if self._read(lambda: _mark(self._database, "seeded")):
            return False
        return self._write(work)

    # engines

    def devices(self) -> dict[str, DeviceRecord]:
        """All engines by name."""
        return self._read(lambda: log_table.devices(self._database))

    def adopt(self, names: Sequence[str], programme: str, now: float) -> list[str]:
        """Add engines that are new, with this programme where it exists; their names."""

        def work() -> list[str]:
            known = programme if programme in programme_table.programmes(self._database) else None
            return log_table.adopt(self._database, names, known, now)

        if set(names) <= set(self.devices()):
            return []
        return self._write(work)

    def assign(self, device: str, programme: str | None, revision: int) -> DeviceRecord:
        """Give an engine a programme, or none. Raises Conflict, UnknownRecord."""
        return self._write(lambda: log_table.assign(self._database, device, programme, revision))

    def level_titles(self) -> dict[str, dict[str, Words]]:
        """Engine -> level of its programme -> what it is called."""
        programmes, found = self.programmes(), {}
        for name, record in self.devices().items():
            if (version := programmes.get(record.programme or "")) is not None:
                found[name] = {level.id: level.title for level in version.programme.levels}
        return found

    def offsets(self, device: str | None = None) -> list[OffsetRecord]:
        """Hours added to meters."""
        return self._read(lambda: log_table.offsets(self._database, device))

    def add_offset(self, offset: OffsetRecord, after: int | None = None) -> None:
        """Add hours to a meter; ``after``: so many entries there were when it was looked at. Raises Conflict."""
        self._write(lambda: log_table.add_offset(self._database, offset, after))

    def note_points(self, hours: Mapping[str, float], now: float) -> None:
        """Where the meters stand, without offsets, for the forecast."""

        def work() -> None:
            for device, value in hours.items():
                log_table.note_point(self._database, device, value, now)

        self._write(work, counts=False)

    def plans(self, now: float) -> dict[str, DevicePlan]:
        """What the due arithmetic needs of every engine, by name."""

        def work() -> dict[str, DevicePlan]:
            # first: what is written from here on makes it another one
            revision = int(_mark(self._database, "revision") or 0)
            points = log_table.points(self._database, now - FORECAST_S)
            known, plans = self._plans
            if known != revision:
                plans = self._without_points()
                self._plans = revision, plans
            return {name: replace(plan, points=points.get(name, ())) for name, plan in plans.items()}

        return self._read(work)

    def _without_points(self) -> dict[str, DevicePlan]:
        """The whole log is read for it: made anew only when something was written."""
        programmes = programme_table.programmes(self._database)
        entries: dict[str, list[ServiceRecord]] = {}
        for line in service_table.log(self._database):
            entries.setdefault(line.device, []).append(line)
        added: dict[str, float] = {}
        for offset in log_table.offsets(self._database):
            added[offset.device] = added.get(offset.device, 0.0) + offset.hours
        found = {}
        for name, record in log_table.devices(self._database).items():
            version = programmes.get(record.programme or "")
            done: dict[str, Done] = {}
            if version is not None:
                done = last_done(version.programme, (one.entry() for one in entries.get(name, ())))
            found[name] = DevicePlan(name, version.programme if version else None, done, added.get(name, 0.0))
        return found

    # the log

    def log(self, device: str | None = None) -> list[ServiceRecord]:
        """Signed entries in the order of their signatures, without items."""
        return self._read(lambda: service_table.log(self._database, device))

    def answers(self, device: str | None = None) -> dict[str, list[ItemRecord]]:
        """What was said in signed entries, by entry."""
        return self._read(lambda: service_table.answers(self._database, device))

    def open_services(self) -> list[ServiceRecord]:
        """Services under way, with their items."""
        return self._read(lambda: service_table.open_services(self._database))

    def service(self, number: str) -> ServiceRecord:
        """One entry, with items and photos."""
        return self._read(lambda: service_table.find(self._database, number))

    def start(self, number: str, device: str, level: str, who: str, now: float) -> ServiceRecord:
        """Begin a service. Raises Conflict where one of this level is open."""
        return self._write(lambda: service_table.start(self._database, number, device, level, who, now))

    def answer(
        self, number: str, task: str, said: Answer, revision: int, stamp: str, who: str, now: float
    ) -> ItemRecord:
        """Store what was said to a task. Raises Conflict when somebody else did so meanwhile."""
        work = service_table.answer
        return self._write(lambda: work(self._database, number, task, said, revision, stamp, who, now))

    def sign(self, number: str, done_at: float, done_hours: float | None, who: str, now: float) -> ServiceRecord:
        """Close a service. Raises Refused with the critical tasks that are missing."""
        return self._write(lambda: service_table.sign(self._database, number, done_at, done_hours, who, now))

    def cancel(self, number: str, reason: str, who: str, now: float) -> ServiceRecord:
        """Give up a service that was started by mistake."""
        return self._write(lambda: service_table.cancel(self._database, number, reason, who, now))

    def enter(
        self, number: str, device: str, level: str, done_at: float, done_hours: float | None, who: str, now: float,
        note: str = "",
    ) -> ServiceRecord:  # fmt: skip
        """What is known of a level that was done before maintenance knew the device."""
        return self.enter_all(device, [(number, level, done_at, done_hours)], who, now, note)[0]

    def enter_all(
        self, device: str, rows: Sequence[tuple[str, str, float, float | None]], who: str, now: float, note: str = ""
    ) -> list[ServiceRecord]:
        """The same for several levels, all or none; ``rows``: number, level, Unix seconds, engine hours."""
        work, database = log_table.enter, self._database
        return self._write(
            lambda: [work(database, one, device, level, at, hours, note, who, now) for one, level, at, hours in rows]
        )

    def correct(
        self, number: str, corrects: str, reason: str, who: str, now: float, done_at: float | None = None,
        done_hours: float | None = None, void: bool = False,
    ) -> ServiceRecord:  # fmt: skip
        """A correction of a signed line, as a new line."""
        work = log_table.correct
        return self._write(lambda: work(self._database, number, corrects, done_at, done_hours, void, reason, who, now))

    def add_photo(self, photo: PhotoRecord, most: int) -> PhotoRecord:
        """Add a photo to an open service."""
        return self._write(lambda: service_table.add_photo(self._database, photo, most))

    def photo(self, number: str) -> PhotoRecord:
        """One photo."""
        return self._read(lambda: service_table.find_photo(self._database, number))

    def _read(self, work: Callable[[], _R]) -> _R:
        with self._connected():
            return work()

    def _write(self, work: Callable[[], _R], counts: bool = True) -> _R:
        with self._connected(), self._database.atomic():
            if counts:
                # First: the row's lock makes writers take turns on PostgreSQL, too, so that what one has looked at
                # holds until it is done. In SQLite a transaction begins with the write lock.
                run(self._database, _COUNT)
            return work()

    @contextmanager
    def _connected(self) -> Iterator[None]:
        try:
            connect(self._database)
            try:
                if not self._ready:
                    self._open()
                yield
            finally:
                self._database.close()
        except peewee.IntegrityError as problem:
            raise Conflict("changed-meanwhile", sentence(problem)) from problem
        except (*ERRORS, SchemaTooNew) as problem:
            raise StoreGone(f"{self.shown}: {sentence(problem)}") from problem

    def _open(self) -> None:
        LINEAGE.migrate(self._database)
        wanted = "yes" if self._demo else "no"
        with self._database.atomic():
            if not (found := _mark(self._database, "demo")):
                _set_mark(self._database, "demo", wanted)
                _set_mark(self._database, "revision", "0")
            elif found != wanted:
                kind = {"yes": "a demo plant", "no": "a real plant"}
                message = f"{self.shown} holds the maintenance of {kind[found]}, not of {kind[wanted]}"
                raise Refused("wrong-plant", message)
        self._ready = True


def _mark(database: peewee.Database, key: str) -> str:
    for row in Mark.select().where(Mark.key == key).execute(database):
        return str(row.value)
    return ""


def _set_mark(database: peewee.Database, key: str, value: str) -> None:
    if not Mark.update(value=value).where(Mark.key == key).execute(database):
        Mark.insert(key=key, value=value).execute(database)
