"""One genset with its controller: sequence, breaker, protections, commands, counters."""

from __future__ import annotations

from random import Random

from runtime.simulator.alarms import AlarmBook
from runtime.simulator.breaker import Breaker, SwitchState
from runtime.simulator.engine import IDLE_RPM, RATED_KW, RATED_RPM, Engine
from runtime.simulator.generator import Generator
from runtime.simulator.mains import Mains
from runtime.simulator.modes import Mode
from runtime.simulator.sequence import GensetState, Sequence, Timings
from runtime.simulator.wobble import Wobble

__all__ = ["Genset"]

#: how long synchronising may take before the controller warns, seconds
SYNC_LIMIT_S = 60.0
#: how long it turns past the bus before it pulls the phase in, seconds
ROUGH_SYNC_S = 4.0
STOPPING = ("shutdown", "trip_and_stop", "safety_trip_and_stop")
OPENING = ("shutdown", "trip_and_stop", "trip", "safety_trip_and_stop", "safety_trip")


class Genset:
    """A set of 160 kW and its HGM9520N."""

    def __init__(self, rng: Random, classes: list[str], *, running: bool, timings: Timings | None = None) -> None:
        self.rng = rng
        self.mode = Mode.AUTO
        #: wanted by the bus-tie controller (auto) or by the start button (manual)
        self.called = running
        self.sequence = Sequence(timings, GensetState.RUNNING if running else GensetState.STANDBY)
        self.breaker = Breaker(closed=running)
        self.engine = Engine(rng, running)
        self.generator = Generator(rng, 402.0 if running else 0.0)
        self.alarms = AlarmBook(classes)
        self.run_s = rng.uniform(16_900.0, 20_000.0) * 3600.0
        self.starts = rng.randint(1500, 2400)
        self.kwh = rng.uniform(1.2e6, 1.7e6)
        #: settings P and Q in percent of the rating, as written by the bus-tie controller or by function 06
        self.p_target_pct = 60.0
        self.q_target_pct = 20.0
        self.remote_reset = True
        self.earth = Wobble(rng, 0.15, 3.0)
        #: the bus as it saw it last
        self.bus_volts = 402.0
        self.bus_hertz = 50.0
        self._held: dict[str, float] = {}
        if running:
            self.generator.kw = 0.5 * RATED_KW

    @property
    def closed(self) -> bool:
        """Whether its breaker is closed."""
        return self.breaker.closed

    @property
    def running(self) -> bool:
        """Whether it is closed on the bus and takes load."""
        return self.breaker.state is SwitchState.CLOSED

    def step(self, dt: float, *, bus_volts: float, bus_hertz: float, mains: Mains) -> None:
        """Go on by ``dt`` seconds; the bus is what its breaker closes onto."""
        self.bus_volts, self.bus_hertz = bus_volts, bus_hertz
        blocked = self.alarms.has(*STOPPING)
        run = self.called and self.mode is not Mode.STOP and not blocked
        if not run:
            self.breaker.open()
        elif self.mode is Mode.AUTO and self.sequence.at_speed and not self.alarms.has(*OPENING):
            self.breaker.close()
        sequence = self.sequence
        starts = sequence.starts
        sequence.step(dt, run=run, rpm=self.engine.rpm, loaded=self.closed)
        self.starts += sequence.starts - starts
        dead = bus_volts < 40.0
        locked = bus_hertz * 30.0 if self.closed and not dead and not self.engine.overspeed else None
        self.engine.step(
            dt, starter=sequence.starter, fuel=sequence.fuel, target_rpm=self._target_rpm(bus_hertz), locked_rpm=locked,
            kw=self.generator.kw,
        )  # fmt: skip
        self.generator.step(
            dt, rpm=self.engine.rpm, bus_volts=bus_volts, bus_hertz=bus_hertz, closed=self.closed and locked is not None
        )
        self.breaker.step(
            dt, in_sync=self.generator.volts > 360.0 and (dead or self._in_sync(bus_hertz)),
            unloaded=self.generator.unloaded,
        )  # fmt: skip
        self.earth.step(dt)
        if self.engine.fired:
            self.run_s += dt
        self.kwh += max(0.0, self.generator.kw) * dt / 3600.0
        self._protect(dt, mains)

    def _in_sync(self, bus_hertz: float) -> bool:
        slow = abs(self.generator.hertz - bus_hertz) < 0.15
        return slow and self.breaker.synchronising_s > ROUGH_SYNC_S and self.generator.in_sync

    def _target_rpm(self, bus_hertz: float) -> float:
        if self.sequence.idle:
            return IDLE_RPM
        if self.breaker.state not in (SwitchState.SYNCHRONISING, SwitchState.CLOSE_DELAY) or bus_hertz < 1.0:
            return RATED_RPM * 1.002
        # The governor turns the phase towards the bus: the nearer it is, the slower, so the last turn creeps in.
        error = (self.generator.phase_deg + 180.0) % 360.0 - 180.0
        if self.breaker.synchronising_s < ROUGH_SYNC_S:
            return (bus_hertz + 0.22) * 30.0
        return (bus_hertz - max(-0.12, min(0.12, 0.004 * error))) * 30.0

    def _protect(self, dt: float, mains: Mains) -> None:
        engine, generator, watch = self.engine, self.generator, self.sequence.protected
        self._latch("shutdown_overspeed", engine.rpm > 1.14 * RATED_RPM, 0.0, dt)
        self._latch("shutdown_low_oil_pressure", watch and engine.oil_kpa < 100.0, 2.0, dt)
        self._latch("shutdown_high_temp", watch and engine.coolant_c > 103.0, 1.0, dt)
        self._latch("shutdown_crank_failure", self.sequence.crank_failed, 0.0, dt)
        self._latch("shutdown_stop_failure", self.sequence.state is GensetState.STOP_FAILURE, 0.0, dt)
        self._latch("trip_and_stop_gen_overvolt", self.sequence.at_speed and generator.volts > 460.0, 1.0, dt)
        self._latch("trip_and_stop_gen_undervolt", self.sequence.at_speed and generator.volts < 320.0, 3.0, dt)
        self._latch("trip_reverse_power", self.closed and generator.kw < -0.1 * RATED_KW, 3.0, dt)
        follow = self.alarms.follow
        # The starter pulls the voltage down, which is no fault of the battery.
        low = engine.battery_v < 23.0 and not self.sequence.starter
        follow("warning_battery_undervolt", self._held_for("battery", low, 1.0, dt))
        charging = engine.charger_v > 20.0
        follow("warning_charge_failure", self._held_for("charge", watch and not charging, 5.0, dt))
        follow("warning_over_power", self._held_for("power", generator.kw > 1.1 * RATED_KW, 5.0, dt))
        syncing = self.breaker.state is SwitchState.SYNCHRONISING
        follow("warning_sync_failure", syncing and self.breaker.synchronising_s > SYNC_LIMIT_S)
        follow("warning_mains_undervolt", self._held_for("mains", not mains.healthy, mains.fail_delay_s, dt))
        if self.alarms.has("shutdown"):
            self.breaker.trip()
            self.sequence.stop_at_once()
        elif self.alarms.has("trip_and_stop", "trip"):
            self.breaker.trip()
        if self.alarms.has(*STOPPING):
            self.called = False

    def _held_for(self, name: str, condition: bool, seconds: float, dt: float) -> bool:
        self._held[name] = self._held.get(name, 0.0) + dt if condition else 0.0
        return condition and self._held[name] > seconds

    def _latch(self, name: str, condition: bool, seconds: float, dt: float) -> None:
        if self._held_for(name, condition, seconds, dt):
            self.alarms.raise_alarm(name)

    # Commands of the panel and of function 05.

    def start(self) -> None:
        """The start button: works in manual mode, with no stopping alarm."""
        if self.mode is Mode.MANUAL and not self.alarms.has(*STOPPING):
            self.called = True

    def stop(self) -> None:
        """The stop button: stop mode; unload, open, cool down, stop. Pressed again in stop mode it resets alarms."""
        if self.mode is Mode.STOP:
            self.reset_alarms()
        self.mode, self.called = Mode.STOP, False

    def fast_stop(self) -> None:
        """Stop without unloading or cooling."""
        self.mode, self.called = Mode.STOP, False
        self.breaker.trip()
        self.sequence.stop_at_once()

    def set_mode(self, mode: Mode) -> None:
        """Auto or manual; a running set keeps running."""
        if self.mode is Mode.STOP and mode is Mode.MANUAL:
            self.called = False
        self.mode = mode

    def close_breaker(self) -> None:
        """In manual mode, a set at speed closes after synchronising."""
        if self.mode is Mode.MANUAL and self.sequence.at_speed and not self.alarms.has(*OPENING):
            self.breaker.close()

    def open_breaker(self) -> None:
        """In manual mode, unload and open."""
        if self.mode is Mode.MANUAL:
            self.breaker.open()

    def reset_alarms(self) -> None:
        """Without effect where the controller's setting "remote alarm reset" is off."""
        if self.remote_reset:
            self.alarms.reset()
