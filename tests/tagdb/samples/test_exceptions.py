"""Whatever goes in, what is kept tells it within the deadband; and nothing that is not needed is kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tagdb import Batch, Kind, Mark, Quality, Tag, TagStore
from tagdb.samples.arrays import Columns, Curve, curve_of
from tagdb.samples.exceptions import ExceptionFilter
from tagdb.samples.questions import held_at
from tagdb.samples.tagset import TagSet
from tests.tagdb.samples.bench import NOON, tag

DEADBAND = 0.5

#: seconds since the scan before, value or None for a reading that is bad
_READINGS = st.lists(
    st.tuples(
        st.sampled_from([0.1, 0.5, 1.0, 7.0, 900.0]),
        st.one_of(
            st.none(),
            st.floats(-1e4, 1e4).map(lambda value: round(value, 2)),
            st.integers(-8, 8).map(lambda value: value / 4),
        ),
    ),
    min_size=1,
    max_size=60,
)


class Feed:
    """One tag through the filter; ``readings`` are what went in, ``curve`` what came out."""

    def __init__(self, tags: list[Tag], gap_s: float = 1800.0) -> None:
        self.store = TagStore()
        self.store.install(tags)
        self.filter = ExceptionFilter(TagSet(tags), gap_s)
        self.parts: list[Columns] = []
        self.now = NOON

    def read(self, value: float | None, after_s: float = 1.0, slot: int = 0) -> None:
        self.now = round(self.now + after_s, 3)
        quality = np.array([Quality.NO_DATA if value is None else Quality.GOOD], np.uint16)
        cell = np.array([np.nan if value is None else value])
        self.store.apply(Batch(np.array([slot]), cell, quality, self.now, self.now), self.now)
        self.scan()

    def scan(self) -> None:
        self.parts += self.filter.take(self.store, np.flatnonzero(self.store.change_time == self.now), self.now)

    def curve(self, line: bool, slot: int = 0) -> Curve:
        columns = Columns.joined([*self.parts, self.filter.tail()])
        return curve_of(columns.of(columns.tag == slot), Kind.FLOAT, line)


def within(feed: Feed, readings: list[tuple[float, float | None]], line: bool) -> None:
    times = []
    for after_s, value in readings:
        feed.read(value, after_s)
        times.append((round(feed.now * 1000), value))
    curve = feed.curve(line)
    for time, value in times:
        held = held_at(curve, time)
        assert held is not None
        if value is None:
            assert (held.value, held.quality) == (None, Quality.NO_DATA)
        else:
            assert isinstance(held.value, float)
            assert abs(held.value - value) <= DEADBAND * (1 + 1e-9) + 1e-9, (time, value, held)


@settings(max_examples=60, deadline=None)
@given(_READINGS)
def test_steps_are_within_the_deadband(readings: list[tuple[float, float | None]]) -> None:
    within(Feed([tag("a", 0, deadband=DEADBAND)]), readings, line=False)


@settings(max_examples=60, deadline=None)
@given(_READINGS)
@example([(1.0, 0.0), (1.0, 0.4), (1.0, 2.0), (1.0, 2.0)])
def test_lines_are_within_the_deadband(readings: list[tuple[float, float | None]]) -> None:
    within(Feed([tag("a", 0, deadband=DEADBAND, compression="swinging-door")]), readings, line=True)


@settings(max_examples=60, deadline=None)
@given(_READINGS)
def test_without_a_deadband_every_value_comes_back(readings: list[tuple[float, float | None]]) -> None:
    feed = Feed([tag("a", 0)])
    given_ = []
    for after_s, value in readings:
        feed.read(value, after_s)
        given_.append((round(feed.now * 1000), value))
    curve = feed.curve(line=False)
    for time, value in given_:
        held = held_at(curve, time)
        assert held is not None
        assert held.value == value


@settings(max_examples=60, deadline=None)
@given(st.lists(_READINGS, min_size=2, max_size=5))
def test_many_tags_at_once_are_like_each_alone(several: list[list[tuple[float, float | None]]]) -> None:
    options = {"deadband": DEADBAND, "compression": "swinging-door"}
    length = min(map(len, several))
    together = Feed([tag(str(slot), slot, **options) for slot in range(len(several))])
    alone = [Feed([tag("a", 0, **options)]) for _ in several]
    for step in range(length):
        after_s = several[0][step][0]
        for slot, readings in enumerate(several):
            alone[slot].read(readings[step][1], after_s)
        together.now = alone[0].now
        slots = np.arange(len(several))
        values = [readings[step][1] for readings in several]
        quality = np.array([Quality.NO_DATA if value is None else Quality.GOOD for value in values], np.uint16)
        cells = np.array([np.nan if value is None else value for value in values])
        together.store.apply(Batch(slots, cells, quality, together.now, together.now), together.now)
        together.scan()
    for slot, feed in enumerate(alone):
        one, other = together.curve(line=True, slot=slot), feed.curve(line=True)
        assert np.array_equal(one.time, other.time)
        assert np.array_equal(one.value, other.value, equal_nan=True)


def test_a_ramp_is_two_samples() -> None:
    feed = Feed([tag("a", 0, deadband=DEADBAND, compression="swinging-door")])
    for second in range(100):
        feed.read(3.0 * second)
    assert sum(map(len, feed.parts)) == 1
    assert feed.curve(line=True).value.tolist() == [0.0, 297.0]


def test_a_flat_value_before_a_step_is_no_ramp() -> None:
    feed = Feed([tag("a", 0, deadband=DEADBAND, compression="swinging-door")])
    for second in range(60):
        feed.read(10.0 if second < 50 else 20.0)
    assert [(t % 60000, v) for t, v in zip(feed.curve(True).time.tolist(), feed.curve(True).value, strict=True)] == [
        (1000, 10.0), (50000, 10.0), (51000, 20.0), (0, 20.0),
    ]  # fmt: skip


@pytest.mark.parametrize("line", [False, True])
def test_a_clock_set_back_is_recorded_as_it_is(line: bool) -> None:
    feed = Feed([tag("a", 0, deadband=DEADBAND, compression="swinging-door" if line else "deadband")])
    for value in (1.0, 2.0, 3.0):
        feed.read(value)
    feed.read(4.0, after_s=-3600.0)
    feed.read(5.0)
    curve = feed.curve(line)
    assert curve.value.tolist() == [4.0, 5.0, 1.0, 2.0, 3.0] if not line else len(curve) == 4


def test_after_the_clock_was_set_back_all_values_are_told_anew() -> None:
    feed = Feed([tag("a", 0), tag("b", 1)])
    feed.read(1.0, slot=0)
    feed.read(2.0, slot=1)
    feed.read(3.0, after_s=-3600.0, slot=1)
    assert sorted(feed.parts[-1].tag.tolist() + feed.parts[-2].tag.tolist()) == [0, 1]


def test_own_statistics_are_kept_at_most_every_ten_seconds() -> None:
    feed = Feed([tag("scada.scan.count", 0, Kind.INT)])
    for count in range(100):
        feed.read(float(count))
    assert len(feed.curve(line=False)) == 10


def test_a_mark_alone_is_kept_once_on_a_line() -> None:
    feed = Feed([tag("a", 0, deadband=DEADBAND, compression="swinging-door")])
    feed.read(1.0)
    feed.read(1.0)
    for second in range(3):
        feed.now += 1.0
        if not second:
            feed.store.mark(Mark(np.array([0]), Quality.STALE), feed.now)
        feed.scan()
    assert feed.curve(True).quality.tolist() == [192, 192, 516]


def test_what_stays_over_a_reload_is_not_kept_again(tmp_path: Path) -> None:
    tags = [tag("a", 0, deadband=1.0), tag("b", 1)]
    feed = Feed(tags)
    feed.read(1.0)
    feed.read(5.0, slot=1)
    before, feed.filter = feed.filter, ExceptionFilter(TagSet([*tags, tag("c", 2)]), 1800.0)
    feed.filter.adopt(before)
    feed.parts.clear()
    feed.read(1.5)
    feed.read(5.0, slot=1)
    assert not feed.parts
