"""The writing end for samples: flushes become a row of the batch table, each record once; the last stage."""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import peewee

from tagdb.history.base_ledger import BaseLedger, Taken
from tagdb.history.database import cursor_of, is_sqlite, run
from tagdb.history.records import Record
from tagdb.quality import Quality
from tagdb.samples.arrays import HOLD_MS, Columns
from tagdb.samples.codec import decode_batch, encode_batch
from tagdb.samples.migrations import LINEAGE
from tagdb.samples.models import Mark, State, Tag
from tagdb.samples.records import columns_in, names_in
from tagdb.samples.tagset import TagInfo
from tagdb.tag import Kind

__all__ = ["SampleLedger", "copy_rows", "insert_batches"]

_log = logging.getLogger("history")

#: samples in one row of the batch table
_ROW = 200_000


class SampleLedger(BaseLedger):
    """Of samples, with the dictionary of their tags."""

    lineage, marks = LINEAGE, Mark

    def __init__(self, url: str, place: str, timeout_s: float = 5.0) -> None:
        """``place`` names the spool. Raises BadUrl."""
        super().__init__(url, place, timeout_s, shrinks=True)
        #: name -> key of every tag the database knows for certain; read by the thread that makes records
        self.keys: dict[str, int] = {}
        self._known: dict[str, int] = {}
        self._infos: dict[int, TagInfo] = {}
        self._active: set[int] = set()

    def write(self, records: Sequence[Record], durable: bool = False) -> Taken:
        """Take records in order; those it has taken before are passed over.

        Args:
            durable: on the disk before this returns, even through a power cut.

        Raises ERRORS when the database cannot take them now (then nothing of them is taken), SchemaTooNew.
        """
        with self._session(durable):
            if not records:
                run(self._database, "SELECT 1")
                return Taken()
            with self._database.atomic():
                taken = self._take(records)
            # not before the commit: a key that was rolled back is given to another tag
            self.keys.update(self._known)
            return taken

    def _opened(self) -> None:
        rows = Tag.select().order_by(Tag.id).execute(self._database)
        self._infos, self._active = {}, set()
        for row in rows:
            self._infos[row.id] = TagInfo(row.name, Kind(row.kind), row.unit, row.decimals, row.line)
            if row.active:
                self._active.add(row.id)
        self._known = {info.name: key for key, info in self._infos.items()}
        self.keys.update(self._known)

    def _take(self, records: Sequence[Record]) -> Taken:
        fresh = self._fresh(records)
        parts: list[Columns] = []
        state: tuple[int, Columns] | None = None
        written = refused = 0
        error = ""
        for record in fresh:
            try:
                if record.kind == "begin":
                    parts += self._begin(record, state)
                    state = (max(int(record.row["time"]), state[0] if state else 0), Columns.empty())
                else:
                    foreign = bool(record.row.get("foreign"))  # imported: not recorded by this program
                    names = self._register(names_in(record), active=not foreign)
                    part, tail = (columns_in(record, field, names) for field in ("data", "tail"))
                    parts.append(part)
                    written += len(part)
                    if not foreign:
                        state = (int(record.row["until"]), tail)
            except (ValueError, KeyError, TypeError, IndexError) as problem:
                _log.error("a record of samples cannot be read, it is lost: %s", problem)
                refused, error = refused + record.weight, str(problem)
        insert_batches(self._database, self._joined(parts))
        if state:
            self._put_state(*state)
        self._note(fresh)
        return Taken(written, refused, error)

    def _begin(self, record: Record, state: tuple[int, Columns] | None) -> list[Columns]:
        """What ends here: lines left open, and the knowledge of every tag that is not recorded any more."""
        until, tail = state or self._get_state()
        infos = [TagInfo.from_json(row) for row in record.row["tags"]]
        now = set(self._register(dict(enumerate(infos))).values())
        gone = self._active if record.row["restart"] else self._active - now
        end = min(until + 1, int(record.row["time"])) if record.row["restart"] else int(record.row["time"])
        self._active = now
        self._activate(now)
        if not gone or not until:
            return [tail]
        keys = np.array(sorted(gone), np.int32)
        # A clock far behind (one without a battery) will be set forward: what held when the last run ended ends there.
        ends = [end, until + 1] if until - end > HOLD_MS else [end]
        return [tail if record.row["restart"] else Columns.empty(), *(_unknown(keys, time) for time in ends)]

    def _activate(self, now: Iterable[int]) -> None:
        # SQLite takes some thousand parameters in one statement, and no more
        Tag.update(active=False).execute(self._database)
        keys = sorted(now)
        for start in range(0, len(keys), 500):
            Tag.update(active=True).where(Tag.id.in_(keys[start : start + 500])).execute(self._database)

    def _register(self, infos: dict[int, TagInfo], active: bool = True) -> dict[int, int]:
        """Keys of tags, made where they are new; a tag that changed is known by what it is now."""
        found = {}
        for stand_in, info in infos.items():
            key = self._known.get(info.name)
            if key is None:
                columns = "(name, kind, unit, decimals, line, active)"
                row = (info.name, str(info.kind), info.unit, info.decimals, info.line, active)
                statement = f"INSERT INTO sample_tag {columns} VALUES (?, ?, ?, ?, ?, ?) RETURNING id"  # noqa: S608
                key = int(run(self._database, self._marked(statement), row).fetchone()[0])
                self._active |= {key} if active else set()
            elif self._infos[key] != info:
                fields = {"kind": str(info.kind), "unit": info.unit, "decimals": info.decimals, "line": info.line}
                Tag.update(**fields).where(Tag.id == key).execute(self._database)
            self._infos[key], self._known[info.name], found[stand_in] = info, key, key
        return found

    def _joined(self, parts: list[Columns]) -> Columns:
        parts = [part for part in parts if len(part)]
        texts = []
        if any(part.texts for part in parts):
            keys = [key for key, info in self._infos.items() if info.kind is Kind.TEXT]
            texts = [np.isin(part.tag, keys) for part in parts]
        return Columns.joined(parts, texts or None)

    def _get_state(self) -> tuple[int, Columns]:
        row = State.select().where(State.name == "until").execute(self._database)
        for state in row:
            return state.number, decode_batch(state.data) if state.data else Columns.empty()
        return 0, Columns.empty()

    def _put_state(self, until: int, tail: Columns) -> None:
        data = encode_batch(tail.of(np.lexsort((tail.time, tail.tag)))) if len(tail) else None
        conflict = "ON CONFLICT (name) DO UPDATE SET number = excluded.number, data = excluded.data"
        statement = f"INSERT INTO sample_state (name, number, data) VALUES ('until', ?, ?) {conflict}"  # noqa: S608
        run(self._database, self._marked(statement), (until, data))

    def _marked(self, sql: str) -> str:
        return sql if is_sqlite(self._database) else sql.replace("?", "%s")


