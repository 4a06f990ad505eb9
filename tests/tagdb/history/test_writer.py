"""The writer: in order, once, never in the way of who posts.

| fault | what must come of it |
| --- | --- |
| the database is locked, full, down | items go to the spool, and to the database afterwards |
| it does not answer | the same, and the answer that comes late doubles nothing |
| the queue is full, the spool is full | the oldest go, and are counted |
| an item is none | it goes alone, and is counted |
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tagdb.history import Deferred, Event, HistoryWriter, open_history
from tagdb.history.ledger import Ledger
from tests.support.clock import ManualClock
from tests.support.running import wait_until
from tests.tagdb.history.cluster import Cluster
from tests.tagdb.history.samples import alarm, event, keys_at, record

Make = Callable[..., HistoryWriter]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def make(tmp_path: Path, clock: ManualClock) -> Iterator[Make]:
    """Writers without a thread, on a clock that stands still; closed at the end."""
    made: list[HistoryWriter] = []

    def maker(url: str, **more: Any) -> HistoryWriter:
        settings: dict[str, Any] = {"period_s": 0.01, "timeout_s": 2.0, "monotonic": clock.monotonic}
        made.append(HistoryWriter(url, tmp_path / "spool", **settings | more))
        return made[-1]

    yield maker
    for writer in made:
        writer.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/history.sqlite3"


def down(tmp_path: Path) -> str:
    """A database that cannot be opened: a folder is in its place."""
    (tmp_path / "history.sqlite3").mkdir()
    return f"sqlite:///{tmp_path}/history.sqlite3"


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
    assert writer.flush(10)
    assert keys_at(url) == list(range(100))
    writer.stop()


def test_stopping_writes_what_waits(url: str, make: Make) -> None:
    writer = make(url, period_s=60.0)
    writer.start()
    writer.post(event(1))
    writer.stop()
    assert keys_at(url) == [1]


def test_a_locked_database_is_waited_for_on_the_disk(
    sqlite: str, tmp_path: Path, make: Make, clock: ManualClock
) -> None:
    open_history(sqlite)
    lock = sqlite3.connect(tmp_path / "history.sqlite3", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    writer = make(sqlite, timeout_s=0.01)
    for number in range(20):
        writer.post(event(number))
    writer.step()
    status = writer.status()
    assert (status["spooled"], status["queued"], status["healthy"]) == (20, 0, False)
    assert "locked" in status["last_error"]
    lock.execute("ROLLBACK")
    lock.close()
    writer.post(event(20))
    clock.now += 1
    writer.step()
    assert keys_at(sqlite) == list(range(21))
    assert writer.status()["healthy"]


def test_failures_are_tried_again_after_longer_and_longer_pauses(
    tmp_path: Path, make: Make, clock: ManualClock
) -> None:
    url = down(tmp_path)
    writer = make(url, retry_s=1.0, longest_retry_s=4.0)
    tries = []
    ledger_write = writer._ledger.write

    def counted(*args: Any, **more: Any) -> Any:
        tries.append(clock.now - 1000.0)
        return ledger_write(*args, **more)

    writer._ledger.write = counted  # type: ignore[method-assign]
    for _ in range(40):
        writer.step()
        clock.now += 0.5
    assert tries == [0, 1, 3, 7, 11, 15, 19]


def test_a_full_database_is_waited_for_on_the_disk(sqlite: str, tmp_path: Path, make: Make, clock: ManualClock) -> None:
    writer = make(sqlite)
    writer.step()
    database: Any = writer._ledger._database
    database._pragmas = [*database._pragmas, ("max_page_count", 40)]
    writer._lane.call(writer._close_ledger, 5)
    for number in range(300):
        writer.post(event(number, comment="x" * 1000))
        if number % 100 == 99:
            writer.step()
            clock.now += 100
    status = writer.status()
    assert not status["healthy"]
    assert "full" in status["last_error"]
    assert status["written"] + status["spooled"] == 300
    database._pragmas = database._pragmas[:-1]
    writer._lane.call(writer._close_ledger, 5)
    writer.step()
    assert keys_at(sqlite) == list(range(300))


def test_a_database_that_was_stopped_is_written_when_it_is_back(
    cluster: Cluster, fresh_postgresql: str, make: Make, clock: ManualClock
) -> None:
    writer = make(fresh_postgresql)
    writer.post(event(0))
    writer.step()
    cluster.stop()
    try:
        for number in range(1, 30):
            writer.post(event(number))
        writer.step()
        assert writer.status()["spooled"] == 29
        assert not writer.status()["healthy"]
    finally:
        cluster.start()
    clock.now += 1
    writer.step()
    assert keys_at(fresh_postgresql) == list(range(30))
    assert writer.status()["written"] == 30


def test_an_idle_writer_notices_that_the_database_went_away(
    cluster: Cluster, fresh_postgresql: str, make: Make, clock: ManualClock
) -> None:
    writer = make(fresh_postgresql, longest_retry_s=10.0)
    writer.step()
    cluster.stop()
    try:
        clock.now += 9
        writer.step()
        assert writer.status()["healthy"]
        clock.now += 2
        writer.step()
        assert not writer.status()["healthy"]
    finally:
        cluster.start()


class SilentLedger(Ledger):
    """Waits before it writes until a test lets it."""

    def __init__(self, url: str) -> None:
        super().__init__(url, "place")
        self.go = threading.Event()
        self.go.set()

    def write(self, *args: Any, **more: Any) -> Any:
        self.go.wait(30)
        return super().write(*args, **more)


def test_an_answer_that_comes_late_doubles_nothing(url: str, make: Make, clock: ManualClock) -> None:
    ledger = SilentLedger(url)
    writer = make(url, ledger=ledger, timeout_s=0.0, period_s=0.001)
    ledger.go.clear()
    for number in range(10):
        writer.post(event(number))
    writer.step()
    writer.post(event(10))
    writer.step()
    status = writer.status()
    assert (status["spooled"], status["healthy"]) == (11, False)
    assert "has not answered" in status["last_error"]
    ledger.go.set()
    assert writer._lane._ended.wait(10)
    clock.now += 100
    writer._slow_s = 10.0
    writer.step()
    assert keys_at(url) == list(range(11))
    assert (writer.status()["written"], writer.status()["spooled"]) == (11, 0)


def test_while_the_database_is_slow_a_long_queue_goes_to_the_disk(sqlite: str, make: Make, clock: ManualClock) -> None:
    ledger = SilentLedger(sqlite)
    writer = make(sqlite, ledger=ledger, queue_limit=100, batch=10, timeout_s=100.0, period_s=0.001)
    ledger.go.clear()
    for number in range(80):
        writer.post(event(number))
    writer.step()
    assert writer.status()["spooled"] == 80
    assert writer.status()["healthy"]
    ledger.go.set()
    assert writer._lane._ended.wait(10)
    writer.step()
    assert keys_at(sqlite) == list(range(80))


def test_a_server_that_hangs_does_not_hold_up_the_writer(
    cluster: Cluster, fresh_postgresql: str, tmp_path: Path
) -> None:
    writer = HistoryWriter(fresh_postgresql, tmp_path / "spool", period_s=0.01, timeout_s=0.1)
    writer.post(event(0))
    while writer.status()["written"] < 1:  # a loaded machine may take longer than this writer is patient
        writer.step()
    with cluster.frozen():
        for number in range(1, 10):
            writer.post(event(number))
        writer.step()
        assert writer.status()["spooled"] == 9
        assert "has not answered" in writer.status()["last_error"]
        # nor does it hold up the end of the process
        writer.stop(0.2)
    second = HistoryWriter(fresh_postgresql, tmp_path / "spool")
    second.post(event(10))
    second.step()
    assert keys_at(fresh_postgresql) == list(range(11))
    second.close()


def test_two_writers_of_the_same_records_take_turns(cluster: Cluster, fresh_postgresql: str) -> None:
    """As after a hung server: the one that was given up commits late, its successor has the same from the spool."""
    paused, go_on = threading.Event(), threading.Event()

    class Slow(Ledger):
        def _note(self, fresh: Any) -> None:
            paused.set()
            assert go_on.wait(30)
            super()._note(fresh)

    records = [record(number) for number in range(1, 10)]
    first, second = Slow(fresh_postgresql, "place", 30), Ledger(fresh_postgresql, "place", 30)
    threads = [threading.Thread(target=ledger.write, args=(records,)) for ledger in (first, second)]
    threads[0].start()
    assert paused.wait(30)
    threads[1].start()
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    wait_until(lambda: cluster.ask(waiting) > 0, "the second one waits for the first")
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert keys_at(fresh_postgresql) == list(range(1, 10))
    first.close()
    second.close()


def test_a_full_disk_under_database_and_spool_is_waited_for_in_memory(tmp_path: Path, clock: ManualClock) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(disk)]
    if os.getuid() != 0 or subprocess.run(options, stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip("needs the right to mount a small disk")
    try:
        url = f"sqlite:///{disk}/history.sqlite3"
        writer = HistoryWriter(url, disk / "spool", batch=20, monotonic=clock.monotonic)
        for number in range(800):
            writer.post(event(number, comment="x" * 1000))
        writer.step()
        clock.now += 100
        writer.step()
        status = writer.status()
        assert not status["healthy"]
        assert status["queued"] > 0
        assert status["written"] + status["spooled"] + status["queued"] == 800
        subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
        clock.now += 100
        writer.step()
        assert keys_at(url) == list(range(800))
        assert (writer.status()["dropped"], writer.status()["torn"]) == (0, 0)
        writer.close()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_queue_drops_the_oldest_and_counts(sqlite: str, make: Make) -> None:
    writer = make(sqlite, queue_limit=10)
    for number in range(15):
        writer.post(event(number))
    writer.step()
    assert keys_at(sqlite) == list(range(5, 15))
    assert writer.status()["dropped"] == 5


def test_a_full_spool_drops_the_oldest_and_counts(tmp_path: Path, make: Make, clock: ManualClock) -> None:
    url = down(tmp_path)
    writer = make(url, spool_limit_bytes=20_000, batch=10)
    for number in range(500):
        writer.post(event(number))
    writer.step()
    status = writer.status()
    assert status["spool_bytes"] <= 20_000 + 1000
    assert status["dropped"] > 0
    assert status["dropped"] + status["spooled"] == 500
    (tmp_path / "history.sqlite3").rmdir()
    clock.now += 100
    writer.step()
    assert keys_at(url) == list(range(status["dropped"], 500))


def test_where_the_disk_takes_nothing_either_items_wait_in_memory(
    tmp_path: Path, make: Make, clock: ManualClock
) -> None:
    (tmp_path / "spool").touch()
    url = down(tmp_path)
    writer = make(url, queue_limit=10)
    for number in range(5):
        writer.post(event(number))
    writer.step()
    assert writer.status()["queued"] == 5
    (tmp_path / "history.sqlite3").rmdir()
    clock.now += 100
    writer.step()
    assert keys_at(url) == list(range(5))
    (tmp_path / "spool").unlink()


def test_the_next_process_writes_what_the_last_one_left(url: str, make: Make) -> None:
    first = make(url, ledger=Unwilling())
    for number in range(10):
        first.post(event(number))
    first.close()
    second = make(url)
    second.post(event(10))
    second.step()
    assert keys_at(url) == list(range(11))


class Unwilling(Ledger):
    """Takes nothing."""

    def __init__(self) -> None:
        super().__init__("sqlite:////proc/history.sqlite3", "place")


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


def test_a_full_queue_drops_items_that_were_not_made_by_their_number(sqlite: str, make: Make) -> None:
    writer = make(sqlite, queue_limit=5)
    writer.post(Deferred(lambda: map(event, range(4)), 4))
    for number in range(4, 6):
        writer.post(event(number))
    writer.step()
    assert keys_at(sqlite) == [4, 5]
    assert writer.status()["dropped"] == 4


def test_what_is_no_item_goes_alone(url: str, make: Make) -> None:
    writer = make(url)
    writer.post(event(0))
    writer.post("no item")  # type: ignore[arg-type]
    writer.post(Event(time="yesterday", category="runtime", event="x"))  # type: ignore[arg-type]
    writer.upsert_alarm({"id": 1})
    writer.post(event(1))
    writer.step()
    assert keys_at(url) == [0, 1]
    assert writer.status()["dropped"] == 3


def test_what_the_database_refuses_goes_alone(url: str, make: Make) -> None:
    writer = make(url)
    for number in range(10):
        writer.post(event(number, time=1e30) if number == 5 else event(number))
    writer.step()
    assert keys_at(url) == [0, 1, 2, 3, 4, 6, 7, 8, 9]
    status = writer.status()
    assert (status["written"], status["dropped"], status["healthy"]) == (9, 1, True)


def test_any_text_and_any_value_can_be_written(url: str, make: Make) -> None:
    writer = make(url)
    odd = {"nan": float("nan"), "bytes": b"\x00", "deep": [{"set": {1}}], "nul\0": "\0", "half": "\ud800"}
    writer.post(event(1, comment="a\0b\ud800'\"%s?\n", data=odd, text={"en": "\0", "ru": "Ёлка"}))
    writer.step()
    (entry,) = open_history(url).journal()
    assert entry.event.comment == "a\N{REPLACEMENT CHARACTER}b?'\"%s?\n"
    assert entry.event.data["nan"] is None
    assert entry.event.text["ru"] == "Ёлка"


def test_an_alarm_is_one_row_that_changes(url: str, make: Make) -> None:
    writer = make(url)
    writer.upsert_alarm(alarm(1))
    writer.upsert_alarm(alarm(1, state="acknowledged", acknowledged_at=1e9 + 5))
    writer.step()
    writer.upsert_alarm(alarm(1, state="normal", acknowledged_at=1e9 + 5, cleared_at=1e9 + 6, value_raised=True))
    writer.step()
    expected = alarm(1, state="normal", acknowledged_at=1e9 + 5, cleared_at=1e9 + 6, value_raised=True)
    assert open_history(url).alarms() == [expected]


def test_another_alarm_does_not_overwrite_one_of_the_same_id(url: str, make: Make) -> None:
    writer = make(url)
    writer.upsert_alarm(alarm(1))
    writer.step()
    writer.upsert_alarm(alarm(1, key="another"))
    writer.step()
    assert open_history(url).alarms() == [alarm(1)]
    assert writer.status()["dropped"] == 1
    assert "taken by another" in writer.status()["last_error"]


def test_an_occurrence_of_the_engine_is_understood(url: str, make: Make) -> None:
    writer = make(url)
    row = alarm(3).to_json()
    row = {
        name: row[name] for name in ("id", "key", "site", "device", "priority", "kind", "label", "state", "raised_at")
    }
    writer.upsert_alarm({**row, "group": 2, "value_acked": 4.5, "source_time": 1e9, "again": 2})
    writer.step()
    expected = alarm(3, group_id=2, value_acknowledged=4.5, raised_source_time=1e9, data={"again": 2})
    assert open_history(url).alarms() == [expected]


def test_state_is_retained_by_its_newest_value(url: str, make: Make) -> None:
    writer = make(url)
    writer.retain("hours", 1)
    writer.retain("hours", 2)
    writer.retain("latch", {"set": True})
    writer.step()
    writer.retain("hours", [3])
    writer.step()
    assert open_history(url).retained() == {"hours": [3], "latch": {"set": True}}


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
