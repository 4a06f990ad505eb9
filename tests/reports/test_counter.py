"""Counters as they really are: they begin anew, run over, are misread for a moment, and are set by somebody."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.counter import counted, joined

MINUTE = 60_000
NOTHING = (0, 0, 0)

#: readings a minute apart from minute 0 -> total in minutes [0, 100), (resets, rollovers, presets)
TABLE: list[tuple[str, list[float], float, tuple[int, int, int]]] = [
    ("steady", [5, 5, 5], 0, NOTHING),
    ("up", [1000, 1001.5, 1010], 10, NOTHING),
    ("one reading", [1000], 0, NOTHING),
    ("a new controller", [1000, 1010, 0, 4], 14, (1, 0, 0)),
    ("a new controller that has counted already", [1000, 1010, 15, 20], 30, (1, 0, 0)),
    ("over the end", [65_530, 65_535, 2, 3], 9, (0, 1, 0)),
    ("misread once", [1000, 1010, 950, 1011], 11, NOTHING),
    ("hours before their minutes", [600.98, 600.0, 601.0, 601.02], 0.04, NOTHING),
    ("set back by somebody", [1000, 1010, *[500.0] * 11, 505], 15, (0, 0, 1)),
    ("set back, and goes on at once", [1000, *(500.0 + n for n in range(20))], 19, (0, 0, 1)),
    ("set ahead counts: nobody can tell it from work", [1000, 2000], 1000, NOTHING),
]


@pytest.mark.parametrize(("what", "values", "total", "events"), TABLE, ids=[row[0] for row in TABLE])
def test_totals(what: str, values: list[float], total: float, events: tuple[int, int, int]) -> None:
    time = MINUTE * np.arange(len(values), dtype=np.int64)
    found = counted(time, np.array(values, float), 0, 100 * MINUTE, wraps_at=65_536)
    assert found.total == pytest.approx(total)
    assert (found.resets, found.rollovers, found.presets) == events
    assert found.last == values[-1]


def test_counting_begins_with_what_was_shown_before_the_period() -> None:
    time, value = MINUTE * np.array([0, 5, 12, 20]), np.array([10.0, 12, 15, 30])
    assert counted(time, value, 6 * MINUTE, 20 * MINUTE).total == 3
    assert counted(time, value, 6 * MINUTE, 20 * MINUTE + 1).total == 18
    assert counted(time, value, 30 * MINUTE, 40 * MINUTE).total == 0
    assert counted(np.empty(0, np.int64), np.empty(0), 0, MINUTE).total is None


@given(st.lists(st.integers(0, 50), min_size=2, max_size=40), st.integers(1, 39), st.integers(0, 60_000))
def test_parts_add_up_to_the_whole_over_any_rollover(steps: list[int], cut: int, first: int) -> None:
    value = np.cumsum([first, *steps]) % 65_536
    time = MINUTE * np.arange(len(value), dtype=np.int64)
    middle, end = min(cut, len(value)) * MINUTE, len(value) * MINUTE
    parts = [counted(time, value.astype(float), *span, 65_536).total or 0.0 for span in ((0, middle), (middle, end))]
    assert sum(parts) == sum(steps) == counted(time, value.astype(float), 0, end, 65_536).total


def test_hours_and_minutes_are_one_counter() -> None:
    hours = (np.array([0, 60 * MINUTE]), np.array([10.0, 11]))
    minutes = (MINUTE * np.array([0, 30, 60, 75]), np.array([0, 0.5, 0, 0.25]))
    time, value = joined([hours, minutes])
    assert time.tolist() == [0, 30 * MINUTE, 60 * MINUTE, 75 * MINUTE]
    assert value.tolist() == [10, 10.5, 11, 11.25]
    assert len(joined([hours, (np.empty(0, np.int64), np.empty(0))])[0]) == 0
