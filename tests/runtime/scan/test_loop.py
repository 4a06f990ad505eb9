"""The loop: no drift, no piling up, every overrun with who is behind it."""

import pytest

from runtime.scan import Cycle, Moment, Rule, ScanLoop, ScanStatistics
from runtime.scan.result import Overrun
from tagdb import Inbox, TagStore
from tests.support.clock import ManualClock


class Work:
    """A rule that takes as long as it is told, scan by scan."""

    def __init__(self, clock: ManualClock, *durations: float) -> None:
        self.clock = clock
        self.durations = list(durations)

    def __call__(self, store: TagStore, now: Moment) -> None:
        if self.durations:
            self.clock.now += self.durations.pop(0)


def make(clock: ManualClock, work: Work, store: TagStore) -> tuple[ScanLoop, ScanStatistics, list[Overrun]]:
    overruns: list[Overrun] = []
    cycle = Cycle(store, Inbox(), lambda scan, now: None, [Rule("work", work)], stopwatch=clock.monotonic)
    statistics = ScanStatistics(0.1, lambda name, text: None)
    return ScanLoop(cycle, clock, statistics, overruns.append), statistics, overruns


def run(loop: ScanLoop, clock: ManualClock, scans: int) -> list[float]:
    """Start times of so many scans, relative to the first due one."""
    due, starts = clock.now + 0.1, []
    first = due
    for _ in range(scans):
        clock.sleep_until(due)
        starts.append(round(clock.now - first, 6))
        due = loop.once(due)
    return starts


def test_the_period_does_not_drift(clock: ManualClock, store: TagStore) -> None:
    loop, statistics, overruns = make(clock, Work(clock, *([0.03] * 100)), store)
    assert run(loop, clock, 100) == pytest.approx([n * 0.1 for n in range(100)])
    assert (statistics.overruns, statistics.skipped, overruns) == (0, 0, [])


def test_an_overrun_skips_whole_periods_and_never_piles_up(clock: ManualClock, store: TagStore) -> None:
    loop, statistics, overruns = make(clock, Work(clock, 0.01, 0.35, 0.01, 0.01), store)
    assert run(loop, clock, 4) == pytest.approx([0.0, 0.1, 0.5, 0.6])
    assert (statistics.overruns, statistics.skipped) == (1, 3)
    assert str(overruns[0]) == "scan 2: 350.0 ms in logic, work"


def test_a_late_start_is_told_from_a_long_scan(clock: ManualClock, store: TagStore) -> None:
    loop, statistics, overruns = make(clock, Work(clock), store)
    due = clock.now + 0.1
    clock.now = due + 0.25
    due = loop.once(due)
    assert overruns[0].phase == "start"
    assert overruns[0].took_s == pytest.approx(0.25)
    assert statistics.measures["latency"].quantiles()[3] == pytest.approx(250.0)
    assert due == pytest.approx(clock.now + 0.05)


def test_a_jump_of_the_wall_clock_changes_no_period(clock: ManualClock, store: TagStore) -> None:
    loop, statistics, _ = make(clock, Work(clock), store)
    due = clock.now + 0.1
    for scan in range(10):
        clock.sleep_until(due)
        due = loop.once(due)
        if scan == 4:
            clock.wall_offset -= 3600
    assert statistics.measures["period"].quantiles() == pytest.approx((100.0, 100.0, 100.0, 100.0))
    assert statistics.overruns == 0


def test_orders_are_executed_between_scans_and_their_failure_is_told(clock: ManualClock, store: TagStore) -> None:
    loop, _, _ = make(clock, Work(clock), store)
    done: list[str] = []
    good = loop.between_scans(lambda: done.append("good"))

    def fail() -> None:
        raise ValueError("cannot")

    bad = loop.between_scans(fail)
    assert not done
    loop.once(clock.now)
    assert done == ["good"]
    assert good.result() is None
    with pytest.raises(ValueError, match="cannot"):
        bad.result()


def test_an_order_that_was_given_up_is_not_executed_later(clock: ManualClock, store: TagStore) -> None:
    loop, _, _ = make(clock, Work(clock), store)
    done: list[str] = []
    future = loop.between_scans(lambda: done.append("late"))
    kept = loop.between_scans(lambda: done.append("kept"))
    assert future.cancel()
    loop.once(clock.now)
    assert done == ["kept"]
    assert kept.result() is None


def test_it_stops_after_the_scan_that_is_running(clock: ManualClock, store: TagStore) -> None:
    loop: ScanLoop
    scans = []

    def stop(store: TagStore, now: Moment) -> None:
        scans.append(now)
        if len(scans) == 3:
            loop.stop()

    cycle = Cycle(store, Inbox(), lambda scan, now: None, [Rule("stop", stop)])
    loop = ScanLoop(cycle, clock, ScanStatistics(0.1, lambda name, text: None))
    loop.run()
    assert len(scans) == 3
    with pytest.raises(RuntimeError, match="the scan has stopped"):
        loop.between_scans(lambda: None).result(0)
