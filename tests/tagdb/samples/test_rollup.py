"""Rollups against a slow recomputation by the definition, millisecond by millisecond as it were."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagdb import Kind, Quality
from tagdb.samples.arrays import DAY_MS, HOLD_MS, HOUR_MS, MINUTE_MS, Curve
from tagdb.samples.rollup import Buckets, expanded, roll, worth_a_row
from tagdb.samples.series import merged

_GOOD, _BAD, _NONE = int(Quality.GOOD), int(Quality.NO_DATA), int(Quality.INITIAL)
_STEP = 10
_SAMPLES = st.lists(
    st.tuples(st.integers(-30, 130), st.integers(-5, 5), st.sampled_from([_GOOD, _GOOD, _GOOD, _BAD, _NONE])),
    max_size=15,
    unique_by=lambda sample: sample[0],
)


def curve(samples: list[tuple[int, float, int]], line: bool = False, until: int = 1 << 62) -> Curve:
    rows = sorted(samples)
    return Curve(
        np.array([row[0] for row in rows], np.int64), np.array([float(row[1]) for row in rows]),
        np.array([row[2] for row in rows], np.uint16), line=line, until=until,
    )  # fmt: skip


def slow(samples: list[tuple[int, float, int]], line: bool, until: int, count: int) -> list[dict[str, float]]:
    """A tenth of a millisecond at a time."""
    rows = sorted(samples)
    until = max(until, rows[-1][0] + 1) if rows else until
    found = []
    for bucket in range(count):
        values = []
        for tick in range(10 * _STEP):
            moment = bucket * _STEP + tick / 10
            held = [row for row in rows if row[0] <= moment]
            if not held or moment >= until or held[-1][2] != _GOOD:
                continue
            time, value, _ = held[-1]
            later = [row for row in rows if row[0] > moment]
            if line and later and later[0][2] == _GOOD:
                value += (later[0][1] - value) * (moment + 0.05 - time) / (later[0][0] - time)
            values.append(value)
        found.append({"good": len(values) / (10 * _STEP), "mean": sum(values) / len(values) if values else math.nan,
                      "low": min(values, default=math.nan), "high": max(values, default=math.nan)})  # fmt: skip
    return found


@settings(max_examples=60, deadline=None)
@given(_SAMPLES, st.booleans(), st.integers(0, 140))
def test_buckets_are_what_their_names_say(samples: list[tuple[int, float, int]], line: bool, until: int) -> None:
    buckets = roll(curve(samples, line, until), 0, 100, _STEP)
    # what is known ends with what was recorded, but includes the moment of the last sample
    for index, expected in enumerate(slow(samples, line, until, 10)):
        assert buckets.good[index] == pytest.approx(expected["good"])
        assert buckets.mean[index] == pytest.approx(expected["mean"], nan_ok=True)
        near = 0.5 if line else 1e-9  # the slow way looks only so closely at the ends of a line
        assert buckets.low[index] == pytest.approx(expected["low"], abs=near, nan_ok=True)
        assert buckets.high[index] == pytest.approx(expected["high"], abs=near, nan_ok=True)
        if not math.isnan(buckets.low[index]):
            assert buckets.low[index] <= buckets.mean[index] <= buckets.high[index]


@settings(max_examples=60, deadline=None)
@given(_SAMPLES, st.booleans())
def test_wide_buckets_are_narrow_ones_together(samples: list[tuple[int, float, int]], line: bool) -> None:
    one = curve(samples, line, 120)
    same(merged(roll(one, 0, 120, _STEP), 4), roll(one, 0, 120, 4 * _STEP))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 3), st.sampled_from([_GOOD, _GOOD, _BAD, _NONE])),
                max_size=20, unique_by=lambda sample: sample[0]), st.booleans(), st.integers(0, 3000))  # fmt: skip
def test_the_rows_tell_every_bucket(samples: list[tuple[int, float, int]], line: bool, until: int) -> None:
    """Minutes of two days around midnight, samples at whole minutes."""
    start = 20_000 * DAY_MS
    placed = [(start + minute * MINUTE_MS, value, q) for minute, value, q in samples]
    one = curve(placed, line, start + until * MINUTE_MS)
    whole = roll(one, start, start + 2 * DAY_MS, MINUTE_MS)
    rows = np.flatnonzero(worth_a_row(whole))
    names = ("low", "high", "mean", "last", "good", "changes", "quality")
    kept = Buckets(start, MINUTE_MS, **{name: getattr(whole, name)[rows] for name in names})
    same(expanded(kept, whole.time[rows], start, start + 2 * DAY_MS), whole)


def same(one: Buckets, other: Buckets) -> None:
    assert (one.start, one.step, len(one)) == (other.start, other.step, len(other))
    for name in ("low", "high", "mean", "last", "good"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-9, atol=1e-9, err_msg=name)
    assert one.changes.tolist() == other.changes.tolist()
    known = other.good > 0
    assert one.quality[known].tolist() == other.quality[known].tolist()


def test_a_sample_says_nothing_after_a_day() -> None:
    buckets = roll(curve([(0, 5, _GOOD)]), 0, 2 * DAY_MS, HOUR_MS)
    assert buckets.good.tolist() == [1.0] * (HOLD_MS // HOUR_MS) + [0.0] * 24


def test_a_value_that_is_not_bad_counts() -> None:
    buckets = roll(curve([(0, 5, int(Quality.LAST_KNOWN))]), 0, 100, 100)
    assert (buckets.good[0], buckets.mean[0]) == (1.0, 5.0)


def test_repeats_are_no_changes() -> None:
    buckets = roll(curve([(0, 5, _GOOD), (20, 5, _GOOD), (40, 6, _GOOD), (60, 6, _BAD)]), 0, 100, 100)
    assert buckets.changes.tolist() == [3]


def test_64_bit_counters_are_rolled_up_as_numbers() -> None:
    cells = np.array([10, 2**60], np.uint64).view(np.float64)
    one = Curve(np.array([0, 50], np.int64), cells, np.full(2, _GOOD, np.uint16), kind=Kind.U64)
    buckets = roll(one, 0, 100, 100)
    assert (buckets.low[0], buckets.high[0]) == (10.0, float(2**60))
