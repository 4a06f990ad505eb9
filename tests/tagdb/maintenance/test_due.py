"""The arithmetic of due points: each level its own, from the hours at which work was done."""

# ruff: noqa: E501  tables read better unwrapped

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programmes import standard_programme
from tagdb.maintenance import (
    DAY_S,
    Assessment,
    Level,
    LogEntry,
    Programme,
    Severity,
    Thresholds,
    assess,
    hours_per_day,
    last_done,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()
STANDARD = standard_programme()


def log(*rows: tuple[str, float | None, float]) -> list[LogEntry]:
    """(level, hours, days ago)."""
    return [
        LogEntry(f"e{n}", level, hours, NOW - days * DAY_S, number=n) for n, (level, hours, days) in enumerate(rows)
    ]


def state(
    hours: float | None, entries: list[LogEntry], programme: Programme = STANDARD, now: float = NOW
) -> Assessment:
    return assess(programme, last_done(programme, entries), hours, now)


def words(found: Assessment) -> dict[str, str]:
    """Level -> severity, or "in X" for what a higher level does."""
    return {one.level.id: f"in {one.absorbed_by}" if one.absorbed_by else one.severity.word for one in found.levels}


FULL = ("to4", 1000.0, 90)


@pytest.mark.parametrize(
    ("hours", "entries", "expected", "following", "left"),
    [
        # TO-4 at 1000 h did everything: each level counts from there
        (1100.0, [FULL], {"to1": "ok", "to2": "ok", "to3": "ok", "to4": "ok"}, "to1", 150.0),
        (1199.99, [FULL], {"to1": "ok", "to2": "ok", "to3": "ok", "to4": "ok"}, "to1", 50.01),
        (1200.0, [FULL], {"to1": "warning", "to2": "ok", "to3": "ok", "to4": "ok"}, "to1", 50.0),
        (1229.98, [FULL], {"to1": "warning", "to2": "ok", "to3": "ok", "to4": "ok"}, "to1", 20.02),
        (1230.0, [FULL], {"to1": "critical", "to2": "ok", "to3": "ok", "to4": "ok"}, "to1", 20.0),
        (1249.99, [FULL], {"to1": "critical", "to2": "ok", "to3": "ok", "to4": "ok"}, "to1", 0.01),
        (1250.0, [FULL], {"to1": "overdue", "to2": "ok", "to3": "ok", "to4": "ok"}, "to1", 0.0),
        # a missed service stays overdue; it does not roll over to the next multiple
        (1420.0, [FULL], {"to1": "overdue", "to2": "ok", "to3": "ok", "to4": "ok"}, "to1", -170.0),
        # TO-1 does not put off TO-2: both are due at 1500 then, and TO-2 does TO-1
        (1460.0, [FULL, ("to1", 1250.0, 20)], {"to1": "in to2", "to2": "warning", "to3": "ok", "to4": "ok"}, "to2", 40.0),
        # TO-1 done late, at 1290: TO-2 comes first, and does TO-1 before it is due at 1540
        (1500.0, [FULL, ("to1", 1290.0, 20)], {"to1": "in to2", "to2": "overdue", "to3": "ok", "to4": "ok"}, "to2", 0.0),
        # TO-1 comes 40 h before TO-2: one visit, at the earlier of the two
        (1400.0, [FULL, ("to1", 1210.0, 20)], {"to1": "in to2", "to2": "ok", "to3": "ok", "to4": "ok"}, "to2", 60.0),
        (1461.0, [FULL, ("to1", 1210.0, 20)], {"to1": "in to2", "to2": "overdue", "to3": "ok", "to4": "ok"}, "to2", -1.0),
        # 60 h apart: two visits
        (1440.0, [FULL, ("to1", 1190.0, 20)], {"to1": "overdue", "to2": "ok", "to3": "ok", "to4": "ok"}, "to1", 0.0),
        # everything at once: TO-4 does all, over every step of includes
        (2990.0, [FULL, ("to3", 2000.0, 9), ("to2", 2500.0, 5), ("to1", 2750.0, 2)],
         {"to1": "in to4", "to2": "in to4", "to3": "in to4", "to4": "critical"}, "to4", 10.0),
        # an engine without any log is not overdue from zero hours
        (16908.0, [], {"to1": "unknown", "to2": "unknown", "to3": "unknown", "to4": "unknown"}, None, None),
        # what is known of one level is told, although others are not
        (1240.0, [("to1", 1000.0, 9)], {"to1": "critical", "to2": "unknown", "to3": "unknown", "to4": "unknown"}, "to1", 10.0),
        # two services on one day: the one at more hours counts, in whatever order they were typed in
        (1300.0, [("to4", 1010.0, 9), ("to1", 1000.0, 9)], {"to1": "overdue", "to2": "ok", "to3": "ok", "to4": "ok"}, "to1", -40.0),
        # typed in later, done earlier: the latest work counts
        (1300.0, [("to4", 1000.0, 90), ("to1", 1180.0, 10), ("to1", 1100.0, 60)],
         {"to1": "ok", "to2": "ok", "to3": "ok", "to4": "ok"}, "to1", 130.0),
    ],
)  # fmt: skip
def test_due_points(
    hours: float, entries: list[tuple[str, float, float]], expected: dict[str, str], following: str | None, left: float
) -> None:
    found = state(hours, log(*entries))
    assert words(found) == expected
    assert (found.next.level.id if found.next else None) == following
    assert (found.next.left_h if found.next else None) == pytest.approx(left)


def test_a_device_of_which_little_is_known_says_so_until_something_is_due() -> None:
    assert state(1100.0, log(("to1", 1000.0, 9))).severity is Severity.UNKNOWN
    assert state(1100.0, log(("to1", 1000.0, 9))).unknown == ("to2", "to3", "to4")
    assert state(1300.0, log(("to1", 1000.0, 9))).severity is Severity.OVERDUE
    assert assess(None, {}, 5.0, NOW).severity is Severity.NONE


CALENDAR = Programme(
    "c", {}, (Level("oil", {}, 250.0, 365.0), Level("inspection", {}, None, 30.0, ("oil",))), Thresholds()
)


@pytest.mark.parametrize(
    ("hours", "days", "oil"),
    [
        (1100.0, 10, "ok"),
        (1100.0, 350.9, "ok"),
        (1100.0, 351, "warning"),
        (1100.0, 362, "critical"),
        (1100.0, 365, "overdue"),
        (1250.0, 10, "overdue"),
        # without hours the calendar still counts
        (None, 365, "overdue"),
        (None, 10, "ok"),
    ],
)
def test_hours_or_days_whichever_comes_first(hours: float | None, days: float, oil: str) -> None:
    entries = [*log(("oil", 1000.0, days)), LogEntry("i", "inspection", 1000.0, NOW - days * DAY_S, number=9)]
    found = assess(CALENDAR, last_done(CALENDAR, entries[:1]), hours, NOW)
    assert found.levels[0].severity.word == oil
    assert found.levels[1].severity is Severity.UNKNOWN, "what the level includes does not do the level"


def test_without_hours_an_hour_level_is_unknown_and_its_last_service_is_not_asked_for() -> None:
    found = state(None, log(FULL))
    assert (found.severity, found.unknown, found.next) == (Severity.UNKNOWN, (), None)


def test_a_date_is_a_moment_in_every_time_zone() -> None:
    done = datetime(2026, 10, 24, 23, 30, tzinfo=timezone(timedelta(hours=10)))  # 13:30 UTC
    entries = [LogEntry("a", "inspection", 1000.0, done.timestamp())]
    due = datetime(2026, 11, 23, 13, 30, tzinfo=UTC).timestamp()
    before, after = (state(1000.0, entries, CALENDAR, due + offset) for offset in (-1, 0))
    assert (before.levels[1].severity, after.levels[1].severity) == (Severity.CRITICAL, Severity.OVERDUE)
    assert before.levels[1].due_time == due


def test_corrections_take_the_place_of_what_they_correct() -> None:
    first = LogEntry("a", "to4", 1000.0, NOW - 9 * DAY_S, number=1)
    moved = LogEntry("b", "to4", 1100.0, NOW - 9 * DAY_S, corrects="a", number=2)
    undone = LogEntry("c", "to4", None, NOW, corrects="b", void=True, number=3)
    assert last_done(STANDARD, [moved, first])["to1"].hours == 1100.0
    assert last_done(STANDARD, [moved, first])["to1"].entry == "a"
    assert last_done(STANDARD, [first, moved, undone]) == {}


def test_the_forecast_comes_from_the_last_weeks() -> None:
    week = [(NOW - day * DAY_S, 1100.0 - 10.0 * day) for day in range(8)]
    assert hours_per_day(week) == pytest.approx(10.0)
    assert hours_per_day(week[:1]) is None
    assert hours_per_day([(NOW, 1.0), (NOW - 3600, 0.0)]) is None, "an hour says nothing of a day"
    found = assess(STANDARD, last_done(STANDARD, log(FULL)), 1100.0, NOW, 10.0)
    assert found.next
    assert found.next.expected == pytest.approx(NOW + 15 * DAY_S)
    standing = assess(STANDARD, last_done(STANDARD, log(FULL)), 1100.0, NOW, 0.0)
    assert standing.next
    assert standing.next.expected is None


@settings(max_examples=150, deadline=None)
@given(
    steps=st.lists(
        st.one_of(
            st.floats(0.0, 400.0).map(lambda hours: ("run", hours)),
            st.tuples(st.just("do"), st.sampled_from(["to1", "to2", "to3", "to4"])),
        ),
        max_size=40,
    )
)
def test_every_due_point_is_told_once_and_none_is_missed(steps: list[tuple[str, float | str]]) -> None:
    """Whatever the hours and services: a level past its own due point is overdue, or in one that is; and it stays so
    until it is done."""
    hours, now = 1000.0, NOW
    entries = [LogEntry("start", "to4", hours, now)]
    for step, (kind, what) in enumerate(steps):
        if kind == "run":
            hours, now = hours + float(what), now + float(what) * 3600
        else:
            entries.append(LogEntry(f"s{step}", str(what), hours, now, number=step + 1))
        done = last_done(STANDARD, entries)
        found = assess(STANDARD, done, hours, now)
        by_name = {one.level.id: one for one in found.levels}
        for level in STANDARD.levels:
            last = max(one.hours or 0.0 for one in entries if level.id in STANDARD.closure(one.level))
            assert level.every_h is not None
            left = last + level.every_h - hours
            told = by_name[by_name[level.id].absorbed_by or level.id]
            assert not told.absorbed_by, "what does another's work stands for itself"
            assert told.left_h is not None
            assert told.left_h <= left + 1e-3
            if left <= 0:
                assert told.severity is Severity.OVERDUE
            elif told.severity is Severity.OVERDUE:
                assert any(last_due(entries, one, hours) <= 0 for one in (told.level.id, *told.absorbs))


def last_due(entries: list[LogEntry], name: str, hours: float) -> float:
    level = STANDARD.level(name)
    assert level is not None
    assert level.every_h is not None
    return (
        max(one.hours or 0.0 for one in entries if name in STANDARD.closure(one.level)) + level.every_h - hours - 1e-3
    )
