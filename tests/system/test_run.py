"""``scada run`` as a user starts it: plant, scan and pages in their processes, on free ports."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import simple_websocket

from runtime.commands import main
from runtime.settings import load_settings
from tagdb import RunDir
from tests.support.demo import ROOT, demo_ini
from tests.support.running import wait_until


@dataclass
class Run:
    """A running program."""

    ini: Path
    process: subprocess.Popen[bytes]
    base: str

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://{self.base}{path}", timeout=60) as answer:
            return json.loads(answer.read())

    def healthy(self) -> bool:
        try:
            return bool(self.get("/healthz")["status"] == "ok")
        except OSError:
            return False

    def tag(self, name: str) -> Any:
        return self.get(f"/api/tags/{name}")

    def shows(self, name: str, value: object) -> bool:
        """Whether a tag has this value; no, while the scan is away."""
        try:
            return bool(self.tag(name)["value"] == value)
        except OSError:
            return False

    def children(self) -> dict[str, int]:
        """Process ids below the supervisor, by what they run."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(entry.read_text().rpartition(")")[2].split()[1])
                words = (entry.parent / "cmdline").read_bytes().split(b"\0")
            except (OSError, IndexError):
                continue
            if parent == self.process.pid and len(words) > 3:  # one that has just ended, or not begun, has none
                found["ui" if b"ui" in words else words[3].decode()] = int(entry.parent.name)
        return found

    def fault(self, target: str, fault: str) -> None:
        command = [sys.executable, "-m", "runtime", "fault", target, fault, "--ini", str(self.ini)]
        subprocess.run(command, check=True, cwd=ROOT, capture_output=True)


Launch = Callable[[Path], Run]


def start(ini: Path) -> Run:
    process = subprocess.Popen([sys.executable, "-m", "runtime", "run", str(ini)], cwd=ROOT, stderr=subprocess.PIPE,
                               stdout=subprocess.DEVNULL)  # fmt: skip
    ui = load_settings(ini).ui
    return Run(ini, process, f"{ui.host}:{ui.port}")


@pytest.fixture
def launch() -> Iterator[Launch]:
    """``start``, and nothing that it started is left behind, whatever the test's end."""
    started: list[Run] = []

    def start_one(ini: Path) -> Run:
        started.append(start(ini))
        return started[-1]

    yield start_one
    for run in started:
        if run.process.poll() is None:
            run.process.kill()
            run.process.wait(30)
        if run.process.stderr is not None:
            run.process.stderr.close()


Told = Callable[..., tuple[int, str]]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    """Status and words of a command that does not begin its work; in this process, which has everything loaded."""

    def command(*words: str) -> tuple[int, str]:
        status = main(words)
        return status, capsys.readouterr().err

    return command


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    quick = {
        "map = hgm9520n": "map = hgm9520n\nperiods = fast:0.5 slow:1",
        "map = hgm9560": "map = hgm9560\nperiods = fast:0.8 slow:2",
    }
    run = start(demo_ini(tmp_path_factory.mktemp("run"), **quick))
    try:
        wait_until(run.healthy, "the pages answer and the scan runs", 60)
        yield run
    finally:
        run.process.send_signal(signal.SIGINT)
        run.process.communicate(timeout=60)


def test_the_demo_shows_two_sites_with_their_devices_online(run: Run) -> None:

    def all_online() -> bool:
        return all(device["state"] == "online" for device in run.get("/api/devices")["devices"])

    wait_until(all_online, "all devices online", 30)
    devices = run.get("/api/devices")["devices"]
    assert [device["device"] for device in devices] == [
        f"{site}.{name}" for site in ("mkz", "yakz") for name in ("gpu1", "gpu2", "shpr")
    ]
    tags = run.get("/api/tags?prefix=mkz.")
    assert len(tags["tags"]) > 1200
    assert run.get(f"/api/tags?q={urllib.parse.quote('Наработка')}")["tags"], "found by its Russian name"


def test_values_move(run: Run) -> None:
    first = run.tag("mkz.shpr.rtc_second")["value"]
    wait_until(lambda: run.tag("mkz.shpr.rtc_second")["value"] != first, "the controller's clock moves", 30)


