"""The upkeep in its own process: it packs, tells how it goes, and is started again when it ends."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import TextIO

import pytest

from tagdb.samples import Upkeep, UpkeepProcess
from tagdb.samples import upkeep_process as module
from tagdb.samples.upkeep import work
from tests.support.running import wait_until
from tests.tagdb.samples.bench import KEEPING, NOON, Bench, tag

POWER = "mkz.gpu1.power"


class Passes:
    """A keeper whose passes go as the test says; after the last one it is let go."""

    def __init__(self, outlet: int, *passes: Exception | Upkeep) -> None:
        self._outlet, self._passes = outlet, list(passes)
        self._status = Upkeep()
        self.closed = 0

    def status(self) -> Upkeep:
        return self._status

    def step(self) -> bool:
        now = self._passes.pop(0)
        if not self._passes:
            os.close(self._outlet)
        if isinstance(now, Exception):
            raise now
        self._status = now
        return True

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def pipe() -> Iterator[tuple[TextIO, int]]:
    end, begin = os.pipe()
    with os.fdopen(end) as inlet:
        yield inlet, begin


def told(inlet: TextIO, keeper: Passes) -> list[Upkeep]:
    outlet = StringIO()
    work(keeper, inlet, outlet)  # type: ignore[arg-type]
    return [Upkeep(**json.loads(line)) for line in outlet.getvalue().splitlines()]


def test_only_what_changed_is_told(pipe: tuple[TextIO, int]) -> None:
    inlet, begin = pipe
    keeper = Passes(begin, Upkeep(unpacked=5), Upkeep(unpacked=5), Upkeep(unpacked=0, disk_bytes=9))
    assert told(inlet, keeper) == [Upkeep(unpacked=5), Upkeep(unpacked=0, disk_bytes=9)]


@pytest.mark.parametrize("problem", [sqlite3.OperationalError("disk I/O error"), RuntimeError("disk I/O error")])
def test_a_pass_that_fails_is_told_and_the_next_one_begins_anew(pipe: tuple[TextIO, int], problem: Exception) -> None:
    inlet, begin = pipe
    keeper = Passes(begin, Upkeep(unpacked=5), problem, Upkeep(unpacked=7))
    assert told(inlet, keeper) == [Upkeep(unpacked=5), Upkeep("disk I/O error", unpacked=5), Upkeep(unpacked=7)]
    assert keeper.closed == 2, "after the failure, and at the end"


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[Bench]:
    """An hour and two minutes of samples that nobody has packed."""
    bench = Bench(f"sqlite:///{tmp_path}/samples.sqlite3", tmp_path, [tag(POWER, 0)])
    for minute in range(62):
        bench.scan(NOON + minute * 60, {POWER: float(minute)})
        bench.write()
    yield bench
    bench.close()


def blocks(bench: Bench) -> int:
    with sqlite3.connect(bench.url.removeprefix("sqlite:///")) as database:
        return int(database.execute("SELECT count(*) FROM sample_block").fetchone()[0])


def test_the_process_packs_and_ends_when_it_is_let_go(recorded: Bench) -> None:
    upkeep = UpkeepProcess(recorded.url, KEEPING)
    upkeep.start()
    try:
        wait_until(lambda: blocks(recorded) > 0, "packed blocks", 60.0)
        wait_until(lambda: upkeep.status().disk_bytes > 0, "a word of how it goes", 60.0)
        assert upkeep.status().error == ""
        process = upkeep._process
        assert process is not None
        mine = os.getpriority(os.PRIO_PROCESS, 0)
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == max(10, mine), "also where the scan has a high one"
        os.kill(process.pid, signal.SIGTERM)  # as a service manager does to all: it ends when it is let go
    finally:
        upkeep.stop(60.0)
    assert process.returncode == 0


def test_a_killed_process_is_told_and_started_again(recorded: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSES_S", (0.01,))
    errors: list[str] = []
    tell = UpkeepProcess._tell
    monkeypatch.setattr(UpkeepProcess, "_tell", lambda self, told: (errors.append(told.error), tell(self, told)))
    upkeep = UpkeepProcess(recorded.url, KEEPING)
    upkeep.start()
    try:
        wait_until(lambda: upkeep.status().disk_bytes > 0, "a word of how it goes", 60.0)
        first = upkeep._process
        assert first is not None
        os.kill(first.pid, signal.SIGKILL)
        wait_until(lambda: upkeep._process is not first and upkeep.status().error == "", "another process", 60.0)
    finally:
        upkeep.stop(60.0)
    assert [error for error in errors if error] == ["the upkeep's process has ended"]
    assert errors[-1] == ""


def test_a_line_that_is_no_status_ends_nothing(tmp_path: Path) -> None:
    upkeep = UpkeepProcess(f"sqlite:///{tmp_path}/samples.sqlite3", KEEPING)
    upkeep._heard('{"unpacked": 5}')
    for line in ('{"unpa', "[]", '{"moon": 1}', "5"):
        upkeep._heard(line)
    assert upkeep.status() == Upkeep(unpacked=5)
