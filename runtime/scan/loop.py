"""The scan's heartbeat: a fixed period on a monotonic clock, without drift, without piling up."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future

from runtime.scan.clock import Clock, Moment
from runtime.scan.cycle import Cycle
from runtime.scan.result import Overrun
from runtime.scan.statistics import ScanStatistics

__all__ = ["ScanLoop"]


class ScanLoop:
    """Runs the cycle at its period until it is told to stop.

    A scan that overruns costs the periods it ran over: they are counted as skipped and the next scan starts on the next
    whole period, so late scans never bunch up.
    """

    def __init__(
        self,
        cycle: Cycle,
        clock: Clock,
        statistics: ScanStatistics,
        on_overrun: Callable[[Overrun], None] = lambda overrun: None,
    ) -> None:
        self._cycle = cycle
        self._clock = clock
        self._statistics = statistics
        self._on_overrun = on_overrun
        self._orders: deque[tuple[Callable[[], None], Future[None]]] = deque()
        self._stop = threading.Event()
        self._ended = False
        #: monotonic time of the last sign of life, for the watchdog
        self.alive_at = clock.monotonic()

    def stop(self) -> None:
        """End after the scan that is running. Any thread."""
        self._stop.set()

    def between_scans(self, order: Callable[[], None]) -> Future[None]:
        """Have the scan's thread execute something between two scans; the future tells when it was done, and can be
        cancelled until then. Any thread."""
        future: Future[None] = Future()
        self._orders.append((order, future))
        if self._ended:
            self._drop_orders()
        return future

    def run(self) -> None:
        """Scan until stopped."""
        period = self._statistics.period_s
        due = self._clock.monotonic() + period
        while not self._stop.is_set():
            self._clock.sleep_until(due)
            due = self.once(due)
        self._ended = True
        self._drop_orders()

    def once(self, due: float) -> float:
        """One scan that was due at this monotonic time; the time at which the next one is."""
        clock, statistics = self._clock, self._statistics
        start = clock.monotonic()
        latency = max(0.0, start - due)
        statistics.started(start, latency)
        result = self._cycle.run(Moment(clock.time(), start))
        if overrun := statistics.finished(result, latency):
            self._on_overrun(overrun)
        self._run_orders()
        end = self.alive_at = clock.monotonic()
        due += statistics.period_s
        if end > due:
            missed = int((end - due) / statistics.period_s) + 1
            statistics.skipped += missed
            due += missed * statistics.period_s
        return due

    def _drop_orders(self) -> None:
        while self._orders:
            future = self._orders.popleft()[1]
            if future.set_running_or_notify_cancel():
                future.set_exception(RuntimeError("the scan has stopped"))

    def _run_orders(self) -> None:
        while self._orders:
            order, future = self._orders.popleft()
            if not future.set_running_or_notify_cancel():
                continue  # whoever gave it has given it up: it must not happen behind their back
            try:
                order()
            except Exception as error:  # handed to whoever gave the order; the scan goes on
                future.set_exception(error)
            else:
                future.set_result(None)
