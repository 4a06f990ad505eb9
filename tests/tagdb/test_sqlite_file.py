"""Two processes open a new file at once: the later one waits until it is made."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import peewee
import pytest

from tagdb.sqlite_file import connect_sqlite


class Watched(peewee.SqliteDatabase):
    """Tells the other process, as it were, that an attempt failed."""

    other: sqlite3.Connection
    failed = 0

    def connect(self, reuse_if_open: bool = False) -> Any:
        try:
            return super().connect(reuse_if_open)
        except peewee.OperationalError:
            self.failed += 1
            if self.failed == 3:
                self.other.rollback()
            raise


@pytest.fixture
def database(tmp_path: Path) -> Watched:
    watched = Watched(str(tmp_path / "new.sqlite3"), pragmas={"journal_mode": "wal"}, timeout=0)
    watched.other = sqlite3.connect(tmp_path / "new.sqlite3")
    watched.other.execute("BEGIN EXCLUSIVE")
    return watched


def test_a_file_that_another_process_is_making_is_waited_for(database: Watched) -> None:
    connect_sqlite(database, 60.0)
    assert database.failed == 3
    assert database.execute_sql("PRAGMA journal_mode").fetchone() == ("wal",)


def test_one_that_stays_locked_is_told(database: Watched) -> None:
    with pytest.raises(peewee.OperationalError, match="locked"):
        connect_sqlite(database, 0.0)
    assert database.failed == 1


def test_another_fault_is_told_at_once(tmp_path: Path) -> None:
    database = peewee.SqliteDatabase(str(tmp_path / "no folder" / "new.sqlite3"))
    with pytest.raises(peewee.OperationalError, match="unable to open"):
        connect_sqlite(database, 60.0)