def _unknown(keys: npt.NDArray[np.int32], time: int) -> Columns:
    """From a time (milliseconds) on nothing is known of these tags."""
    count = len(keys)
    quality = np.full(count, Quality.INITIAL, np.uint16)
    return Columns(keys, np.full(count, time, np.int64), np.full(count, np.nan), quality)


def insert_batches(database: peewee.Database, columns: Columns) -> None:
    """Add samples as they came. Raises ERRORS."""
    rows = []
    for start in range(0, len(columns), _ROW):
        part = columns.of(slice(start, start + _ROW))
        part = part.of(np.lexsort((part.time, part.tag)))
        rows.append((int(part.time.min()), int(part.time.max()), len(part), encode_batch(part)))
    copy_rows(database, "sample_batch", ("first", "last", "count", "data"), rows)


def copy_rows(database: peewee.Database, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows past peewee: ``executemany`` on SQLite, COPY on PostgreSQL. Raises ERRORS."""
    if not rows:
        return
    cursor = cursor_of(database)
    with contextlib.closing(cursor):
        if is_sqlite(database):
            marks = ", ".join("?" * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)  # noqa: S608
        else:
            text = io.StringIO("".join("\t".join(map(_copied, row)) + "\n" for row in rows))
            cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", text)


def _copied(value: Any) -> str:
    if value is None:
        return "\\N"
    return "\\\\x" + value.hex() if isinstance(value, bytes) else str(value)
