"""What alarm health knows after a restart of the days before it."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.alarm_memory import KEPT_S, AlarmMemory, health_before
from runtime.scan.alarms import AlarmHealth
from tagdb.history import Event, HistoryWriter, open_history
from tests.runtime.test_alarming import Sink
from tests.support.burst import Burst

NOW = 1_700_000_000.0
HOUR = 3600.0


def journal(folder: Path, *events: Event) -> str:
    url = f"sqlite:///{folder / 'history.sqlite3'}"
    writer = HistoryWriter(url, folder / "spool")
    for event in events:
        writer.post(event)
    writer.start()
    assert writer.flush(60)
    writer.stop()
    return url


def raised(at: float, key: str = "mkz.gpu0.warning_0", event: str = "raise", **more: str) -> Event:
    words = {"after": "unacknowledged"} | more
    return Event(time=NOW + at, category="alarm", key=key, event=event, data={"priority": 2}, **words)


def start(at: float) -> Event:
    return Event(time=NOW + at, category="runtime", event="start")


def test_the_raises_of_the_days_before_are_counted(tmp_path: Path) -> None:
    url = journal(
        tmp_path, start(-30 * HOUR), raised(-25 * HOUR), start(-10 * HOUR), raised(-2 * HOUR, "b"),
        raised(-HOUR, "b", "raise-again"), raised(-HOUR, "b", "return"), raised(-HOUR, "b", "suppress"),
        raised(-HOUR, "c", after="shelved"), raised(HOUR, "of this run"),
    )  # fmt: skip
    figures = health_before(open_history(url), NOW).figures(NOW, [])
    assert (figures.raised, figures.period_s) == (2, 24 * HOUR), "whole hours of the last day"
    assert [(row.key, row.count) for row in figures.frequent] == [("b", 2)]
    assert figures.priorities["high"] == 1.0
    week = health_before(open_history(url), NOW).figures(NOW, [], KEPT_S)
    assert (week.raised, week.period_s) == (3, 30 * HOUR), "since the first start that the journal knows"


def test_an_empty_journal_begins_now(tmp_path: Path) -> None:
    figures = health_before(open_history(journal(tmp_path)), NOW).figures(NOW + 60, [])
    assert (figures.raised, figures.period_s) == (0, 60)


def test_a_journal_of_more_than_a_week_is_known_for_a_week(tmp_path: Path) -> None:
    url = journal(tmp_path, start(-20 * 86400), raised(-8 * 86400), start(-HOUR))
    figures = health_before(open_history(url), NOW).figures(NOW, [], KEPT_S)
    assert (figures.raised, figures.period_s) == (0, KEPT_S)


def test_this_run_goes_on_with_what_was_before(tmp_path: Path) -> None:
    burst = Burst(Sink(), {}, 10)  # type: ignore[arg-type]
    begun = burst.now().time
    url = journal(tmp_path, Event(time=begun - HOUR, category="runtime", event="start"), raised(begun - NOW - 60))
    burst.scan(0)
    burst.scan(3)
    found: list[AlarmHealth] = []
    memory = AlarmMemory(url, begun, found.append)
    memory.start()
    memory._thread.join(60)
    burst.alarming.remember(found[0])
    burst.scan(5)
    figures = burst.alarming.figures(burst.now())
    assert (figures["raised"], figures["frequent"][0]["count"]) == (6, 2)


def test_without_a_history_it_begins_anew_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    found: list[AlarmHealth] = []
    memory = AlarmMemory(f"sqlite:///{tmp_path / 'none.sqlite3'}", NOW, found.append)
    memory.start()
    memory._thread.join(60)
    assert found == []
    assert "alarm health begins anew" in caplog.text