def test_a_register_that_changes_reaches_a_browser(run: Run) -> None:
    client = simple_websocket.Client(f"ws://{run.base}/ws/tags")
    client.send(json.dumps({"subscribe": ["mkz.gpu1.battery_volt"]}))
    snapshot = json.loads(client.receive(timeout=60))
    assert [tag["tag"] for tag in snapshot["snapshot"]] == ["mkz.gpu1.battery_volt"]
    run.fault("mkz.gpu1", "set=battery_volt:21.5")
    deadline, value = time.monotonic() + 60, None
    while value != 21.5 and time.monotonic() < deadline:
        message = json.loads(client.receive(timeout=60))
        value = next((tag["value"] for tag in message.get("changes", [])), value)
    client.close()
    assert value == 21.5
    run.fault("mkz.gpu1", "clear")


def test_pages_that_crash_come_back_and_the_scan_does_not_notice(run: Run) -> None:
    before, scan = run.get("/api/tags/scada.scan.count")["value"], run.children()["scan"]
    os.kill(run.children()["ui"], signal.SIGKILL)
    wait_until(lambda: not run.healthy(), "the pages are gone")
    wait_until(run.healthy, "the pages are back", 30)
    assert run.tag("scada.scan.count")["value"] > before, "the same scan went on"
    assert run.children()["scan"] == scan


def test_a_scan_that_is_killed_comes_back_and_the_pages_go_on_with_it(run: Run) -> None:
    before = run.get("/api/runtime")["epoch"]
    os.kill(run.children()["scan"], signal.SIGKILL)

    def another_run() -> bool:
        try:
            return bool(run.get("/api/runtime")["epoch"] != before)
        except OSError:
            return False

    wait_until(another_run, "a new scan process, seen by the same pages", 30)
    assert run.healthy()
    wait_until(lambda: run.tag("yakz.shpr.comm_state")["value"] == 1, "devices are read again", 30)


def test_sighup_reloads_and_a_faulty_ini_is_refused(run: Run) -> None:
    text = run.ini.read_text(encoding="utf-8")
    run.ini.write_text(text.replace("title_en = Genset 1", "title_en = Genset one", 1), encoding="utf-8")
    run.process.send_signal(signal.SIGHUP)
    wait_until(lambda: run.tag("scada.config.reloads")["value"] >= 1, "a reload")
    refused = run.tag("scada.config.refused")["value"]
    run.ini.write_text(text.replace("unit = 1", "unit = 999", 1), encoding="utf-8")
    wait_until(lambda: run.tag("scada.config.refused")["value"] > refused, "a refusal, told within a second or two")
    assert "key 'unit': found '999', expected a whole number from 1 to 247" in run.tag("scada.config.error")["value"]
    run.ini.write_text(text, encoding="utf-8")
    wait_until(lambda: run.tag("scada.config.error")["value"] == "", "good again")


def test_a_scan_that_dies_while_the_ini_is_faulty_comes_back_on_the_last_accepted_one(run: Run) -> None:
    text = run.ini.read_text(encoding="utf-8")

    def title() -> Any:
        titles = {device["device"]: device["title"] for device in run.get("/api/devices")["devices"]}
        return titles["mkz.gpu1"]

    run.ini.write_text(text.replace("title_ru = ГПУ-1", "title_ru = Первая", 1), encoding="utf-8")
    wait_until(lambda: title() == "Первая", "accepted")
    run.ini.write_text(text.replace("unit = 1", "unit = 999", 1), encoding="utf-8")
    wait_until(lambda: "found '999'" in run.tag("scada.config.error")["value"], "refused")
    before = run.children()
    os.kill(before["scan"], signal.SIGKILL)
    wait_until(lambda: run.children().get("scan", before["scan"]) != before["scan"], "the scan is started again")
    wait_until(lambda: run.shows("yakz.shpr.comm_state", 1), "devices are read again", 30)
    assert title() == "Первая", "on the configuration that was accepted last"
    wait_until(lambda: run.shows("scada.config.refused", 1), "the fault is told by the new scan too")
    assert "found '999'" in run.tag("scada.config.error")["value"]
    assert run.children()["ui"] == before["ui"]
    run.ini.write_text(text, encoding="utf-8")
    wait_until(lambda: run.tag("scada.config.error")["value"] == "", "good again, from the original file")


