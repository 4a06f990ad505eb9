"""Scan jitter while the history of values writes at full load, beside the same scans without a history.

A scan every 100 ms in which 2,000 of 20,000 tags change: 20,000 samples a second, the rate of a hundred controllers
polled twice a second. They are recorded, written, packed and rolled up as in service (``Recorder``, ``sample_writer``,
``UpkeepProcess``), on SQLite. Prints how late scans start and what the recorder takes of a scan, in both
states, and the ratio. The target is the scan's own: 99th percentile of the start under 5 ms.
Run: python benchmarks/bench_recording.py [SECONDS]
"""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tagdb import Batch, Kind, Quality, Tag, TagStore
from tagdb.samples import Keeping, Recorder, TagSet, UpkeepProcess, sample_writer

PERIOD_S, TAGS, CHANGED = 0.1, 20_000, 2_000
TARGET_MS = 5.0


def tags() -> list[Tag]:
    """A tenth of them with swinging doors."""
    return [
        Tag(f"mkz.gpu{n % 50}.point_{n}", n, Kind.FLOAT, "mkz", f"mkz.gpu{n % 50}", "g", {}, "kW", 1,
            deadband=0.05, compression="swinging-door" if n % 10 == 0 else "deadband")
        for n in range(TAGS)
    ]  # fmt: skip


def scans(seconds: float, recorder: Recorder | None, store: TagStore) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """Lateness of each start and time of the recorder, milliseconds."""
    noise = np.random.default_rng(1)
    late, took = [], []
    turn = np.array_split(np.arange(TAGS), TAGS // CHANGED)
    quality = np.full(CHANGED, Quality.GOOD, np.uint16)
    due = time.monotonic() + PERIOD_S
    end = due + seconds
    scan = 0
    while due < end:
        time.sleep(max(0.0, due - time.monotonic()))
        late.append((time.monotonic() - due) * 1000)
        now = time.time()
        slots = turn[scan % len(turn)]
        cells = np.round(noise.normal(400, 5, CHANGED), 1)
        store.apply(Batch(slots, cells, quality, now - 0.01, due), now)
        changed = np.flatnonzero(store.change_time == now)
        begun = time.perf_counter()
        if recorder:
            recorder.scan(store, changed, now)
        took.append((time.perf_counter() - begun) * 1000)
        scan += 1
        due += PERIOD_S
    return np.array(late), np.array(took)


def report(title: str, late: np.ndarray, took: np.ndarray) -> float:  # type: ignore[type-arg]
    """A row; the 99th percentile of the lateness."""
    p50, p99 = np.percentile(late, 50), np.percentile(late, 99)
    print(f"{title:<22} {late.size} scans   start late p50 {p50:.3f}  p99 {p99:.3f}  max {late.max():.3f} ms   "
          f"recorder p50 {np.percentile(took, 50):.3f}  p99 {np.percentile(took, 99):.3f} ms")  # fmt: skip
    return float(p99)


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    sys.setswitchinterval(0.0005)  # as the program does
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/samples.sqlite3"
        store = TagStore(TAGS)
        every = tags()
        store.install(every)
        known = TagSet(every)
        gc.collect()
        gc.freeze()
        idle = report("without a history", *scans(seconds, None, store))
        writer = sample_writer(url, Path(folder) / "spool")
        upkeep = UpkeepProcess(url, Keeping({"raw": 90, "minute": 400, "hour": 1830, "day": 7320}, 1 << 40))
        recorder = Recorder(known, writer.post, time.time(), 1.0, 3600.0)
        writer.start()
        upkeep.start()
        scans(3.0, recorder, store)  # the first flush makes the tables and the dictionary
        loaded = report("recording", *scans(seconds, recorder, store))
        writer.stop()
        upkeep.stop()
        status = writer.status()
    print(f"{status['written']:,} samples written, {status['dropped']} dropped, {status['spooled']} in the spool")
    print(f"ratio p99 recording / without {loaded / idle:.1f}; target p99 under {TARGET_MS:g} ms")
    return 0 if loaded < TARGET_MS else 1


if __name__ == "__main__":
    sys.exit(main())
