"""Databases that go, disks that are full, processes that are killed: each value is there once, or counted as lost."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tagdb.samples import import_file, open_samples, sample_writer, verify
from tagdb.samples.recorder import Flush
from tests.support.process import ended_with_test
from tests.tagdb.history.cluster import Cluster
from tests.tagdb.samples.bench import DAY, NOON, Bench, tag

Make = Callable[..., Bench]
MS = round(NOON * 1000)
POWER = "a.b.power"


def values(url: str) -> list[float]:
    """All values of the tag in the order of their times, without the marks of gaps."""
    curve = open_samples(url).curves([POWER], MS - round(DAY * 1000), MS + round(DAY * 1000))[POWER]
    found: list[float] = curve.value[~np.isnan(curve.value)].tolist()
    return found


def test_a_server_that_stops_under_load(cluster: Cluster, fresh_postgresql: str, tmp_path: Path) -> None:
    one = Bench(fresh_postgresql, tmp_path, [tag(POWER, 0)])
    for number in range(5):
        one.scan(NOON + number, {POWER: float(number)})
    one.write()
    cluster.stop()
    try:
        for number in range(5, 90):
            one.scan(NOON + number, {POWER: float(number)})
            if number % 10 == 0:
                one.write()
        one.write()
        status = one.writer.status()
        assert not status["healthy"]
        assert status["spooled"] >= 85
    finally:
        cluster.start()
    one.write()
    for number in range(90, 95):
        one.scan(NOON + number, {POWER: float(number)})
    one.write()
    status = one.writer.status()
    assert (status["healthy"], status["spooled"], status["dropped"]) == (True, 0, 0)
    assert values(fresh_postgresql) == [float(number) for number in range(95)]
    one.close()


def test_a_locked_file_and_tags_that_it_does_not_know_yet(tmp_path: Path) -> None:
    """The very first values wait in the spool, with their names; the next run puts them in."""
    url = f"sqlite:///{tmp_path}/samples.sqlite3"
    lock = sqlite3.connect(tmp_path / "samples.sqlite3", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    one = Bench(url, tmp_path, [tag(POWER, 0), tag("a.b.other", 1)])
    one.writer.close()
    one.writer = sample_writer(url, tmp_path / "spool", timeout_s=0.05)
    for item in one.posted:
        one.writer.post(item)
    for number in range(20):
        one.scan(NOON + number, {POWER: float(number), "a.b.other": 1.0})
    one.write()
    assert one.writer.status()["spooled"] > 20
    one.writer.close()
    lock.execute("COMMIT")
    lock.close()
    second = Bench(url, tmp_path, [tag("a.b.other", 0), tag(POWER, 1)], now=NOON + 60)
    second.scan(NOON + 61, {POWER: 20.0})
    second.write()
    assert values(url) == [float(number) for number in range(21)]
    one.close()
    second.close()


def test_a_full_spool_lets_the_oldest_go_and_counts_them(tmp_path: Path) -> None:
    (tmp_path / "samples.sqlite3").mkdir()  # no database can be there
    url = f"sqlite:///{tmp_path}/samples.sqlite3"
    one = Bench(url, tmp_path, [tag(POWER, 0)])
    one.writer.close()
    one.writer = sample_writer(url, tmp_path / "spool", timeout_s=0.05, spool_limit_bytes=8192)
    for number in range(400):
        one.scan(NOON + number, {POWER: float(number)})
        one.write()
    status = one.writer.status()
    assert status["dropped"] > 100
    assert status["dropped"] + status["spooled"] >= 400
    one.writer.close()
    (tmp_path / "samples.sqlite3").rmdir()
    second = Bench(url, tmp_path, [tag(POWER, 0)], now=NOON + 500)
    second.write()
    found = values(url)
    assert found == [float(number) for number in range(400 - len(found), 400)]
    assert len(found) > 10
    one.close()
    second.close()


def test_a_full_queue_lets_the_oldest_go(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/samples.sqlite3"
    one = Bench(url, tmp_path, [tag(POWER, 0)])
    one.writer.close()
    one.writer = sample_writer(url, tmp_path / "spool", queue_limit=50)
    one.writer.post(one.posted[0])
    for number in range(100):
        one.scan(NOON + number, {POWER: float(number)})
        one.recorder.flush(round((NOON + number) * 1000))
    assert one.writer.status()["queued"] <= 50
    one.writer.step()
    found = values(url)
    assert found == [float(number) for number in range(100 - len(found), 100)]
    assert one.writer.status()["dropped"] >= 75
    one.close()


def test_the_same_flush_twice_is_there_once(bench: Make, url: str) -> None:
    one = bench([tag(POWER, 0)])
    one.scan(NOON, {POWER: 1.0})
    one.write()
    flushes = [item for item in one.posted if isinstance(item, Flush)]
    for item in flushes:
        one.writer.post(item)
    one.writer.step()
    assert values(url) == [1.0]
    one.keep()
    assert values(url) == [1.0]


# Records a value a scan, flushes ten at a time, and tells how many are safe.
# argv: url, spool, limit of a file in bytes, scans
_PROGRAM = """
import json, resource, sys, time
from pathlib import Path
import numpy as np
from tagdb import Batch, Quality, TagStore
from tagdb.samples import Recorder, TagSet, UpkeepProcess, sample_writer
from tests.tagdb.samples.bench import KEEPING, NOON, tag
url, spool, limit, most = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
tags = [tag("a.b.power", 0)]
store = TagStore()
store.install(tags)
writer = sample_writer(url, spool, timeout_s=0.5, period_s=0.001, retry_s=0.01)
upkeep = UpkeepProcess(url, KEEPING)
recorder = Recorder(TagSet(tags), writer.post, NOON, 1.0, 3600.0)
good = np.array([Quality.GOOD], np.uint16)
writer.start()
if not limit:
    upkeep.start()
