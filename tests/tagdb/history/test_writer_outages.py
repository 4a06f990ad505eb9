"""The writer while the database is away: items go to the spool, and to the database afterwards.

| fault | what must come of it |
| --- | --- |
| the database is locked, full, down | items go to the spool, and to the database afterwards |
| it does not answer | the same, and the answer that comes late doubles nothing |
"""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

from tagdb.history import HistoryWriter, open_history
from tagdb.history.ledger import Ledger
from tests.support.clock import ManualClock
from tests.support.running import wait_until
from tests.tagdb.history.cluster import Cluster
from tests.tagdb.history.conftest import Make, down
from tests.tagdb.history.samples import event, keys_at, record


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
        self.go.wait(60)
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
    assert writer._lane._ended.wait(60)
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
    assert writer._lane._ended.wait(60)
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
            assert go_on.wait(60)
            super()._note(fresh)

    records = [record(number) for number in range(1, 10)]
    first, second = Slow(fresh_postgresql, "place", 30), Ledger(fresh_postgresql, "place", 30)
    threads = [threading.Thread(target=ledger.write, args=(records,)) for ledger in (first, second)]
    threads[0].start()
    assert paused.wait(60)
    threads[1].start()
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    wait_until(lambda: cluster.ask(waiting) > 0, "the second one waits for the first")
    go_on.set()
    for thread in threads:
        thread.join(60)
    assert keys_at(fresh_postgresql) == list(range(1, 10))
    first.close()
    second.close()
