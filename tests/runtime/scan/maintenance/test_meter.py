"""The engine-hours meter over bad readings, jumps, resets, other controllers, pauses and restarts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.scan import Moment
from runtime.scan.maintenance.meter import Meter, MeterEvent, MeterState, Reading

START = 1.8e9


class Bench:
    """A meter, a clock, and a counter that is read every ten seconds."""

    def __init__(self, hours: float = 1000.0, **options: float) -> None:
        self.meter = Meter(**options)  # type: ignore[arg-type]
        self.at = 0.0
        self.counter = hours
        self.events: list[MeterEvent] = []

    def run(self, seconds: float, shown: float | None = None, running: bool = True, read: bool = True) -> Bench:
        """So long in steps of ten seconds; ``shown``: the counter says this instead."""
        for _ in range(round(seconds / 10)):
            self.at += 10
            if running:
                self.counter += 10 / 3600
            value = None if not read else self.counter if shown is None else shown
            # minutes, as the controller tells them
            told = None if value is None else int(value * 60 + 1e-6) / 60 % 65536
            event = self.meter.step(Reading(told, running if read else None, self.at), self.now)
            self.events += [event] if event else []
        return self

    @property
    def now(self) -> Moment:
        return Moment(START + self.at, self.at)


def test_it_begins_with_what_the_controller_shows_and_follows_it() -> None:
    bench = Bench(16908.25).run(7200)
    assert bench.meter.hours == pytest.approx(16910.25, abs=0.02)
    assert bench.meter.state is MeterState.GOOD
    assert bench.meter.difference == pytest.approx(0.0, abs=0.04)
    assert bench.run(3600, running=False).meter.hours == pytest.approx(16910.25, abs=0.02)


@pytest.mark.parametrize("shown", [0.0, 65535.98, 32766.0, 999.5, 1203.0])
def test_a_bad_reading_changes_nothing(shown: float) -> None:
    bench = Bench().run(3600)
    before = bench.meter.hours
    assert before is not None
    bench.run(20, shown=shown)
    assert bench.meter.hours == before
    assert bench.meter.state is MeterState.HELD
    bench.run(3600)
    assert bench.meter.hours == pytest.approx(1002.0, abs=0.02), "what ran meanwhile is not lost"
    assert (bench.meter.state, bench.events) == (MeterState.GOOD, [])


def test_readings_that_jump_about_never_become_a_base() -> None:
    bench = Bench().run(600)
    for turn in range(60):
        bench.run(10, shown=(turn * 7919) % 65000)
    assert bench.events == []
    assert bench.run(60).meter.hours == pytest.approx(1000.35, abs=0.05)


@pytest.mark.parametrize(("other", "kind"), [(3.0, "a reset"), (28000.0, "another controller")])
def test_a_counter_that_goes_on_from_another_number_is_taken_and_told(other: float, kind: str) -> None:
    bench = Bench().run(3600)
    bench.counter = other
    bench.run(40)
    assert bench.meter.hours == pytest.approx(1001.0, abs=0.02), kind
    assert bench.events == []
    bench.run(3560)
    assert [event.kind for event in bench.events] == ["rebased"]
    assert bench.meter.hours == pytest.approx(1002.0, abs=0.05), "neither reset nor a jump: it runs on"
    assert bench.meter.state is MeterState.CHECK
    bench.meter.confirm()
    assert bench.run(3600).meter.state is MeterState.GOOD
    assert bench.meter.hours == pytest.approx(1003.0, abs=0.05)
    assert len(bench.events) == 1


def test_it_rolls_over_with_the_counters_16_bits() -> None:
    bench = Bench(65535.5).run(3600)
    assert [event.kind for event in bench.events] == ["rolled-over"]
    assert bench.meter.hours == pytest.approx(65536.5, abs=0.02)
    assert bench.meter.state is MeterState.GOOD


def test_without_readings_it_stands_at_the_last_known_value_and_catches_up() -> None:
    bench = Bench().run(3600).run(86400, read=False)
    assert bench.meter.state is MeterState.LAST_KNOWN
    assert bench.meter.hours == pytest.approx(1001.0, abs=0.02)
    assert bench.run(10).meter.hours == pytest.approx(1025.0, abs=0.02), "a day of running is possible in a day"
    assert bench.meter.state is MeterState.GOOD


def test_it_goes_on_after_a_restart() -> None:
    bench = Bench().run(3600)
    again = Bench(bench.counter + 5.0)
    again.at = bench.at + 6 * 3600
    again.meter = Meter(kept=bench.meter.dump())
    again.run(10)
    assert again.meter.hours == pytest.approx(1006.0, abs=0.05)
    unknown = Meter(kept={"hours": 5.0, "base": 5.0, "from": "a newer version"})
    assert unknown.hours == 5.0


def test_after_a_restart_what_the_wall_clock_does_not_allow_is_held() -> None:
    bench = Bench().run(3600)
    again = Bench(bench.counter + 500.0)
    again.at = bench.at + 3600
    again.meter = Meter(kept=bench.meter.dump())
    assert again.run(20).meter.state is MeterState.HELD
    assert again.meter.hours == pytest.approx(1001.0, abs=0.02)


def test_our_own_count_shows_a_counter_that_stands_still() -> None:
    bench = Bench().run(600)
    bench.run(7200, shown=bench.counter)
    assert bench.meter.difference == pytest.approx(2.0, abs=0.05)


def test_a_simulated_plant_begins_anew_with_every_start_and_runs_fast() -> None:
    fast = Meter(rate=3600.0)
    for second in range(0, 600, 10):
        fast.step(Reading(100.0 + second, True, second), Moment(START + second, second))
    assert fast.hours == pytest.approx(690.0)
    again = Meter(rate=3600.0, kept=fast.dump(), forgets=True)
    again.step(Reading(100.0, True, 1.0), Moment(START + 700, 0.0))
    again.step(Reading(110.0, True, 2.0), Moment(START + 710, 10.0))
    assert (again.hours, again.state) == (pytest.approx(700.0), MeterState.GOOD)


@settings(max_examples=200, deadline=None)
@given(
    readings=st.lists(
        st.tuples(
            st.one_of(st.none(), st.floats(0, 70000), st.integers(0, 65535).map(float), st.just(-1.0)),
            st.floats(0.1, 200000.0),
            st.booleans(),
        ),
        max_size=60,
    )
)
def test_whatever_the_counter_says_the_meter_never_falls_nor_outruns_time(
    readings: list[tuple[float | None, float, bool]],
) -> None:
    """-1 stands for a counter that goes on as it should."""
    meter, at, counter = Meter(), 0.0, 500.0
    meter.step(Reading(counter, True, -1.0), Moment(START, at))
    before = meter.hours
    assert before is not None
    for number, (shown, passed, running) in enumerate(readings):
        at += passed
        counter += passed / 3600 if running else 0.0
        value = counter if shown == -1.0 else shown
        meter.step(Reading(value, running, number), Moment(START + at, at))
        assert meter.hours is not None
        assert before <= meter.hours
        before = meter.hours
    assert before - 500.0 <= at / 3600 * 1.06 + 0.04 * (len(readings) + 1)
