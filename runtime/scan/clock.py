"""The only file that reads a clock for the scan: monotonic for periods, wall time for stamps."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Clock", "Moment", "SystemClock", "wall_time"]


@dataclass(frozen=True, slots=True)
class Moment:
    """The "now" of one scan: everything in it happens at this time."""

    #: Unix seconds UTC; may jump
    time: float
    #: seconds that never jump nor run backwards
    monotonic: float


class Clock(Protocol):
    """What a scan needs of time. Tests give one that they move by hand."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary start."""

    def time(self) -> float:
        """Unix seconds UTC."""

    def sleep_until(self, monotonic: float) -> None:
        """Return at this monotonic time, or at once when it has passed."""


def wall_time() -> float:
    """Unix seconds UTC, for stamps outside the scan."""
    return time.time()


class SystemClock:
    """The machine's clocks."""

    def monotonic(self) -> float:
        """CLOCK_MONOTONIC, seconds."""
        return time.monotonic()

    def time(self) -> float:
        """CLOCK_REALTIME, Unix seconds."""
        return wall_time()

    def sleep_until(self, monotonic: float) -> None:
        """Sleeps by ``clock_nanosleep``; late by some 60 microseconds on an idle machine."""
        left = monotonic - time.monotonic()
        if left > 0:
            time.sleep(left)
