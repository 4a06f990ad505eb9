"""The writer: in order, once, never in the way of who posts; items that are made later."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tagdb.history import Deferred
from tagdb.history.ledger import Ledger
from tests.tagdb.history.conftest import Make
from tests.tagdb.history.samples import event, keys_at


def test_what_was_posted_is_in_the_journal_in_order(url: str, make: Make) -> None:
    writer = make(url, batch=7)
    for number in range(50):
        writer.post(event(number))
    writer.step()
    assert keys_at(url) == list(range(50))
    assert writer.status() == {
        "written": 50,
        "queued": 0,
        "spooled": 0,
        "spool_bytes": 0,
        "torn": 0,
        "dropped": 0,
        "last_error": "",
        "healthy": True,
    }


def test_the_thread_writes_by_itself_and_flush_waits_for_it(url: str, make: Make) -> None:
    writer = make(url)
    writer.start()
    for number in range(100):
        writer.post(event(number))
    assert writer.flush(60)
    assert keys_at(url) == list(range(100))
    writer.stop()


def test_stopping_writes_what_waits(url: str, make: Make) -> None:
    writer = make(url, period_s=60.0)
    writer.start()
    writer.post(event(1))
    writer.stop()
    assert keys_at(url) == [1]


class Unwilling(Ledger):
    """Takes nothing."""

    def __init__(self) -> None:
        super().__init__("sqlite:////proc/history.sqlite3", "place")


def test_the_next_process_writes_what_the_last_one_left(url: str, make: Make) -> None:
    first = make(url, ledger=Unwilling())
    for number in range(10):
        first.post(event(number))
    first.close()
    second = make(url)
    second.post(event(10))
    second.step()
    assert keys_at(url) == list(range(11))


def test_items_that_are_made_later_keep_their_place(sqlite: str, make: Make) -> None:
    writer = make(sqlite, batch=3)
    writer.post(event(1))
    writer.post(Deferred(lambda: map(event, range(2, 7)), 5))
    writer.post(event(7))
    assert writer.status()["queued"] == 7
    writer.step()
    assert keys_at(sqlite) == list(range(1, 8))
    assert (writer.status()["queued"], writer.status()["written"]) == (0, 7)


def test_items_that_cannot_be_made_go_alone_and_count(sqlite: str, make: Make) -> None:
    writer = make(sqlite)
    writer.post(Deferred(lambda: [event("no number" + 1)], 4))  # type: ignore[operator]
    writer.post(event(1))
    writer.step()
    assert keys_at(sqlite) == [1]
    assert writer.status()["dropped"] == 4


def test_marks_of_earlier_runs_go_once_their_spool_is_empty(sqlite: str, tmp_path: Path, make: Make) -> None:
    for number in range(3):
        writer = make(sqlite)
        writer.post(event(number))
        writer.step()
        writer.close()
    with sqlite3.connect(tmp_path / "history.sqlite3") as database:
        (count,) = database.execute("SELECT count(*) FROM writer_mark").fetchone()
    database.close()
    assert count == 1
