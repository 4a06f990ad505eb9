"""A process that is killed in the middle of a burst: what it had written or spooled is there once, in order."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tagdb.history import HistoryWriter, open_history
from tests.support.process import ended_with_test
from tests.tagdb.history.samples import keys_at

# Posts without end, in bursts, and tells how many are safe: written, or on the disk.
_PROGRAM = """
import sys
from pathlib import Path
from tagdb.history import Event, HistoryWriter
writer = HistoryWriter(sys.argv[1], Path(sys.argv[2]), batch=50, period_s=0.001, timeout_s=0.05, retry_s=0.05)
writer.start()
number = 0
while True:
    for _ in range(500):
        writer.post(Event(time=1e9 + number, category="runtime", event="tick", key=str(number)))
        number += 1
    while writer.status()["queued"] > 1000:
        writer.flush(0.01)
    status = writer.status()
    print(status["written"], status["spooled"], flush=True)
"""


def kill_after(url: str, spool: Path, safe: int) -> int:
    """Run it until so many are safe, kill it; returns how many are for certain."""
    command = [sys.executable, "-c", _PROGRAM, url, str(spool)]
    with ended_with_test(subprocess.Popen(command, stdout=subprocess.PIPE, text=True)) as child:
        assert child.stdout is not None
        for line in child.stdout:
            told = sum(map(int, line.split()))
            if told >= safe:
                break
        child.kill()
        rest = child.stdout.read().splitlines()
        if rest and len(rest[-1].split()) == 2:
            told = max(told, sum(map(int, rest[-1].split())))
    return told


def take_up(url: str, spool: Path) -> None:
    """What the next process does first."""
    writer = HistoryWriter(url, spool)
    writer.step()
    assert writer.status()["spooled"] == 0
    writer.close()


def test_a_burst_that_is_killed_leaves_a_whole_beginning(url: str, tmp_path: Path) -> None:
    told = kill_after(url, tmp_path / "spool", 3000)
    take_up(url, tmp_path / "spool")
    keys = keys_at(url)
    assert keys == list(range(len(keys)))
    assert len(keys) >= min(told, 10_000)


def test_what_was_spooled_before_the_kill_is_written_by_the_next_process(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/history.sqlite3"
    open_history(url)
    lock = sqlite3.connect(tmp_path / "history.sqlite3", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    told = kill_after(url, tmp_path / "spool", 2000)
    assert keys_at(url) == []
    lock.execute("ROLLBACK")
    lock.close()
    take_up(url, tmp_path / "spool")
    keys = keys_at(url)
    assert keys == list(range(len(keys)))
    assert len(keys) >= min(told, 10_000)


@pytest.mark.parametrize("times", [3])
def test_killed_again_and_again_nothing_is_doubled(tmp_path: Path, times: int) -> None:
    url = f"sqlite:///{tmp_path}/history.sqlite3"
    runs = []
    for _ in range(times):
        kill_after(url, tmp_path / "spool", 500)
        take_up(url, tmp_path / "spool")
        runs.append(len(keys_at(url)))
    with sqlite3.connect(tmp_path / "history.sqlite3") as database:
        keys = [int(key) for (key,) in database.execute("SELECT key FROM journal ORDER BY id")]
    database.close()
    starts = [place for place, key in enumerate(keys) if key == 0]
    assert len(starts) == times
    for start, end in zip(starts, [*starts[1:], len(keys)], strict=True):
        assert keys[start:end] == list(range(end - start))
