"""Opening an SQLite file that several processes may be making at the same moment."""

from __future__ import annotations

import sqlite3
import time

import peewee

__all__ = ["connect_sqlite"]

_PAUSE_S = 0.005


def connect_sqlite(database: peewee.SqliteDatabase, timeout_s: float) -> None:
    """Open this thread's connection; a file that is just being turned to write-ahead logging is waited for.

    SQLite asks its busy handler for every lock but the one that changes the journal's mode, so two processes that
    open a new file at once would find it locked at once (sqlite.org/wal.html, "Sometimes Queries Return SQLITE_BUSY").
    Raises what peewee raises, after ``timeout_s``.
    """
    end = time.monotonic() + timeout_s
    while True:
        try:
            database.connect()
        except (peewee.OperationalError, sqlite3.OperationalError) as problem:
            if "locked" not in str(problem) or time.monotonic() >= end:
                raise
            time.sleep(_PAUSE_S)
        else:
            return