for number in range(most):
    now = NOON + number * 0.1
    value = number + (number * 7919 % 997) / 1e6 if limit else float(number)  # nothing that packs well
    store.apply(Batch(np.array([0]), np.array([value]), good, now, now), now)
    recorder.scan(store, np.array([0]), now)
    if number % 500 == 499:
        writer.flush(0.2)
        status = writer.status()
        told = {key: status[key] for key in ("written", "spooled", "queued", "dropped", "healthy")}
        print(json.dumps(told | {"posted": number + 1}), flush=True)
recorder.flush(round((NOON + most) * 1000))
writer.stop()
status = writer.status()
print(json.dumps({key: status[key] for key in ("written", "spooled", "queued", "dropped", "healthy")}), flush=True)
"""
_ROOT = Path(__file__).parents[3]


def start(url: str, spool: Path, limit: int = 0, most: int = 10**9) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", _PROGRAM, url, str(spool), str(limit), str(most)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=_ROOT)


def test_a_killed_process_loses_no_flush(url: str, tmp_path: Path) -> None:
    with ended_with_test(start(url, tmp_path / "spool")) as child:
        assert child.stdout is not None
        told: dict[str, int] = {}
        for line in child.stdout:
            told = json.loads(line)
            if told["written"] + told["spooled"] >= 3000:
                break
        child.kill()
    second = Bench(url, tmp_path, [tag(POWER, 0)], now=NOON + 80_000)
    second.write()
    found = values(url)
    assert len(found) >= told["written"] + told["spooled"]
    assert found == [float(number) for number in range(len(found))]
    assert not verify(open_samples(url)).faults
    second.keep()
    assert values(url) == found
    second.close()


def test_a_full_disk_stops_nothing_and_what_it_cost_is_counted(tmp_path: Path) -> None:
    """No file may grow beyond 96 KB, neither the database nor its log nor the spool's segments."""
    url = f"sqlite:///{tmp_path}/samples.sqlite3"
    with ended_with_test(start(url, tmp_path / "spool", limit=96 << 10, most=8_000)) as child:
        assert child.stdout is not None
        lines = [json.loads(line) for line in child.stdout]
        assert child.wait() == 0
    assert not all(line["healthy"] for line in lines)
    last = lines[-1]
    second = Bench(url, tmp_path, [tag(POWER, 0)], now=NOON + 80_000)
    second.write()
    found = values(url)
    assert found == sorted(set(found))
    assert len(found) + last["dropped"] + last["queued"] >= 8_000
    assert not verify(open_samples(url)).faults
    second.close()


def test_an_import_of_nothing_is_nothing(tmp_path: Path) -> None:
    file = tmp_path / "none.csv"
    file.write_text("time,tag,value,quality,kind,unit,decimals,shape\n")
    assert import_file(f"sqlite:///{tmp_path}/samples.sqlite3", file) == 0
