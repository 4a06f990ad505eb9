"""Seeded noise and first-order lags: what makes the values of the simulated plant move."""

from __future__ import annotations

import math
from random import Random

__all__ = ["Wobble", "approach", "ramp", "seeded"]


def seeded(seed: int, name: str) -> Random:
    """A generator of its own for each part of the plant, so that adding one leaves the others' values alone."""
    return Random(f"{seed}:{name}")  # noqa: S311  noise, not secrets


def approach(value: float, target: float, dt: float, tau: float) -> float:
    """First-order lag: ``value`` after ``dt`` seconds on its way to ``target`` with time constant ``tau`` seconds."""
    return target + (value - target) * math.exp(-dt / tau)


def ramp(value: float, target: float, dt: float, rate: float) -> float:
    """``value`` after ``dt`` seconds on its way to ``target`` at ``rate`` units a second at most."""
    step = rate * dt
    return target if abs(target - value) <= step else value + math.copysign(step, target - value)


class Wobble:
    """Noise that wanders about zero (an Ornstein-Uhlenbeck process), as sensors and loads do."""

    def __init__(self, rng: Random, amplitude: float, tau: float) -> None:
        self.rng = rng
        #: standard deviation in units of the value
        self.amplitude = amplitude
        #: how long it remembers, seconds
        self.tau = tau
        self.value = rng.gauss(0.0, amplitude)

    def step(self, dt: float) -> float:
        """Go on by ``dt`` seconds; returns the new value."""
        keep = math.exp(-dt / self.tau)
        self.value = self.value * keep + self.rng.gauss(0.0, self.amplitude * math.sqrt(1.0 - keep * keep))
        return self.value
