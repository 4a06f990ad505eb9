"""A unit of any other map: every point wanders within its range, so that a new map can be tried without a model."""

from __future__ import annotations

import math
from random import Random

from registermaps import Point, PointType, RegisterMap
from runtime.simulator.alarms import AlarmBook
from runtime.simulator.controller import Controller, Verdict
from runtime.simulator.registers import Values

__all__ = ["WanderingController"]


class WanderingController(Controller):
    """Slow sine waves with a phase and a period of their own; states step through their numbers."""

    functions = frozenset({3, 4, 5, 6})

    def __init__(self, name: str, unit: int, register_map: RegisterMap, rng: Random) -> None:
        super().__init__(name, unit, register_map, AlarmBook(register_map.alarm_classes))
        self.time_s = 0.0
        points = [point for point in register_map.points if point.alarm is None and point.function in (3, 4)]
        self._waves = [(point, rng.uniform(20.0, 200.0), rng.random()) for point in points]

    def step(self, dt: float) -> None:
        """Go on by ``dt`` seconds."""
        self.time_s += dt

    def values(self) -> Values:
        """Where the waves are now."""
        return {
            point.name: self._value(point, math.sin(2.0 * math.pi * (self.time_s / period + phase)))
            for point, period, phase in self._waves
        }

    def _value(self, point: Point, wave: float) -> float:
        if point.type is PointType.BIT:
            return wave > 0.0
        if point.type is PointType.ENUM and point.enum:
            numbers = sorted(self.bank.map.enums[point.enum])
            return numbers[int((wave + 1.0) / 2.0 * (len(numbers) - 1))]
        low = point.low if point.low is not None else 0.0
        high = point.high if point.high is not None else low + 1000.0 * point.scale
        return low + (high - low) * (0.5 + 0.1 * wave)

    def write_register(self, address: int, value: int) -> Verdict:
        """Taken without effect."""
        return Verdict.OK if self.bank.holds(address, 1) else Verdict.SILENT
