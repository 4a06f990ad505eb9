"""The bus-tie controller of a site: mains and bus breakers, which sets run, and how the load is shared."""

from __future__ import annotations

import math
from collections.abc import Sequence

from runtime.simulator.alarms import AlarmBook
from runtime.simulator.breaker import Breaker, SwitchState
from runtime.simulator.engine import RATED_KW
from runtime.simulator.genset import Genset
from runtime.simulator.mains import Mains, MainsState
from runtime.simulator.modes import Mode
from runtime.simulator.sequence import GensetState

__all__ = ["BusTie"]

#: a set is called when the others would run above this share of their rating, and released below
CALL_ABOVE = 0.85
RELEASE_BELOW = 0.82
CALL_AFTER_S = 4.0
RELEASE_AFTER_S = 12.0
#: how often it writes P and Q of the sets over the link between the controllers
SHARE_EVERY_S = 1.0


class BusTie:
    """An HGM9560, or what does its work on a site that has none."""

    def __init__(self, classes: list[str], load_mode: int) -> None:
        self.mode = Mode.AUTO
        self.mains_breaker = Breaker(closed=True, delay_s=0.5)
        self.bus_breaker = Breaker(closed=True, delay_s=0.5)
        self.alarms = AlarmBook(classes)
        #: 0 generator control, 1 mains control, 2 takeover (SmartGen facts: enumeration load_mode)
        self.load_mode = load_mode
        self.p_pct = 15.0 if load_mode == 1 else 60.0
        self.q_pct = 20.0
        self.outputs = [False] * 6
        self.wanted = 1
        self.run_requested = True
        self.battery_low = False
        self._call_s = 0.0
        self._release_s = 0.0
        self._share_s = 0.0

    def gensets_kw(self, load_kw: float, sets: int) -> float:
        """What the sets together should give, kW."""
        rating = RATED_KW * max(1, sets)
        if self.load_mode == 0:
            return self.p_pct / 100.0 * rating
        if self.load_mode == 1:
            return load_kw - self.p_pct / 100.0 * rating
        return load_kw

    def step(self, dt: float, *, mains: Mains, gensets: Sequence[Genset], load_kw: float, bus_live: bool) -> None:
        """Go on by ``dt`` seconds."""
        self._breakers(dt, mains, bus_live)
        if self.mode is Mode.AUTO:
            self._demand(dt, gensets, load_kw, mains)
        self._share_s -= dt
        if self._share_s <= 0.0:
            self._share_s += SHARE_EVERY_S
            self._share(gensets, load_kw)
        low = self.battery_low
        self.alarms.follow("warning_battery_undervolt", low)
        slow = self.bus_breaker.state is SwitchState.SYNCHRONISING and self.bus_breaker.synchronising_s > 60.0
        self.alarms.follow("warning_sync_failure", slow)

    def _breakers(self, dt: float, mains: Mains, bus_live: bool) -> None:
        if mains.state in (MainsState.ABNORMAL, MainsState.ABNORMAL_DELAY) and not mains.healthy:
            if self.mains_breaker.closed:
                self.mains_breaker.trip()
        elif self.mode is Mode.AUTO and mains.state is MainsState.NORMAL:
            self.mains_breaker.close()
        if self.mode is Mode.AUTO and bus_live and self.run_requested:
            self.bus_breaker.close()
        ready = mains.healthy
        self.mains_breaker.step(
            dt, in_sync=ready and self.mains_breaker.synchronising_s > (3.0 if bus_live else 0.2), unloaded=True
        )
        self.bus_breaker.step(dt, in_sync=self.bus_breaker.synchronising_s > (3.0 if bus_live else 0.2), unloaded=True)

    def _demand(self, dt: float, gensets: Sequence[Genset], load_kw: float, mains: Mains) -> None:
        ready = [genset for genset in gensets if genset.mode is Mode.AUTO and not genset.alarms.has(
            "shutdown", "trip_and_stop", "safety_trip_and_stop", "trip")]  # fmt: skip
        need = max(load_kw if not mains.healthy or self.load_mode == 0 else self.gensets_kw(load_kw, self.wanted), 0.0)
        capacity = RATED_KW * self.wanted
        self._call_s = self._call_s + dt if need > CALL_ABOVE * capacity else 0.0
        fewer = RATED_KW * (self.wanted - 1)
        self._release_s = self._release_s + dt if self.wanted > 1 and need < RELEASE_BELOW * fewer else 0.0
        if self._call_s > CALL_AFTER_S:
            self.wanted, self._call_s = self.wanted + 1, 0.0
        elif self._release_s > RELEASE_AFTER_S:
            self.wanted, self._release_s = self.wanted - 1, 0.0
        self.wanted = max(1, min(self.wanted, len(gensets)))
        # Sets in the order of their numbers; one that fails is replaced by the next.
        for number, genset in enumerate(ready):
            genset.called = self.run_requested and number < self.wanted

    def _share(self, gensets: Sequence[Genset], load_kw: float) -> None:
        sharing = [genset for genset in gensets if genset.running]
        if not sharing:
            return
        each = self.gensets_kw(load_kw, len(sharing)) / (RATED_KW * len(sharing)) * 100.0
        for genset in sharing:
            # Rounded, as it travels in tenths of a percent. It overwrites what anybody wrote to the set itself.
            genset.p_target_pct = round(min(100.0, max(10.0, each)), 1)
            genset.q_target_pct = round(min(100.0, self.q_pct), 1)

    def genset_state(self, gensets: Sequence[Genset]) -> tuple[int, float]:
        """The summary of the sets' states (register 40) and the delay left in it."""
        states = [genset.sequence for genset in gensets]
        if not states:
            return GensetState.STANDBY, 0.0
        running = [s for s in states if s.state in (GensetState.RUNNING, GensetState.WAITING_FOR_LOAD)]
        moving = [s for s in states if s.state is not GensetState.STANDBY]
        shown = max(running or moving or states, key=lambda s: s.state)
        # This model ends at 14 = failure to stop: it has no state after the stop.
        state = GensetState.STANDBY if shown.state is GensetState.AFTER_STOP else shown.state
        return min(int(state), 14), math.ceil(shown.left_s)

    # Commands of the panel and of function 05.

    def start(self, gensets: Sequence[Genset]) -> None:
        """Manual mode: call the sets."""
        if self.mode is Mode.MANUAL:
            self.run_requested = True
            for genset in gensets:
                genset.called = genset.mode is not Mode.STOP

    def stop(self, gensets: Sequence[Genset]) -> None:
        """Unload, open the bus breaker, stop the sets."""
        self.mode, self.run_requested = Mode.STOP, False
        self.bus_breaker.open()
        for genset in gensets:
            if genset.mode is Mode.AUTO:
                genset.called = False

    def set_mode(self, mode: Mode) -> None:
        """Auto or manual."""
        self.mode = mode
        if mode is Mode.AUTO:
            self.run_requested = True
