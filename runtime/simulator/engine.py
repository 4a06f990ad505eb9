"""The gas engine of a genset: speed, temperatures, pressures, fuel, battery; all with inertia."""

from __future__ import annotations

from random import Random

from runtime.simulator.wobble import Wobble, approach

__all__ = ["IDLE_RPM", "RATED_KW", "RATED_RPM", "Engine"]

RATED_RPM = 1500.0
IDLE_RPM = 900.0
CRANK_RPM = 190.0
RATED_KW = 160.0
#: air of the engine room, degrees Celsius
ROOM_C = 22.0
#: what the block heater keeps while the engine stands
HEATED_C = 46.0


class Engine:
    """Physics alone: it does what starter, fuel valve and governor make it do."""

    def __init__(self, rng: Random, running: bool) -> None:
        self.rng = rng
        self.rpm = RATED_RPM if running else 0.0
        self.fired = running
        #: seconds of cranking until it fires, drawn anew for every start
        self.fires_after_s = self._cranking_s()
        self.coolant_c = 84.0 if running else HEATED_C
        self.oil_c = 91.0 if running else HEATED_C - 8.0
        self.oil_kpa = 400.0 if running else 0.0
        self.boost_kpa = 80.0 if running else 0.0
        self.fuel_l_h = 28.0 if running else 0.0
        self.throttle_pct = 55.0 if running else 0.0
        self.exhaust_kpa = 3.5 if running else 0.0
        self.gas_c = 20.0
        self.battery_v = 27.4
        self.charger_v = 27.8 if running else 0.0
        #: 0 to 1
        self.load = 0.0
        #: causes set from outside
        self.overspeed = False
        self.oil_lost = False
        self.battery_low = False
        self.no_start = False
        self.jitter = {
            name: Wobble(rng, amplitude, tau)
            for name, amplitude, tau in (
                ("rpm", 1.2, 0.8), ("coolant", 0.4, 20.0), ("oil_c", 0.4, 25.0), ("oil_kpa", 2.5, 1.5),
                ("boost", 1.0, 1.0), ("fuel", 0.25, 1.0), ("throttle", 0.5, 0.8), ("valve", 0.4, 0.8),
                ("inlet", 0.25, 3.0), ("oxygen", 0.08, 4.0), ("lambda", 0.008, 2.0), ("gas", 0.05, 2.0),
                ("ignition", 0.15, 2.0), ("exhaust", 0.05, 1.0), ("battery", 0.03, 5.0), ("charger", 0.05, 5.0),
            )
        }  # fmt: skip

    def step(
        self, dt: float, *, starter: bool, fuel: bool, target_rpm: float, locked_rpm: float | None, kw: float
    ) -> None:
        """Go on by ``dt`` seconds; ``locked_rpm``: the speed of the grid it is coupled to, None when on its own."""
        for wobble in self.jitter.values():
            wobble.step(dt)
        self._turn(dt, starter, fuel, target_rpm, locked_rpm)
        self.load = max(0.0, kw / RATED_KW) if self.fired else 0.0
        self._heat(dt)
        self._charge(dt, starter)

    def _turn(self, dt: float, starter: bool, fuel: bool, target_rpm: float, locked_rpm: float | None) -> None:
        if self.overspeed and self.fired and fuel:
            self.rpm = approach(self.rpm, 1.2 * RATED_RPM, dt, 1.0)
        elif not fuel:
            self.fired = False
            self.rpm = max(0.0, approach(self.rpm, -150.0, dt, 3.5)) if not starter else CRANK_RPM
        elif locked_rpm is not None and self.fired:
            self.rpm = locked_rpm
        elif self.fired:
            self.rpm = approach(self.rpm, target_rpm, dt, 1.3)
        elif starter:
            self.rpm = approach(self.rpm, CRANK_RPM, dt, 0.4)
            self.fires_after_s -= dt
            if self.fires_after_s <= 0.0 and not self.no_start:
                self.fired = True
                self.fires_after_s = self._cranking_s()
        else:
            self.rpm = max(0.0, approach(self.rpm, -150.0, dt, 3.5))

    def _cranking_s(self) -> float:
        """One start in ten needs a second attempt."""
        return self.rng.uniform(8.5, 10.0) if self.rng.random() < 0.1 else self.rng.uniform(1.5, 4.0)

    def _heat(self, dt: float) -> None:
        load, speed = self.load, self.rpm / RATED_RPM
        hot = self.fired
        self.coolant_c = approach(self.coolant_c, 81.0 + 6.0 * load if hot else HEATED_C, dt, 90.0 if hot else 1200.0)
        self.oil_c = approach(self.oil_c, 86.0 + 9.0 * load if hot else HEATED_C - 8.0, dt, 150.0 if hot else 1500.0)
        pressure = 0.0 if self.oil_lost else 430.0 * speed**0.7 - 1.2 * max(0.0, self.oil_c - 80.0) * speed
        self.oil_kpa = max(0.0, approach(self.oil_kpa, pressure, dt, 0.8))
        self.boost_kpa = approach(self.boost_kpa, 115.0 * load * speed if hot else 0.0, dt, 2.0)
        self.fuel_l_h = approach(self.fuel_l_h, (6.0 * speed + 32.0 * load) if hot else 0.0, dt, 1.0)
        self.throttle_pct = approach(self.throttle_pct, 14.0 * speed + 58.0 * load if hot else 0.0, dt, 0.7)
        self.exhaust_kpa = approach(self.exhaust_kpa, (0.6 + 4.2 * load) * speed if hot else 0.0, dt, 1.5)
        self.gas_c = approach(self.gas_c, ROOM_C - 6.0 + 3.0 * load, dt, 120.0)

    def _charge(self, dt: float, starter: bool) -> None:
        self.charger_v = approach(self.charger_v, 28.0 if self.rpm > 700.0 and not self.battery_low else 0.0, dt, 0.8)
        # The mains charger holds the battery while the set stands; a lost charger shows as under-voltage at once.
        battery = 22.3 if self.battery_low else 21.5 if starter else 27.6 if self.charger_v > 20.0 else 26.8
        self.battery_v = approach(self.battery_v, battery, dt, 1.5)

    def noisy(self, name: str, value: float) -> float:
        """``value`` with the noise called ``name`` on it."""
        return value + self.jitter[name].value