@pytest.mark.parametrize("word", ["run", "scan"])
def test_a_second_start_on_one_ini_is_refused_and_the_first_goes_on(run: Run, word: str, told: Told) -> None:
    assert told(word, str(run.ini)) == (2, f"scada: already running for this ini (pid {run.process.pid})\n")
    before = run.get("/api/tags/scada.scan.count")["value"]
    wait_until(lambda: run.tag("scada.scan.count")["value"] > before, "the first one scans on")
    assert run.healthy()


@pytest.mark.parametrize("which", ["pages", "plant"])
def test_a_port_in_use_is_one_line_and_nothing_half_started(tmp_path: Path, told: Told, which: str) -> None:
    ini = demo_ini(tmp_path)
    settings = load_settings(ini)
    port = settings.ui.port if which == "pages" else settings.links["mkz_line"].port
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert told("run", str(ini)) == (2, f"scada: cannot listen on 127.0.0.1:{port}: Address already in use\n")
    assert not RunDir.for_config(ini, demo=True).folder.exists()


def test_a_missing_ini_is_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "runtime", "run", str(tmp_path / "no.ini")]
    run = subprocess.run(command, cwd=ROOT, capture_output=True)
    assert run.returncode == 2
    assert run.stderr.decode() == f"{tmp_path}/no.ini: cannot be read: No such file or directory\n"


def test_a_scan_alone_is_the_only_one_too_and_leaves_nothing(tmp_path: Path, told: Told) -> None:
    ini = demo_ini(tmp_path)
    run_dir = RunDir.for_config(ini, demo=True)
    command = [sys.executable, "-m", "runtime", "scan", str(ini)]
    first = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    wait_until(run_dir.directory.exists, "it scans", 30)
    for word in ("scan", "run"):
        assert told(word, str(ini)) == (2, f"scada: already running for this ini (pid {first.pid})\n")
    assert run_dir.directory.exists()
    assert run_dir.image.exists()
    first.terminate()
    assert first.wait(60) == 0
    assert not run_dir.folder.exists()


def test_after_a_killed_supervisor_everything_starts_again_and_ctrl_c_leaves_nothing(
    tmp_path: Path, launch: Launch
) -> None:
    ini = demo_ini(tmp_path)
    run_dir = RunDir.for_config(ini, demo=True)
    first = launch(ini)
    wait_until(first.healthy, "everything runs", 60)
    pids = first.children()
    os.kill(pids["scan"], signal.SIGSTOP)  # its end takes time
    first.process.kill()
    first.process.wait(60)
    assert first.process.stderr is not None
    first.process.stderr.close()
    wait_until(lambda: gone(pids["ui"]) and gone(pids["simulate"]), "the others are gone")
    second = launch(ini)
    wait_until(lambda: "scan" in second.children(), "the new scan waits for the old one", 30)
    os.kill(pids["scan"], signal.SIGCONT)
    wait_until(second.healthy, "everything runs again", 60)
    wait_until(lambda: len(second.children()) == 4, "plant, scan, pages, reports")
    client = simple_websocket.Client(f"ws://{second.base}/ws/tags")
    client.send(json.dumps({"subscribe": ["*"]}))
    pids = second.children()
    second.process.send_signal(signal.SIGINT)
    _, said = second.process.communicate(timeout=60)
    assert second.process.returncode == 0, said.decode()
    assert b"Traceback" not in said
    assert b"did not stop" not in said, "each process ends by itself when it is told to"
    wait_until(lambda: all(gone(pid) for pid in pids.values()), "every process has ended")
    assert not run_dir.folder.exists()
    wait_until(lambda: not client.connected, "the feed is closed")


@pytest.mark.parametrize("word", ["run", "scan"])
def test_a_serial_port_that_cannot_be_used_is_one_line_and_nothing_half_started(
    tmp_path: Path, told: Told, word: str
) -> None:
    ini = tmp_path / "site.ini"
    ini.write_text(
        f"[scada]\nmaps = {ROOT}/registermaps\n[site a]\n[device a.b]\nmap = hgm9560\nlink = serial:///dev/ttyNONE\n",
        encoding="utf-8",
    )
    assert told(word, str(ini)) == (2, f"{ini}: link 'a_b': there is no serial device /dev/ttyNONE\n")
    assert not RunDir.for_config(ini).folder.exists()
