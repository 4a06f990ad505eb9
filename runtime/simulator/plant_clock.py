"""The clock that moves the simulated plant; tests pass one of their own."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

__all__ = ["PlantClock", "WallClock"]


class PlantClock(Protocol):
    """What the plant needs of time."""

    def time(self) -> float:
        """Unix seconds UTC: where the controllers' clocks begin."""

    def monotonic(self) -> float:
        """Seconds that never jump."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


class WallClock:
    """The machine's clocks."""

    def time(self) -> float:
        """CLOCK_REALTIME."""
        return time.time()

    def monotonic(self) -> float:
        """CLOCK_MONOTONIC."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Sleep without blocking the loop."""
        await asyncio.sleep(seconds)
