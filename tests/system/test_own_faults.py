"""The runtime's own troubles are real alarms: a disk that is really full, a rule that really holds up the scan."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tagdb import Channel, ChannelError
from tagdb.audit import ERRORS, reading, verify
from tagdb.history import JournalFilter, open_history
from tests.support.demo import ROOT, demo_ini
from tests.support.running import Running, running_program, wait_until

# Nobody serves the devices: what is looked at here needs no plant.
SLOW = '''
import pathlib, time
from runtime.rules import Output, rule

MARK = pathlib.Path({mark!r})


@rule(reads=[], writes=[Output("mkz.slow", "Slow", "Медленно")])
def slow(tags):
    if MARK.exists():
        time.sleep(float(MARK.read_text()))
        MARK.unlink()
    tags["mkz.slow"] = 1.0
'''


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of four megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", place], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("mounting a small disk needs root")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def alarms(running: Running) -> dict[str, str]:
    """Key -> state; none while the scan stands still and answers nobody."""
    try:
        told = Channel(running.run_dir.channel, timeout_s=20).call("alarms")["alarms"]
    except ChannelError:
        return {}
    return {row["key"]: row["state"] for row in told}


def test_an_audit_trail_that_takes_nothing_is_an_alarm_and_gets_its_lines_later(tmp_path: Path) -> None:
    ini = demo_ini(tmp_path)
    with running_program(ini, tmp_path / "run") as running:
        assert running.program is not None
        path = running.program.assembly.settings.accounts.audit
        running.program.desk.note_own("config.reload", "before")
        wait_until(lambda: path.exists() and count(path) == 1, "the trail takes lines")
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        running.program.desk.note_own("config.reload", "meanwhile")
        running.wait_for("scada.audit.failing", True, 60)
        wait_until(lambda: "scada.audit.failing" in alarms(running), "an alarm")
        running.wait_for("scada.audit.waiting", 1)
        assert "locked" in str(running.value("scada.audit.error"))
        holder.execute("ROLLBACK")
        holder.close()
        running.wait_for("scada.audit.failing", False, 60)
        wait_until(lambda: count(path) == 2, "the line that had to wait is there")
    with reading(path) as book:
        lines = list(book.all_lines())
    assert [line.target for line in lines][:2] == ["before", "meanwhile"]
    assert verify(lines).broken is None


def count(trail: Path) -> int:
    """Lines in it; 0 while it is being made."""
    try:
        with reading(trail) as book:
            return book.head()[0]
    except ERRORS:
        return 0


def test_a_full_disk_is_told_survived_and_made_good(tmp_path: Path, small_disk: Path) -> None:
    url = f"sqlite:///{small_disk}/history.sqlite3"
    extra = f"\n[history]\nurl = {url}\nspool = {tmp_path}/spool\n[heartbeat]\nperiod_s = 1\nfile = {tmp_path}/alive\n"
    with running_program(demo_ini(tmp_path, extra), tmp_path / "run") as running:
        running.wait_for("scada.disk.full", False)
        wait_until(lambda: int(running.value("scada.heartbeat.count") or 0) >= 1, "a sign of life")
        assert (tmp_path / "alive").exists()
        ballast = small_disk / "ballast"
        with ballast.open("wb", buffering=0) as file:
            try:
                while file.write(b"\0" * 4096):
                    pass
            except OSError:
                pass
        running.wait_for("scada.disk.full", True)
        assert running.value("scada.disk.place") == str(small_disk)
        running.wait_for("scada.history.failing", True, 60)
        running.wait_for("scada.heartbeat.withheld", "the history does not write")
        wait_until(lambda: {"scada.disk.full", "scada.history.failing"} <= set(alarms(running)), "both are alarms")
        wait_until(lambda: int(running.value("scada.history.spooled") or 0) > 0, "what waits for room")
        silent = running.value("scada.heartbeat.count")
        ballast.unlink()
        running.wait_for("scada.history.failing", False, 60)
        running.wait_for("scada.disk.full", False)
        wait_until(lambda: running.value("scada.heartbeat.count") != silent, "the heart beats again")
        running.wait_for("scada.history.spooled", 0, 60)
        assert running.value("scada.history.dropped") == 0
    journal = open_history(url, read_only=True).journal(JournalFilter(category=("alarm",)), limit=1000)
    raised = {entry.event.key for entry in journal if entry.event.event == "raise"}
    assert {"scada.disk.full", "scada.history.failing"} <= raised, "nothing of the time without room is missing"


def hold_up(mark: Path, seconds: float) -> None:
    """Whole at once: the rule may look for it at any moment."""
    mark.with_suffix(".new").write_text(str(seconds), encoding="utf-8")
    mark.with_suffix(".new").rename(mark)


def test_a_rule_that_holds_up_the_scan_is_told(tmp_path: Path) -> None:
    rules = tmp_path / "python"
    rules.mkdir()
    mark = tmp_path / "mark"
    (rules / "slow.py").write_text(SLOW.format(mark=str(mark)), encoding="utf-8")
    ini = demo_ini(tmp_path, **{f"python = {ROOT}/rules": f"python = {rules}"})
    with running_program(ini, tmp_path / "run") as running:
        running.wait_for("mkz.slow", 1.0)
        hold_up(mark, 0.3)
        wait_until(lambda: "scada.scan.overruns" in alarms(running), "an overrun is an alarm")
        hold_up(mark, 3.5)  # the watchdog's limit is 2 s
        wait_until(lambda: "scada.watchdog.count" in alarms(running), "a scan that stood still is an alarm")
        running.wait_for("scada.watchdog.stuck", False)
