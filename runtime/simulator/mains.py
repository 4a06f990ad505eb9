"""The public grid at a site: voltage, frequency, its failures, and what the mains monitor makes of them."""

from __future__ import annotations

from enum import IntEnum
from random import Random

from runtime.simulator.wobble import Wobble, approach

__all__ = ["Mains", "MainsState"]


class MainsState(IntEnum):
    """Values of the mains state word (SmartGen facts: enumeration mains_state, register 195 of the HGM9560)."""

    NORMAL = 0
    NORMAL_DELAY = 1
    ABNORMAL = 2
    ABNORMAL_DELAY = 3


class Mains:
    """A stiff grid with slow wandering, until it fails."""

    #: the monitor's delays, seconds
    fail_delay_s = 1.0
    return_delay_s = 10.0

    def __init__(self, rng: Random) -> None:
        self.failed = False
        self.volts = 402.0
        self.hertz = 50.0
        self.state = MainsState.NORMAL
        self.left_s = 0.0
        self._volt = Wobble(rng, 1.6, 40.0)
        self._phase = [Wobble(rng, 0.5, 12.0) for _ in range(3)]
        self._hertz = Wobble(rng, 0.015, 15.0)

    def phase_volts(self, phase: int) -> float:
        """Line voltage of one of the three phases."""
        return max(0.0, self.volts + self._phase[phase].value) if self.volts > 5.0 else 0.0

    @property
    def healthy(self) -> bool:
        """Whether the mains is there by measurement, before any delay."""
        return 360.0 < self.volts < 440.0 and 49.0 < self.hertz < 51.0

    def step(self, dt: float) -> None:
        """Go on by ``dt`` seconds."""
        for wobble in self._phase:
            wobble.step(dt)
        target = 0.0 if self.failed else 402.0 + self._volt.step(dt)
        self.volts = approach(self.volts, target, dt, 0.15 if self.failed else 0.2)
        self.hertz = 50.0 + self._hertz.step(dt) if self.volts > 40.0 else 0.0
        self._monitor(dt)

    def _monitor(self, dt: float) -> None:
        m, self.left_s = MainsState, max(0.0, self.left_s - dt)
        if self.healthy:
            if self.state is m.ABNORMAL:
                self.state, self.left_s = m.NORMAL_DELAY, self.return_delay_s
            elif self.state is m.ABNORMAL_DELAY or (self.state is m.NORMAL_DELAY and self.left_s == 0.0):
                self.state = m.NORMAL
        elif self.state is m.NORMAL:
            self.state, self.left_s = m.ABNORMAL_DELAY, self.fail_delay_s
        elif self.state is m.NORMAL_DELAY or (self.state is m.ABNORMAL_DELAY and self.left_s == 0.0):
            self.state = m.ABNORMAL

    def reasons(self) -> set[str]:
        """Causes in the mains reason word (register 44 of the HGM9560), by their names in the map."""
        if self.state in (MainsState.NORMAL, MainsState.NORMAL_DELAY):
            return set()
        found = {"mains_abnormal"}
        if self.volts < 40.0:
            return found | {"mains_undervolt", "mains_blackout"}
        if self.volts < 360.0:
            found.add("mains_undervolt")
        elif self.volts > 440.0:
            found.add("mains_overvolt")
        return found
