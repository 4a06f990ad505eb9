"""Small troubles that come by themselves, so that a demo shows alarms: a battery loses its charger for a while."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from runtime.simulator.genset import Genset

__all__ = ["Incidents"]

#: how long a battery is without its charger, seconds
LOW_FOR_S = 20.0
#: until the next one of a site, seconds; each raises two alarms, and one alarm in ten minutes is what EEMUA 191 calls
#: acceptable: a demo must not be a flood
PAUSE_S = (600.0, 1800.0)


class Incidents:
    """Chooses a set now and then and takes its charger away; ``first_s`` seconds until the first time."""

    def __init__(self, rng: Random, first_s: float, *, enabled: bool = True) -> None:
        self.rng = rng
        self.enabled = enabled
        self.until_s = first_s
        self.victim: Genset | None = None

    def step(self, dt: float, sets: Sequence[Genset]) -> None:
        """Go on by ``dt`` seconds."""
        if not self.enabled or not sets:
            return
        self.until_s -= dt
        if self.until_s > 0.0:
            return
        if self.victim is None:
            self.victim = self.rng.choice(sets)
            self.victim.engine.battery_low = True
            self.until_s = LOW_FOR_S
        else:
            self.victim.engine.battery_low = False
            self.victim = None
            self.until_s = self.rng.uniform(*PAUSE_S)
