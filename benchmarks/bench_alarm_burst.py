"""Ten thousand alarms in one scan: until the last is in the journal, at a WebSocket client, and on the alarms page.

The scan and the pages run as ``scada run`` runs them, each in a process of its own; the alarm bits of 60 gensets come
through the inbox as pollers post them, all of them set in one batch. The peer writes what our database then holds, the
same rows, by a bare loop of peewee's ``insert_many`` over an SQLite file of its own, and does nothing else.
Prints the times, the longest scan, and the ratio. The page is left out where there is no Chromium.
Run: python benchmarks/bench_alarm_burst.py
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import simple_websocket
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
from bench_jitter import wait_ready

from runtime.assembly import load
from runtime.program import Program
from runtime.scan.distribution import Distribution
from runtime.settings import load_settings
from tagdb import Batch, ImageReader, Kind, Quality, RunDir
from tagdb.history import HistoryGone, JournalFilter, open_history
from tagdb.history.database import connect, database_of
from tagdb.history.models import Alarm, Journal, RuntimeState
from tests.support.demo import ROOT
from tests.support.ports import free_ports

ALARMS, DEVICES, BATCH = 10_000, 60, 1000
CHROMIUM = Path("/usr/bin/chromium")
PATIENCE_S = 60.0


def site(folder: Path) -> Path:
    """An ini of gensets whose bits come from here: nothing is polled."""
    (port,) = free_ports(1)
    lines = ["[scada]", "demo = yes", "period_ms = 100", f"maps = {ROOT}/registermaps", "[ui]",
             f"listen = 127.0.0.1:{port}", "language = en", "[history]", f"url = sqlite:///{folder}/history.sqlite3",
             f"spool = {folder}/spool", "[site s]", "title_en = S", "title_ru = S", "[link line]",
             "address = tcp://127.0.0.1:9"]  # fmt: skip
    for number in range(DEVICES):
        lines += [f"[device s.g{number}]", f"title_en = G{number}", f"title_ru = G{number}", "map = hgm9520n",
                  "link = line", f"unit = {number + 1}"]  # fmt: skip
    ini = folder / "scada.ini"
    ini.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return ini


def scan(ini: Path) -> None:
    """The scan process: sets the bits when the file ``go`` is there, and writes down how long its scans took."""
    assembly = replace(load(ini), plan={})
    run_dir = RunDir.for_config(ini, demo=True)
    run_dir.create()
    program = Program(assembly, run_dir)
    slots = {tag.name: tag.slot for tag in assembly.directory.tags if tag.kind is Kind.BOOL}
    wanted = [row for row in assembly.alarms if row.tag in slots and not row.on_delay_s and not row.suppressed_by]
    bits = np.array([slots[row.tag] for row in wanted[:ALARMS]])
    assert bits.size == ALARMS, bits.size
    folder = ini.parent

    def read(value: float) -> None:
        good = np.full(bits.size, Quality.GOOD, np.uint16)
        clock = program.clock
        program.inbox.post(Batch(bits, np.full(bits.size, value), good, clock.time(), clock.monotonic(), source="s"))

    def feed() -> None:
        # again and again, as a poller does: what is not read goes stale
        for _ in range(20):
            read(0.0)
            time.sleep(0.2)
        (folder / "ready").touch()
        while not (folder / "go").exists():
            read(0.0)
            time.sleep(0.05)
        program.statistics.measures["exec"] = took = Distribution()
        program.statistics.measures["latency"] = late = Distribution()
        overruns = program.statistics.overruns
        (folder / "at").write_text(str(time.time()), encoding="utf-8")
        while not (folder / "stop").exists():
            read(1.0)
            time.sleep(1.0)
        told = {"longest_ms": took.worst, "late_ms": late.worst, "overruns": program.statistics.overruns - overruns}
        (folder / "scans").write_text(json.dumps(told), encoding="utf-8")
        program.stop()

    threading.Thread(target=feed, daemon=True).start()
    program.run()


def wait(condition: Callable[[], bool], what: str, pause_s: float = 0.02) -> float:
    """The time at which it was so."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"not in time: {what}")
        time.sleep(pause_s)
    return time.time()


def journalled(url: str) -> int:
    """Raised alarms in the journal."""
    try:
        told = open_history(url, read_only=True).journal_counts(JournalFilter(category=("alarm",)), by="event")
    except HistoryGone:
        return 0
    return told.get("raise", 0)


