"""The heartbeat: only while all is well, on its grid, each target alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.heartbeat import Heartbeat, Vitals, deliveries
from runtime.outputs import NotDelivered
from runtime.watch_settings import HeartbeatSettings
from tests.support.clock import ManualClock


class Heart:
    """A heart whose vitals and clock are moved by hand."""

    def __init__(self, **settings: float) -> None:
        self.clock = ManualClock()
        self.vitals = Vitals(0, False, True)
        self.sent: list[str] = []
        self.noted: list[int] = []
        self.broken = ""
        chosen = HeartbeatSettings(**settings)  # type: ignore[arg-type]
        told = [self.first, lambda: self.sent.append("second")]
        self.heart = Heartbeat(chosen, lambda: self.vitals, self.clock.monotonic, told, self.noted.append)

    def first(self) -> None:
        if self.broken:
            raise NotDelivered(self.broken)
        self.sent.append("first")

    def pass_time(self, seconds: int, scans: bool = True, stuck: bool = False, history: bool = True) -> None:
        for _ in range(seconds):
            self.clock.now += 1.0
            self.vitals = Vitals(self.vitals.scan + 10 * scans, stuck, history)
            self.heart.look()


def test_it_beats_at_its_period_and_tells_everybody() -> None:
    heart = Heart(period_s=60.0)
    heart.pass_time(181)
    assert heart.heart.count == 4, "one at once, then one a minute"
    assert heart.sent == ["first", "second"] * 4
    assert heart.heart.withheld == heart.heart.error == ""


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        ({"scans": False}, "the scan does not go on"),
        ({"stuck": True}, "the scan is stuck"),
        ({"history": False}, "the history does not write"),
    ],
)
def test_it_is_silent_while_anything_is_wrong_and_says_why(trouble: dict[str, bool], why: str) -> None:
    heart = Heart(period_s=10.0)
    heart.pass_time(5)
    heart.pass_time(60, **trouble)
    assert heart.heart.withheld == why
    before = heart.heart.count
    assert before <= 2, "that the scan stands still takes some seconds to show, unless the watchdog says it"
    heart.pass_time(1)
    assert heart.heart.count == before + 1, "made up for at once"
    heart.pass_time(9)
    assert heart.heart.count == before + 1
    heart.pass_time(1)
    assert heart.heart.count == before + 2


def test_who_cannot_be_reached_does_not_keep_it_from_the_others() -> None:
    heart = Heart(period_s=10.0)
    heart.broken = "https://monitor: timed out"
    heart.pass_time(1)
    assert (heart.sent, heart.heart.error) == (["second"], "https://monitor: timed out")
    heart.broken = ""
    heart.pass_time(10)
    assert heart.heart.error == ""


def test_the_journal_has_a_period_of_its_own() -> None:
    heart = Heart(period_s=10.0, journal_s=30.0)
    heart.pass_time(61)
    assert heart.noted == [1, 4, 7]
    silent = Heart(period_s=10.0, journal_s=0.0)
    silent.pass_time(61)
    assert silent.noted == []


def test_the_ini_names_who_is_told(tmp_path: Path) -> None:
    settings = HeartbeatSettings(url="https://monitor.example/x", file=tmp_path / "alive")
    told = deliveries(settings, lambda: "now\n")
    assert len(told) == 2
    told[0]()
    assert (tmp_path / "alive").read_text(encoding="utf-8") == "now\n"
    assert deliveries(HeartbeatSettings(), lambda: "") == []
