"""The scan's own measurements, and the tags that show them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from runtime.scan.distribution import Distribution
from runtime.scan.result import Overrun, Phase, ScanResult
from tagdb import Batch, Quality, TagStore

__all__ = ["MEASURES", "ScanStatistics"]

#: measurements kept as distributions, in milliseconds
MEASURES = ("period", "latency", "exec", *Phase)
_QUANTILES = ("p50", "p95", "p99", "max")


class ScanStatistics:
    """Counts and distributions over the last 600 scans; tags are brought up to date once a second."""

    def __init__(self, period_s: float, text: Callable[[str, str], Batch | None], every_s: float = 1.0) -> None:
        """``text`` makes a batch that writes a text tag (None where there is no such tag)."""
        self.period_s = period_s
        self._text = text
        self._every_s = every_s
        self._due = 0.0
        self.measures = {name: Distribution() for name in MEASURES}
        self.overruns = 0
        #: periods in which no scan ran, because the one before took too long
        self.skipped = 0
        self.recent: deque[Overrun] = deque(maxlen=100)
        self._last_start: float | None = None

    def started(self, start: float, latency: float) -> None:
        """A scan began at this monotonic time, so many seconds late."""
        if self._last_start is not None:
            self.measures["period"].add((start - self._last_start) * 1000)
        self._last_start = start
        self.measures["latency"].add(latency * 1000)

    def finished(self, result: ScanResult, latency: float) -> Overrun | None:
        """A scan is over; the overrun if it was one."""
        total = sum(result.took.values())
        self.measures["exec"].add(total * 1000)
        for phase, took in result.took.items():
            self.measures[phase].add(took * 1000)
        if latency + total <= self.period_s:
            return None
        if latency > total:
            overrun = Overrun(result.scan, result.now.time, "start", "the machine did not run the scan", latency)
        else:
            phase = max(result.took, key=lambda p: result.took[p])
            cause, spent = result.slowest.get(phase, ("", 0.0))
            overrun = Overrun(
                result.scan, result.now.time, phase, cause if spent > result.took[phase] / 4 else "", total
            )
        self.overruns += 1
        self.recent.append(overrun)
        return overrun

    def write(self, store: TagStore, result: ScanResult) -> None:
        """Bring the tags up to date, at most once a second."""
        if result.now.monotonic < self._due:
            return
        self._due = result.now.monotonic + self._every_s
        values: dict[str, float] = {
            "count": result.scan,
            "overruns": self.overruns,
            "skipped": self.skipped,
            "tags": len(store),
            "items": result.items,
        }
        for measure, distribution in self.measures.items():
            for suffix, value in zip(_QUANTILES, distribution.quantiles(), strict=True):
                values[f"{measure}_ms_{suffix}"] = round(value, 3)
        for name, value in values.items():
            tag = f"scada.scan.{name}"
            if tag in store:
                store.set(tag, value, Quality.GOOD, result.now.time)
        last = str(self.recent[-1]) if self.recent else ""
        if batch := self._text("scada.scan.last_overrun", last):
            store.apply(batch, result.now.time)
