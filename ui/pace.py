"""How often somebody may ask: token buckets in memory, per address or session."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

__all__ = ["Pace"]

#: buckets that are remembered; the ones used longest ago go first
_MOST = 10_000


class Pace:
    """A bucket for each key: ``burst`` at once, ``rate`` a second in the long run. Any thread."""

    def __init__(self, rate: float, burst: int, monotonic: Callable[[], float]) -> None:
        self._rate = rate
        self._burst = burst
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, key: str) -> float:
        """Take one; 0.0 where there was one, else the seconds until there will be."""
        now = self._monotonic()
        with self._lock:
            left, at = self._buckets.pop(key, (float(self._burst), now))
            left = min(float(self._burst), left + (now - at) * self._rate)
            taken = left >= 1.0
            self._buckets[key] = (left - 1.0 if taken else left, now)
            if len(self._buckets) > _MOST:
                self._buckets.popitem(last=False)
        return 0.0 if taken else (1.0 - left) / self._rate
