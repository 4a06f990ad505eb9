"""The alternator of a genset: voltage, frequency, phase against its bus, power with ramps."""

from __future__ import annotations

import math
from random import Random

from runtime.simulator.engine import RATED_KW, RATED_RPM
from runtime.simulator.wobble import Wobble, approach, ramp

__all__ = ["RATED_VOLTS", "Generator"]

RATED_VOLTS = 400.0
#: kW a second that governors are allowed to change a set's power by
RAMP_KW_S = 8.0
#: what counts as unloaded, kW
UNLOADED_KW = 6.0


class Generator:
    """Electrical side of a set; powers are positive towards the bus."""

    def __init__(self, rng: Random, volts: float = 0.0) -> None:
        self.rng = rng
        self.volts = volts
        self.hertz = 0.0
        #: angle against the bus, degrees within 0 to 360
        self.phase_deg = rng.uniform(0.0, 360.0)
        self.kw = 0.0
        self.kvar = 0.0
        self.fault_volts = 0.0
        self.volt_noise = [Wobble(rng, 0.35, 3.0) for _ in range(3)]
        self.amp_noise = [Wobble(rng, 0.008, 2.0) for _ in range(3)]
        self.power_noise = Wobble(rng, 0.6, 1.0)
        self.phase_noise = Wobble(rng, 0.25, 0.5)

    def step(self, dt: float, *, rpm: float, bus_volts: float, bus_hertz: float, closed: bool) -> None:
        """Go on by ``dt`` seconds behind an engine at ``rpm``; closed, the bus holds voltage and frequency."""
        for wobble in (*self.volt_noise, *self.amp_noise):
            wobble.step(dt)
        self.hertz = rpm / RATED_RPM * 50.0
        if closed and bus_volts > 1.0:
            self.volts, self.hertz = bus_volts, bus_hertz
            self.phase_deg = self.phase_noise.step(dt) % 360.0
            return
        excited = RATED_VOLTS + self.fault_volts if rpm > 1300.0 else rpm / RATED_RPM * 80.0
        self.volts = approach(self.volts, excited, dt, 0.5)
        self.kw = self.kvar = 0.0
        if bus_hertz > 1.0 and rpm > 1300.0:
            self.phase_deg = (self.phase_deg + 360.0 * (self.hertz - bus_hertz) * dt) % 360.0
        else:
            # Values of a stopped set mean nothing, and change at random (field trouble 27).
            self.phase_deg = (self.phase_deg + self.rng.uniform(-40.0, 40.0)) % 360.0

    def deliver(self, dt: float, kw: float, kvar: float, *, stiff: bool) -> None:
        """Give power; in parallel with the mains it follows its governor's ramp, alone it takes what the load takes."""
        if stiff:
            self.kw = ramp(self.kw, kw, dt, RAMP_KW_S)
            self.kvar = ramp(self.kvar, kvar, dt, RAMP_KW_S)
        else:
            self.kw = approach(self.kw, kw, dt, 0.4)
            self.kvar = approach(self.kvar, kvar, dt, 0.4)
        self.power_noise.step(dt)

    @property
    def shown_kw(self) -> float:
        """Power as the controller measures it."""
        return self.kw + self.power_noise.value if abs(self.kw) > 1.0 else 0.0

    @property
    def unloaded(self) -> bool:
        """Whether the breaker may open."""
        return abs(self.kw) < UNLOADED_KW

    @property
    def load(self) -> float:
        """Share of the rating, 0 to 1."""
        return self.kw / RATED_KW

    @property
    def in_sync(self) -> bool:
        """Whether the phase is close enough to close the breaker, whichever way it turns."""
        return self.volts > 360.0 and abs((self.phase_deg + 180.0) % 360.0 - 180.0) < 6.0

    def amps(self, phase: int) -> float:
        """Current of one of the three phases."""
        if self.volts < 50.0:
            return 0.0
        apparent = math.hypot(self.shown_kw, self.kvar)
        return max(0.0, apparent * 1000.0 / (math.sqrt(3.0) * self.volts) * (1.0 + self.amp_noise[phase].value))
