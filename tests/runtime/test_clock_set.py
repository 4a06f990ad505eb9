"""A wall clock that somebody sets is noticed; one that is disciplined, or a slow thread, is not."""

from __future__ import annotations

import pytest

from runtime.clock_set import ClockSet, told
from tests.support.clock import ManualClock


@pytest.mark.parametrize(
    ("moved", "words"),
    [
        (-3600.0, "The clock was set back by 1 h: so long from here on is recorded twice"),
        (90.0, "The clock was set forward by 1 min 30 s: nothing was recorded in between"),
    ],
)
def test_a_clock_that_is_set_is_told_once(moved: float, words: str) -> None:
    clock = ManualClock()
    wall = ClockSet(clock)
    clock.now += 1.0
    assert wall.look() == 0.0
    clock.now += 1.0
    clock.wall_offset += moved
    assert wall.look() == pytest.approx(moved)
    assert told(moved)["en"] == words
    assert "Часы переведены" in told(moved)["ru"]
    clock.now += 1.0
    assert wall.look() == 0.0


def test_small_steps_of_a_disciplined_clock_are_none() -> None:
    clock = ManualClock()
    wall = ClockSet(clock)
    for _ in range(100):
        clock.now += 1.0
        clock.wall_offset -= 0.5
        assert wall.look() == 0.0
