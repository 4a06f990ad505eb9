"""Totals, states and moments of curves as they may come."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagdb import Quality
from tagdb.samples.arrays import Curve
from tagdb.samples.questions import counter_curve, held_at, time_in_states, total_of
from tagdb.samples.rollup import roll


def curve(*samples: tuple[int, float], until: int = 1 << 62) -> Curve:
    times, values = zip(*samples, strict=True)
    good = np.full(len(times), Quality.GOOD, np.uint16)
    return Curve(np.array(times, np.int64), np.array(values, np.float64), good, until=until)


@pytest.mark.parametrize(
    ("values", "modulus", "expected"),
    [
        ([10, 12, 15], None, (5, 0, 0)),
        ([10, 12, 3, 5], None, (2 + 3 + 2, 1, 0)),
        ([65_530, 65_535, 4], 65_536, (5 + 5, 0, 1)),
        ([65_530, 65_535, 4], None, (5 + 4, 1, 0)),
        # a controller that was replaced, not a register that ran over
        ([30_000, 4], 65_536, (4, 1, 0)),
        ([7], None, (0, 0, 0)),
        # one false reading
        ([1000, 1002, 0, 1003], None, (3, 0, 0)),
        # two passes of an hour over each other, after the clock was set back
        ([1000, 1100, 1001, 1101, 1002, 1003, 1103, 1104], None, (104, 0, 0)),
        # starts of a day
        ([3, 0, 3], None, (3, 1, 0)),
    ],
)
def test_totals(values: list[float], modulus: float | None, expected: tuple[float, int, int]) -> None:
    total = total_of(curve(*enumerate(values)), 0, 100, modulus)
    assert (total.total, total.resets, total.rollovers) == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 400), st.one_of(st.integers(0, 50), st.just(-1))), min_size=2, max_size=60))
def test_rollups_count_what_samples_count(steps: list[tuple[int, int]]) -> None:
    """With at most one reset in a bucket; -1 is a reset. What was counted just before one may be missing.

    Resets are large against steps, so that none looks like a false reading.
    """
    samples, time, value, reset_in = [(0, 1000.0)], 0, 1000, -1
    for after, step in steps:
        time += after
        if step < 0 and value > 200 and time // 100 != reset_in:
            value, reset_in = 0, time // 100
        else:
            value += max(step, 0)
        samples.append((time, float(value)))
    one = curve(*samples, until=time + 1)
    end = (time // 100 + 1) * 100
    buckets = roll(one, 0, end, 100)
    exact, coarse = total_of(one, 0, end), total_of(counter_curve(buckets), 0, end)
    assert coarse.resets == exact.resets
    lost = sum(max(0.0, value - buckets.last[(at // 100) - 1] if at >= 100 else value - 1000.0)
               for (at, value), (_, after) in itertools.pairwise(samples) if after < value)  # fmt: skip
    assert exact.total - lost - 1e-6 <= coarse.total <= exact.total + 1e-6


def test_a_span_begins_with_what_the_counter_showed_there() -> None:
    one = curve((0, 100), (50, 110), (150, 130))
    assert total_of(one, 100, 200).total == 20
    assert total_of(one, 100, 200).good == 1.0


@given(st.lists(st.integers(0, 40), min_size=3, max_size=30), st.integers(1, 29))
def test_totals_of_neighbouring_spans_add_up(steps: list[int], border: int) -> None:
    """Also where the counter steps exactly at the border."""
    one = curve(*((10 * at, float(sum(steps[: at + 1]))) for at in range(len(steps))))
    whole, middle = 10 * len(steps), 10 * min(border, len(steps) - 1)
    parts = [total_of(one.between(*span), *span).total for span in ((0, middle), (middle, whole))]
    assert sum(parts) == total_of(one, 0, whole).total


def test_states_add_up_to_the_span() -> None:
    states = time_in_states(curve((100, 1), (400, 2), (500, 1), until=900), 0, 1000)
    assert [(state.value, round(state.seconds, 6), state.times) for state in states] == [
        (1.0, 0.7, 2), (2.0, 0.1, 1), (None, 0.2, 0),
    ]  # fmt: skip


def test_nothing_is_held_beyond_what_was_recorded() -> None:
    one = curve((100, 1), until=900)
    assert held_at(one, 99) is None
    assert held_at(one, 901) is None
    held = held_at(one, 900)
    assert held is not None
    assert (held.value, held.time_s) == (1.0, 0.1)
