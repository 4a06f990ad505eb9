"""Scan start jitter: idle, then with 20 browsers' worth of WebSocket clients and a hammered REST API.

Runs the whole demo (plant, scan at 100 ms, pages) as ``scada run`` does, on free ports. The start of each scan is read
from the process image, so the scan's own account is not needed for its trial. Each client subscribes to every tag; four
threads ask /api/tags for a whole site without a pause. Clients run in a process of their own.
Prints percentiles of the start's lateness in both states and their ratio; targets: 99th percentile under 5 ms, no
overrun. Run: python benchmarks/bench_jitter.py [SECONDS]
"""

from __future__ import annotations

import json
import multiprocessing
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from multiprocessing.synchronize import Event
from pathlib import Path

import numpy as np
import simple_websocket

from runtime.settings import load_settings
from tagdb import Directory, ImageGone, ImageReader, RunDir

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.support.demo import demo_ini

TARGET_MS = 5.0
PERIOD_S = 0.1
CLIENTS = 20
HAMMERS = 4


def load(base: str, stop: Event, result: multiprocessing.Queue[tuple[int, int]]) -> None:
    """The browsers and the hammers, until told to stop."""
    messages, requests = [0] * CLIENTS, [0] * HAMMERS

    def browser(number: int) -> None:
        socket = simple_websocket.Client(f"ws://{base}/ws/tags", max_message_size=1 << 24)
        socket.send(json.dumps({"subscribe": ["*"]}))
        while not stop.is_set():
            if socket.receive(timeout=1) is not None:
                messages[number] += 1
        socket.close()

    def hammer(number: int) -> None:
        while not stop.is_set():
            with urllib.request.urlopen(f"http://{base}/api/tags?prefix=mkz", timeout=10) as answer:
                answer.read()
            requests[number] += 1

    threads = [threading.Thread(target=browser, args=(n,)) for n in range(CLIENTS)]
    threads += [threading.Thread(target=hammer, args=(n,)) for n in range(HAMMERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result.put((sum(messages), sum(requests)))


def lateness_ms(reader: ImageReader, seconds: float) -> tuple[np.ndarray, int]:  # type: ignore[type-arg]
    """How late each scan began against the best grid through all starts, and scans that were left out."""
    starts: dict[int, float] = {}
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        snapshot = reader.read()
        starts[snapshot.scan] = snapshot.monotonic
        time.sleep(PERIOD_S / 4)
    moments = np.array([starts[scan] for scan in sorted(starts)])
    offsets = moments % PERIOD_S
    middle = np.median(offsets)
    offsets = (offsets - middle + PERIOD_S / 2) % PERIOD_S  # the grid's phase, away from the wrap
    periods = round((moments[-1] - moments[0]) / PERIOD_S)
    return (offsets - offsets.min()) * 1000, periods - (max(starts) - min(starts))


def report(title: str, late: np.ndarray, skipped: int) -> float:  # type: ignore[type-arg]
    """Print a row; the 99th percentile."""
    p50, p99, worst = np.percentile(late, 50), np.percentile(late, 99), late.max()
    row = f"p50 {p50:6.3f}   p99 {p99:6.3f}   max {worst:7.3f} ms   skipped {skipped}"
    print(f"{title:<34} {late.size:6d} scans   {row}")
    return float(p99)


def counter(run_dir: RunDir, reader: ImageReader, name: str) -> int:
    """A number from the image."""
    tag = next(tag for tag in Directory.read(run_dir.directory).tags if tag.name == name)
    return int(reader.read().cell[tag.slot])


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    with tempfile.TemporaryDirectory() as folder:
        ini = demo_ini(Path(folder))
        ui = load_settings(ini).ui
        run_dir = RunDir.for_config(ini, demo=True)
        reader = ImageReader(run_dir.image)
        program = subprocess.Popen([sys.executable, "-m", "runtime", "run", str(ini)], stderr=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL)  # fmt: skip
        try:
            wait_ready(reader, f"http://{ui.host}:{ui.port}/healthz")
            time.sleep(3)
            idle = report("idle", *lateness_ms(reader, seconds))
            stop = multiprocessing.Event()
            result: multiprocessing.Queue[tuple[int, int]] = multiprocessing.Queue()
            clients = multiprocessing.Process(target=load, args=(f"{ui.host}:{ui.port}", stop, result))
            clients.start()
            time.sleep(3)
            overruns = counter(run_dir, reader, "scada.scan.overruns")
            loaded = report(f"{CLIENTS} WebSocket clients, {HAMMERS} hammers", *lateness_ms(reader, seconds))
            overruns = counter(run_dir, reader, "scada.scan.overruns") - overruns
            stop.set()
            messages, requests = result.get(timeout=30)
            clients.join()
        finally:
            program.send_signal(signal.SIGINT)
            program.wait(15)
    print(f"the load: {messages} messages, {requests} REST answers of a whole site; overruns under it: {overruns}")
    print(f"ratio p99 loaded / idle {loaded / idle:.1f}; target p99 under {TARGET_MS} ms and no overrun")
    return 0 if loaded < TARGET_MS and overruns == 0 else 1


def wait_ready(reader: ImageReader, health: str) -> None:
    """Until the scan runs and the pages answer."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            reader.read()
            with urllib.request.urlopen(health, timeout=2):
                return
        except (ImageGone, OSError):
            time.sleep(0.1)
    raise SystemExit("the program did not start")


if __name__ == "__main__":
    sys.exit(main())