def watch_feed(base: str, found: dict[str, float]) -> None:
    """A client that subscribed to the alarms."""
    client = simple_websocket.Client(f"ws://{base}/ws/tags", max_message_size=64 << 20)
    client.send(json.dumps({"subscribe_alarms": True}))
    seen: set[int] = set()
    began = time.monotonic()
    while len(seen) < ALARMS and time.monotonic() < began + PATIENCE_S:
        message = json.loads(client.receive(timeout=1) or "{}")
        rows = [*message.get("alarms", []), *message.get("alarm_changes", [])]
        seen |= {row["id"] for row in rows}
    if len(seen) >= ALARMS:
        found["feed"] = time.time()
    client.close()


def watch_page(base: str, found: dict[str, float]) -> None:
    """A browser on the alarms page, until all of them are counted and the first row is drawn."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"http://{base}/alarms")
        found["page open"] = time.time()
        shows = """n => Number(document.querySelector('[data-count="open"]').textContent.replace(/\\D/g, '')) >= n
                   && document.querySelectorAll('#alarms tbody tr').length > 0"""
        page.wait_for_function(shows, arg=ALARMS, timeout=PATIENCE_S * 1000, polling=50)
        found["page"] = time.time()
        browser.close()


def bare(folder: Path) -> float:
    """The peer: seconds for the same rows by ``insert_many``."""
    ours = database_of(f"sqlite:///{folder}/history.sqlite3")
    theirs = database_of(f"sqlite:///{folder}/bare.sqlite3")
    connect(ours)
    models: tuple[Any, ...] = (Journal, Alarm, RuntimeState)
    rows = {model: list(model.select().dicts().execute(ours)) for model in models}
    ours.close()
    connect(theirs)
    began = time.perf_counter()
    with theirs.bind_ctx(models):
        theirs.create_tables(models)
        for start in range(0, ALARMS, BATCH):
            with theirs.atomic():
                for model in models:
                    if some := rows[model][start : start + BATCH]:
                        model.insert_many(some).execute()
    took = time.perf_counter() - began
    theirs.close()
    return took


def measure(folder: Path) -> tuple[dict[str, float], dict[str, float]]:
    """Moments by name, as seconds after the bits were set; figures of the scans."""
    ini = site(folder)
    settings = load_settings(ini)
    base, run_dir = f"{settings.ui.host}:{settings.ui.port}", RunDir.for_config(ini, demo=True)
    run_dir.create()
    accounts = json.dumps(settings.accounts.to_json())
    pages = ["-m", "ui", "--run-dir", str(run_dir.folder), "--listen", base, "--language", "en", "--accounts", accounts]
    commands = ([__file__, "scan", str(ini)], pages)
    processes = [subprocess.Popen([sys.executable, *words], stderr=subprocess.DEVNULL) for words in commands]
    found: dict[str, float] = {}
    watchers = [threading.Thread(target=watch_feed, args=(base, found))]
    if CHROMIUM.exists():
        watchers.append(threading.Thread(target=watch_page, args=(base, found)))
    try:
        wait(lambda: (folder / "ready").exists(), "the scan has begun")
        wait_ready(ImageReader(run_dir.image), f"http://{base}/healthz")
        for watcher in watchers:
            watcher.start()
        if len(watchers) > 1:
            wait(lambda: "page open" in found, "the page")
            time.sleep(1)
        (folder / "go").touch()
        found["journal"] = wait(lambda: journalled(settings.history.url) >= ALARMS, "all are in the journal")
        for watcher in watchers:
            watcher.join(PATIENCE_S)
        (folder / "stop").touch()
        wait(lambda: (folder / "scans").exists(), "the figures of the scans")
    finally:
        for process in processes:
            process.terminate()
            process.wait(20)
    at = float((folder / "at").read_text())
    scans: dict[str, float] = json.loads((folder / "scans").read_text())
    return {name: moment - at for name, moment in found.items() if name != "page open"}, scans


def main() -> int:
    """All of it."""
    with tempfile.TemporaryDirectory() as name:
        times, scans = measure(Path(name))
        peer = bare(Path(name))
    print(f"{ALARMS} alarms in one batch, scan 100 ms; until the last one is there:")
    words = {"journal": "in the journal (SQLite)", "feed": "at a WebSocket client", "page": "on the alarms page"}
    for key, title in words.items():
        print(f"  {title:26} {times[key]:6.2f} s" if key in times else f"  {title:26} not measured")
    late, overruns = scans["late_ms"], scans["overruns"]
    print(f"longest scan {scans['longest_ms']:.0f} ms, latest start {late:.0f} ms late, overruns {overruns}")
    print(f"the same rows by a bare loop of peewee inserts {peer:.2f} s; ratio {times['journal'] / peer:.2f}")
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["scan"]:
        scan(Path(sys.argv[2]))
    else:
        sys.exit(main())
