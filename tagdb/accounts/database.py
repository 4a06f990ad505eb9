"""The accounts' own SQLite file, opened for this user alone, its schema brought forward step by step.

One connection for each process, taken in turns: every operation is short, and a web server has hundreds of threads.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import peewee

from tagdb.sqlite_file import connect_sqlite

__all__ = ["ERRORS", "NEWEST", "AccountsUnusable", "Database"]

#: what a database that is locked, full or broken raises, through peewee and past it
ERRORS = (peewee.PeeweeException, sqlite3.Error, OSError)

#: each step is numbered by its place, goes forward only, and is never edited once it was released
_STEPS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE fact (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)",
        "CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT NOT NULL, key TEXT NOT NULL UNIQUE, "
        "title TEXT NOT NULL, role TEXT NOT NULL, sites TEXT NOT NULL, password TEXT NOT NULL, totp TEXT NOT NULL, "
        "totp_step INTEGER NOT NULL, created_at REAL NOT NULL, password_at REAL, seen_at REAL, disabled_at REAL)",
        "CREATE TABLE session (id TEXT NOT NULL PRIMARY KEY, hash TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, "
        "user_id INTEGER REFERENCES user (id), name TEXT NOT NULL, origin TEXT NOT NULL, agent TEXT NOT NULL, "
        "created_at REAL NOT NULL, seen_at REAL NOT NULL, authenticated_at REAL NOT NULL, idle_s REAL, "
        "expires_at REAL NOT NULL, ended_at REAL, why TEXT NOT NULL)",
        "CREATE INDEX session_user ON session (user_id, ended_at)",
        "CREATE TABLE token (id TEXT NOT NULL PRIMARY KEY, hash TEXT NOT NULL UNIQUE, name TEXT NOT NULL, "
        "role TEXT NOT NULL, sites TEXT NOT NULL, created_by TEXT NOT NULL, created_at REAL NOT NULL, "
        "expires_at REAL, seen_at REAL, ended_at REAL)",
        "CREATE TABLE link (hash TEXT NOT NULL PRIMARY KEY, purpose TEXT NOT NULL, "
        "user_id INTEGER REFERENCES user (id), name TEXT NOT NULL, created_by TEXT NOT NULL, created_at REAL NOT NULL, "
        "expires_at REAL NOT NULL, used_at REAL)",
        "CREATE TABLE recovery (hash TEXT NOT NULL PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES user (id), "
        "used_at REAL)",
        "CREATE TABLE attempt (key TEXT NOT NULL PRIMARY KEY, failures INTEGER NOT NULL, last_at REAL NOT NULL, "
        "wait_until REAL NOT NULL)",
    ),
)
NEWEST = len(_STEPS)


class AccountsUnusable(Exception):
    """The file is not one of accounts for this installation, or others may read it; the message says which."""


class Database:
    """One file, one connection, one lock."""

    def __init__(self, path: Path, demo: bool = False, timeout_s: float = 3.0) -> None:
        """Open or make the file. Raises AccountsUnusable, ERRORS."""
        self.path = path
        self._lock = threading.RLock()
        _prepare(path)
        # WAL with FULL: a log-out or a revoked token must not come back after a power cut.
        pragmas: dict[str, str | int] = {"foreign_keys": 1, "journal_mode": "wal", "synchronous": 2}
        self._peewee = peewee.SqliteDatabase(
            str(path), pragmas=pragmas, timeout=timeout_s, lock_type="IMMEDIATE", thread_safe=False,
            check_same_thread=False, autoconnect=False,
        )  # fmt: skip
        connect_sqlite(self._peewee, 10 * timeout_s)  # a start may wait longer than an answer: it would fail whole
        try:
            self._migrate(demo)
        except BaseException:
            self._peewee.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[peewee.Database]:
        """This thread's turn; queries are given the database (the models belong to none)."""
        with self._lock:
            yield self._peewee

    @contextmanager
    def writing(self) -> Iterator[peewee.Database]:
        """A transaction that holds the write lock from its beginning, so that what was read is still true."""
        with self._lock, self._peewee.atomic():
            yield self._peewee

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._peewee.close()

    def _migrate(self, demo: bool) -> None:
        version = self._version()
        if version < NEWEST:
            with self._peewee.atomic():
                version = self._version()
                for step in _STEPS[version:]:
                    for statement in step:
                        self._run(statement)
                if version == 0:
                    self._run(f"INSERT INTO fact VALUES ('demo', '{'yes' if demo else 'no'}')")  # noqa: S608
                self._run(f"PRAGMA user_version = {NEWEST}")
        if version > NEWEST:
            message = f"{self.path}: schema {version}, this program knows {NEWEST}: it was written by a newer version"
            raise AccountsUnusable(message)
        (found,) = self._run("SELECT value FROM fact WHERE key = 'demo'").fetchone()
        if found != ("yes" if demo else "no"):
            # Users of a demo need no password: they must never be users of a real plant.
            theirs, ours = ("a demo", "a real plant") if found == "yes" else ("a real plant", "a demo")
            raise AccountsUnusable(f"{self.path}: these are the accounts of {theirs}, this configuration is {ours}")

    def _version(self) -> int:
        return int(self._run("PRAGMA user_version").fetchone()[0])

    def _run(self, statement: str) -> sqlite3.Cursor:
        cursor: sqlite3.Cursor = self._peewee.execute_sql(statement)  # type: ignore[no-untyped-call]
        return cursor


def _prepare(path: Path) -> None:
    """Make folder and file for this user alone; SQLite gives its side files the same permissions."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    status = path.stat()
    if status.st_uid not in (os.getuid(), 0) or status.st_mode & 0o077:
        mode = f"{status.st_mode & 0o777:o}"
        raise AccountsUnusable(f"{path}: found mode {mode} of user {status.st_uid}, wanted 600 of user {os.getuid()}")
