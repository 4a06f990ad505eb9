"""What a site consumes: a daily shape, a random walk, and one big consumer that comes and goes."""

from __future__ import annotations

import math
from random import Random

from runtime.simulator.wobble import Wobble, approach

__all__ = ["SiteLoad"]

DAY_S = 86400.0


class SiteLoad:
    """The consumers of one site."""

    def __init__(self, rng: Random, sets: int, first_switch_s: float) -> None:
        self.rng = rng
        #: average of the small consumers, kW
        self.base_kw = 56.0 * max(1, sets)
        self.block_kw = 55.0 * max(1, sets)
        self.block_on = False
        self.until_switch_s = first_switch_s
        self.kw = self.base_kw
        self.kvar = 0.36 * self.base_kw
        self._walk = Wobble(rng, 0.06 * self.base_kw, 60.0)
        self._quick = Wobble(rng, 1.2, 1.5)

    def step(self, dt: float, seconds_of_day: float) -> None:
        """Go on by ``dt`` seconds."""
        self.until_switch_s -= dt
        if self.until_switch_s <= 0.0:
            self.block_on = not self.block_on
            self.until_switch_s = self.rng.uniform(100.0, 150.0) if self.block_on else self.rng.uniform(70.0, 120.0)
        # Lowest at four in the morning, highest in the afternoon.
        daily = 1.0 + 0.15 * math.sin(2.0 * math.pi * (seconds_of_day / DAY_S - 0.42))
        target = self.base_kw * daily + self._walk.step(dt) + (self.block_kw if self.block_on else 0.0)
        self.kw = max(5.0, approach(self.kw, target, dt, 3.0) + 0.05 * self._quick.step(dt))
        self.kvar = approach(self.kvar, 0.36 * self.kw, dt, 2.0)
