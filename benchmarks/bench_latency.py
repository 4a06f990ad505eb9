"""From a register's change in the simulator to the message at a WebSocket client, beside a bare polling loop.

The whole demo runs as ``scada run`` does, with the genset's fast class at 0.25 s and the scan at 100 ms; the plant is
served from this process, so that the moment of the change is known. The peer is a loop that reads the same register by
pymodbus at the same period and does nothing else: what polling alone costs. Changes come at random moments.
Prints percentiles of both and their ratio. Run: python benchmarks/bench_latency.py [CHANGES]
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import simple_websocket
from pymodbus.client import ModbusTcpClient

from runtime.settings import load_settings
from tagdb import ImageReader, RunDir

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
from bench_jitter import wait_ready

from tests.support.demo import LivePlant, demo_ini, live_plant

PERIOD_S = 0.25
TAG = "mkz.gpu1.engine_speed"
ADDRESS = 212


class Arrivals:
    """When each value was first seen."""

    def __init__(self) -> None:
        self.at: dict[float, float] = {}
        self.over = threading.Event()

    def note(self, value: float) -> None:
        """Now, if it is the first time."""
        self.at.setdefault(value, time.perf_counter())


def watch_feed(base: str, seen: Arrivals) -> None:
    """The browser."""
    client = simple_websocket.Client(f"ws://{base}/ws/tags")
    client.send(json.dumps({"subscribe": [TAG]}))
    while not seen.over.is_set():
        message = client.receive(timeout=1)
        for tag in json.loads(message).get("changes", []) if message else []:
            seen.note(tag["value"])
    client.close()


def watch_bare(port: int, seen: Arrivals) -> None:
    """The peer."""
    client = ModbusTcpClient("127.0.0.1", port=port)
    client.connect()
    due = time.perf_counter()
    while not seen.over.is_set():
        seen.note(client.read_holding_registers(ADDRESS, count=1).registers[0])
        due += PERIOD_S
        time.sleep(max(0.0, due - time.perf_counter()))
    client.close()


def change(plant: LivePlant, count: int) -> dict[float, float]:
    """Set the register to one value after the other at random moments; when each was set."""
    dice, at = random.Random(1), {}
    for value in range(1001, 1001 + count):
        plant.fault("mkz.gpu1", f"set=engine_speed:{value}")
        at[value] = time.perf_counter()
        time.sleep(dice.uniform(0.5, 1.0))
    return at


def row(title: str, seen: Arrivals, at: dict[float, float]) -> float:
    """Print percentiles; the median in milliseconds."""
    delays = np.array([(seen.at[value] - moment) * 1000 for value, moment in at.items() if value in seen.at])
    p50, p95 = np.percentile(delays, 50), np.percentile(delays, 95)
    print(f"{title:<28} p50 {p50:6.1f}   p95 {p95:6.1f}   max {delays.max():6.1f} ms   seen {delays.size}/{len(at)}")
    return float(p50)


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    with tempfile.TemporaryDirectory() as folder:
        quick = {"map = hgm9520n": f"map = hgm9520n\nperiods = fast:{PERIOD_S}"}
        ini = demo_ini(Path(folder), **quick)
        settings = load_settings(ini)
        base, run_dir = f"{settings.ui.host}:{settings.ui.port}", RunDir.for_config(ini, demo=True)
        run_dir.create()
        with live_plant(ini, moving=False) as plant:
            pages = ["-m", "ui", "--run-dir", str(run_dir.folder), "--listen", base, "--language", "en"]
            pages += ["--demo", "--accounts", json.dumps(settings.accounts.to_json())]
            processes = [
                subprocess.Popen([sys.executable, *words], stderr=subprocess.DEVNULL)
                for words in (["-m", "runtime", "scan", str(ini)], pages)
            ]
            try:
                wait_ready(ImageReader(run_dir.image), f"http://{base}/healthz")
                time.sleep(2)
                feed, bare = Arrivals(), Arrivals()
                threads = [
                    threading.Thread(target=watch_feed, args=(base, feed)),
                    threading.Thread(target=watch_bare, args=(plant.plant.ports["mkz_gpu1"], bare)),
                ]
                for thread in threads:
                    thread.start()
                at = change(plant, count)
                time.sleep(1)
            finally:
                feed.over.set()
                bare.over.set()
                for thread in threads:
                    thread.join()
                for process in processes:
                    process.send_signal(signal.SIGTERM)
                    process.wait(15)
    print(f"poll period {PERIOD_S * 1000:g} ms, scan 100 ms")
    ours, theirs = row("register to WebSocket", feed, at), row("register to a bare poller", bare, at)
    added = f"scan, image and feed add {ours - theirs:.0f} ms at the median"
    print(f"ratio ours / bare polling {ours / theirs:.2f}; {added}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
