"""Which database a URL means, opened with our settings; the place where the two differ in how one connects."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import peewee
import psycopg2
from psycopg2.extensions import parse_dsn

from tagdb.sqlite_file import connect_sqlite

__all__ = [
    "DATA_ERRORS",
    "ERRORS",
    "BadUrl",
    "connect",
    "cursor_of",
    "database_of",
    "is_sqlite",
    "lock_runs",
    "run",
    "sentence",
    "shown",
]

#: what a database that is locked, full, down or broken raises, through peewee and past it
ERRORS = (peewee.PeeweeException, sqlite3.Error, psycopg2.Error, OSError)
#: what it raises where the row is at fault, not the database
DATA_ERRORS = (
    *(peewee.DataError, peewee.IntegrityError, sqlite3.DataError, sqlite3.IntegrityError),
    *(psycopg2.DataError, psycopg2.IntegrityError),
    *(ArithmeticError, AttributeError, LookupError, TypeError, ValueError),
)


# The first key of the advisory locks on runs: any number nobody else uses in this database.
_RUN_LOCK = 0x5CADB


class BadUrl(ValueError):
    """The URL names no database we know, or carries a password."""


def database_of(url: str, read_only: bool = False, timeout_s: float = 5.0, shrinks: bool = False) -> peewee.Database:
    """The database of a URL, not connected yet.

    Args:
        url: ``sqlite:///relative/path``, ``sqlite:////absolute/path`` or ``postgresql://user@host/db``, the latter
            with whatever libpq takes after a ``?``.
        timeout_s: how long a locked database is waited for; for PostgreSQL also the longest statement.
        shrinks: an SQLite file that is made now can give the disk back what is deleted in it.

    Raises BadUrl.
    """
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        return _sqlite(url, read_only, timeout_s, shrinks)
    if scheme == "postgresql":
        return _postgresql(url, read_only, timeout_s)
    raise BadUrl(f"'{scheme or url}' is no database we know: the URL begins with sqlite:/// or postgresql://")


def connect(database: peewee.Database) -> None:
    """Open this thread's connection; makes the folder of an SQLite file. Raises ERRORS."""
    if not isinstance(database, peewee.SqliteDatabase):
        database.connect()
        return
    if not database.database.startswith("file:"):
        Path(database.database).parent.mkdir(parents=True, exist_ok=True)
    connect_sqlite(database, database.timeout)


def is_sqlite(database: peewee.Database) -> bool:
    """Whether it is SQLite, PostgreSQL otherwise."""
    return isinstance(database, peewee.SqliteDatabase)


def run(database: peewee.Database, sql: str, params: Sequence[Any] | None = None) -> Any:
    """Run one statement; returns the cursor."""
    return database.execute_sql(sql, params)  # type: ignore[no-untyped-call]


def lock_runs(database: peewee.Database, runs: Iterable[str]) -> None:
    """Nobody else takes records of these writers' runs until this transaction ends.

    Without it a writer that was given up while its server hung, and its successor, could each see that the records are
    missing, and both write them. SQLite has it already: a transaction begins with the write lock.
    """
    if not is_sqlite(database):
        for name in sorted(runs):
            run(database, "SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (_RUN_LOCK, name))


def cursor_of(database: peewee.Database) -> Any:
    """The driver's cursor on this thread's connection."""
    return database.cursor()  # type: ignore[no-untyped-call]


def sentence(problem: BaseException) -> str:
    """What went wrong at first, on one line: a failed rollback, say, hides why there was one."""
    while problem.__context__ is not None and not problem.__suppress_context__:
        problem = problem.__context__
    return " ".join(str(problem).split()) or type(problem).__name__


def shown(url: str) -> str:
    """The URL as it may be logged: without a password, even a forbidden one."""
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    name = user.partition(":")[0]
    return f"{parts.scheme}://{name + '@' if name else ''}{host}{parts.path}"


def _sqlite(url: str, read_only: bool, timeout_s: float, shrinks: bool) -> peewee.Database:
    parts = urlsplit(url)
    path = unquote(parts.path.removeprefix("/"))
    if parts.netloc or not path:
        raise BadUrl(f"{shown(url)}: a file is named by three slashes, sqlite:///var/history.sqlite3")
    # Writers take the lock when they begin: a transaction that reads first and then wants to write is refused at once.
    pragmas: dict[str, str | int] = {"foreign_keys": 1}
    if read_only:
        name = f"file:{quote(path)}?mode=ro"
        return peewee.SqliteDatabase(name, pragmas=pragmas | {"query_only": 1}, timeout=timeout_s, uri=True)
    # WAL with NORMAL: a killed process loses nothing; a power cut may lose the last commits, never the file.
    if shrinks:
        pragmas["auto_vacuum"] = 2  # incremental; has no effect after the journal's mode is set
    pragmas |= {"journal_mode": "wal", "synchronous": 1, "journal_size_limit": 64 << 20}
    return peewee.SqliteDatabase(path, pragmas=pragmas, timeout=timeout_s, lock_type="IMMEDIATE")


def _postgresql(url: str, read_only: bool, timeout_s: float) -> peewee.Database:
    try:
        given = parse_dsn(url)
    except psycopg2.ProgrammingError:
        # libpq's own sentence would repeat the URL
        raise BadUrl(f"{shown(url)}: libpq cannot read this URL") from None
    if "password" in given:
        raise BadUrl(f"{shown(url)}: the password goes into ~/.pgpass or PGPASSWORD, not into the URL")
    options = f"-c statement_timeout={timeout_s * 1000:.0f} -c lock_timeout={timeout_s * 1000:.0f}"
    if read_only:
        options += " -c default_transaction_read_only=on"
    return peewee.PostgresqlDatabase(
        url,
        options=f"{given.get('options', '')} {options}".strip(),
        application_name="scada",
        connect_timeout=max(2, round(timeout_s)),  # libpq takes no less
        tcp_user_timeout=round(timeout_s * 1000),
        client_encoding="utf8",
    )
