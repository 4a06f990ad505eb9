"""The writer when there is no more room: the oldest go, and are counted; a full disk is waited for in memory."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tagdb.history import Deferred, HistoryWriter
from tests.support.clock import ManualClock
from tests.tagdb.history.conftest import Make, down
from tests.tagdb.history.samples import event, keys_at


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


def test_a_full_queue_drops_items_that_were_not_made_by_their_number(sqlite: str, make: Make) -> None:
    writer = make(sqlite, queue_limit=5)
    writer.post(Deferred(lambda: map(event, range(4)), 4))
    for number in range(4, 6):
        writer.post(event(number))
    writer.step()
    assert keys_at(sqlite) == [4, 5]
    assert writer.status()["dropped"] == 4
