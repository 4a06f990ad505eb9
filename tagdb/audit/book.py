"""The audit trail's own SQLite file: lines are added, never changed; triggers refuse anything else.

Stage: below the trail that the program writes to; any number of processes add to one file, each line in a transaction
that holds the write lock from before it reads the last hash.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import peewee

from tagdb.audit.chain import FIELDS, START, hash_of
from tagdb.sqlite_file import connect_sqlite

__all__ = ["ERRORS", "AuditFilter", "AuditLine", "Book"]

#: what a file that is locked, full or broken raises
ERRORS = (peewee.PeeweeException, sqlite3.Error, OSError)
_SCHEMA = 1
_NEVER = "the audit trail is append-only"
_STATEMENTS = (
    f"CREATE TABLE audit (number INTEGER PRIMARY KEY, {', '.join(f'{name} NOT NULL' for name in FIELDS)}, "
    "previous TEXT NOT NULL, hash TEXT NOT NULL)",
    "CREATE INDEX audit_time ON audit (time)",
    *(
        f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit BEGIN SELECT RAISE(ABORT, '{_NEVER}'); END"
        for verb in ("UPDATE", "DELETE")
    ),
    f"PRAGMA user_version = {_SCHEMA}",
)
_COLUMNS = ("number", *FIELDS, "previous", "hash")


@dataclass(frozen=True, slots=True)
class AuditLine:
    """A line as it stands in the file."""

    number: int
    #: Unix seconds UTC
    time: float
    who: str
    role: str
    origin: str
    session: str
    action: str
    site: str
    target: str
    old: str
    new: str
    result: str
    #: canonical JSON
    detail: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which lines; what is empty does not restrict."""

    #: Unix seconds, from included, to excluded
    since: float | None = None
    until: float | None = None
    who: str = ""
    #: a whole action or, with a dot at its end, all that begin so: "command."; several with commas between
    action: str = ""
    site: str = ""
    result: str = ""
    #: anywhere in who, origin, action, target, old, new, detail, without regard to case
    text: str = ""


class Book:
    """One connection; used by one thread at a time."""

    def __init__(self, path: Path, timeout_s: float = 0.5, read_only: bool = False) -> None:
        """Open or make the file; ``timeout_s``: how long a locked one is waited for. Raises ERRORS."""
        if read_only:
            name = f"file:{quote(str(path))}?mode=ro"
            self._peewee = peewee.SqliteDatabase(name, uri=True, timeout=timeout_s, thread_safe=False)
            self._peewee.connect()
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        # WAL with FULL: a line that is told as written survives a power cut.
        pragmas = {"journal_mode": "wal", "synchronous": 2}
        self._peewee = peewee.SqliteDatabase(
            str(path), pragmas=pragmas, timeout=timeout_s, lock_type="IMMEDIATE", thread_safe=False
        )
        connect_sqlite(self._peewee, timeout_s)
        try:
            self._migrate()
        except BaseException:
            self._peewee.close()
            raise

    def append(self, rows: Sequence[dict[str, Any]]) -> None:
        """Add lines of ``FIELDS`` in one transaction. Raises ERRORS."""
        marks = ", ".join("?" * len(_COLUMNS))
        with self._peewee.atomic():
            number, previous = self.head()
            for row in rows:
                number += 1
                digest = hash_of(previous, number, row)
                values = (number, *(row[name] for name in FIELDS), previous, digest)
                self._run(f"INSERT INTO audit VALUES ({marks})", values)  # noqa: S608  marks alone
                previous = digest

    def head(self) -> tuple[int, str]:
        """Number and hash of the last line; (0, START) of an empty trail. Raises ERRORS."""
        row = self._run("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1").fetchone()
        return (int(row[0]), str(row[1])) if row else (0, START)

    def lines(self, which: AuditFilter, limit: int = 100, before: int = 0) -> list[AuditLine]:
        """The newest first, with numbers below ``before``. Raises ERRORS."""
        where, values = _where(which)
        if before:
            where, values = f"{where} AND number < ?", [*values, before]
        query = f"SELECT {', '.join(_COLUMNS)} FROM audit WHERE {where} ORDER BY number DESC LIMIT ?"  # noqa: S608
        return [_line(row) for row in self._run(query, [*values, limit])]

    def all_lines(self, which: AuditFilter | None = None) -> Iterator[AuditLine]:
        """From the first to the last, as of the beginning of the reading. Raises ERRORS."""
        where, values = _where(which or AuditFilter())
        query = f"SELECT {', '.join(_COLUMNS)} FROM audit WHERE {where} ORDER BY number"  # noqa: S608
        with closing(self._run(query, values)) as cursor:
            for row in cursor:
                yield _line(row)

    def close(self) -> None:
        """Let go of the file."""
        self._peewee.close()

    def _migrate(self) -> None:
        if self._version() == 0:
            with self._peewee.atomic():
                if self._version() == 0:
                    for statement in _STATEMENTS:
                        self._run(statement)
        if (version := self._version()) > _SCHEMA:
            raise OSError(f"the audit trail has schema {version}, this program knows {_SCHEMA}")

    def _version(self) -> int:
        return int(self._run("PRAGMA user_version").fetchone()[0])

    def _run(self, sql: str, values: Sequence[Any] | None = None) -> sqlite3.Cursor:
        cursor: sqlite3.Cursor = self._peewee.execute_sql(sql, values)  # type: ignore[no-untyped-call]
        return cursor


@contextmanager
def reading(path: Path) -> Iterator[Book]:
    """A reader for a moment; it changes nothing. Raises ERRORS."""
    book = Book(path, 5.0, read_only=True)
    try:
        yield book
    finally:
        book.close()


def _line(row: Sequence[Any]) -> AuditLine:
    return AuditLine(int(row[0]), row[1] / 1e6, *row[2:])


def _where(which: AuditFilter) -> tuple[str, list[Any]]:
    terms: list[str] = ["1"]
    values: list[Any] = []
    for column, value in (("who", which.who), ("site", which.site), ("result", which.result)):
        if value:
            terms.append(f"{column} = ?")
            values.append(value)
    if which.since is not None:
        terms.append("time >= ?")
        values.append(round(which.since * 1e6))
    if which.until is not None:
        terms.append("time < ?")
        values.append(round(which.until * 1e6))
    actions = [action for part in which.action.split(",") if (action := part.strip())]
    if actions:
        one_of = ("substr(action, 1, ?) = ?" if action.endswith(".") else "action = ?" for action in actions)
        terms.append(f"({' OR '.join(one_of)})")
        values += [value for a in actions for value in ([len(a), a] if a.endswith(".") else [a])]
    if which.text:
        columns = ("who", "origin", "action", "target", "old", "new", "detail")
        # SQLite's own lower() and LIKE know ASCII alone; both cases of a Russian word are looked for.
        needles = dict.fromkeys((which.text, which.text.lower(), which.text.upper(), which.text.capitalize()))
        terms.append("(" + " OR ".join(f"instr({column}, ?)" for column in columns for _ in needles) + ")")
        values += [needle for _ in columns for needle in needles]
    return " AND ".join(terms), values
