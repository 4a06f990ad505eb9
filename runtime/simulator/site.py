"""One plant: mains, load, gensets and bus tie on one busbar, and the balance of power among them."""

from __future__ import annotations

from collections.abc import Mapping

from runtime.simulator.bustie import BusTie
from runtime.simulator.engine import RATED_KW
from runtime.simulator.genset import Genset
from runtime.simulator.incidents import Incidents
from runtime.simulator.load import SiteLoad
from runtime.simulator.mains import Mains
from runtime.simulator.wobble import Wobble, approach

__all__ = ["Site"]


class Site:
    """The physics of one site.

    mains --[mains breaker]-- consumers --[bus breaker]-- busbar --[breaker]-- genset 1, 2...
    """

    def __init__(
        self, name: str, mains: Mains, load: SiteLoad, tie: BusTie, gensets: Mapping[str, Genset], incidents: Incidents,
        noise: Wobble,
    ) -> None:  # fmt: skip
        self.name = name
        self.mains = mains
        self.load = load
        self.tie = tie
        #: device name -> set, in the order of the ini
        self.gensets = dict(gensets)
        self.incidents = incidents
        self.noise = noise
        self.bus_volts = 402.0
        self.bus_hertz = 50.0
        #: what the mains gives, import positive
        self.mains_kw = 0.0
        self.mains_kvar = 0.0
        self.kwh = 310_000.0
        self.kvarh = 120_000.0
        self.kvah = 335_000.0
        self.run_s = 18_400.0 * 3600.0
        self.starts = 2140

    @property
    def sets_kw(self) -> float:
        """Power of all sets together."""
        return sum(genset.generator.kw for genset in self.gensets.values())

    @property
    def sets_kvar(self) -> float:
        """Reactive power of all sets together."""
        return sum(genset.generator.kvar for genset in self.gensets.values())

    @property
    def parallel(self) -> bool:
        """Whether the busbar hangs on a live mains."""
        return self.tie.mains_breaker.closed and self.tie.bus_breaker.closed and self.mains.volts > 40.0

    def step(self, dt: float, seconds_of_day: float) -> None:
        """Go on by ``dt`` seconds."""
        sets = list(self.gensets.values())
        self.mains.step(dt)
        self.load.step(dt, seconds_of_day)
        self.incidents.step(dt, sets)
        self.noise.step(dt)
        self.tie.step(dt, mains=self.mains, gensets=sets, load_kw=self.load.kw, bus_live=self.bus_volts > 300.0)
        self._busbar(dt, sets)
        for genset in sets:
            genset.step(dt, bus_volts=self.bus_volts, bus_hertz=self.bus_hertz, mains=self.mains)
        self._balance(dt, sets)

    def _busbar(self, dt: float, sets: list[Genset]) -> None:
        sources = [genset for genset in sets if genset.closed and genset.engine.fired and genset.generator.volts > 40.0]
        if self.parallel:
            self.bus_volts, self.bus_hertz = self.mains.volts, self.mains.hertz
        elif sources:
            # In island the sets hold their own frequency; a step of load shows in it for a moment.
            sag = max(-0.6, min(0.6, (self.load.kw - self.sets_kw) / (RATED_KW * len(sources))))
            racing = max(genset.engine.rpm for genset in sources) / 30.0 if any(
                genset.engine.overspeed for genset in sources) else 50.0  # fmt: skip
            self.bus_hertz = approach(self.bus_hertz or 50.0, racing - 1.5 * sag + 0.01 * self.noise.value, dt, 0.6)
            self.bus_volts = approach(self.bus_volts, 400.0 - 12.0 * sag, dt, 0.3)
        else:
            self.bus_volts = approach(self.bus_volts, 0.0, dt, 0.1)
            self.bus_hertz = self.bus_hertz if self.bus_volts > 20.0 else 0.0

    def _balance(self, dt: float, sets: list[Genset]) -> None:
        sharing = [genset for genset in sets if genset.closed]
        linked = self.tie.bus_breaker.closed
        for genset in sharing:
            opening = not genset.running
            if self.parallel:
                p = 0.0 if opening else genset.p_target_pct / 100.0 * RATED_KW
                q = 0.0 if opening else genset.q_target_pct / 100.0 * RATED_KW
            else:
                takers = [other for other in sharing if other.running] or sharing
                share = 1.0 / len(takers) if linked and genset in takers else 0.0
                p, q = self.load.kw * share, self.load.kvar * share
            genset.generator.deliver(dt, p, q, stiff=self.parallel or opening)
        if self.tie.mains_breaker.closed and self.mains.volts > 40.0:
            own = (self.sets_kw, self.sets_kvar) if linked else (0.0, 0.0)
            self.mains_kw, self.mains_kvar = self.load.kw - own[0], self.load.kvar - own[1]
        else:
            self.mains_kw = self.mains_kvar = 0.0
        hours = dt / 3600.0
        self.kwh += max(0.0, self.sets_kw) * hours
        self.kvarh += abs(self.sets_kvar) * hours
        self.kvah += (self.sets_kw**2 + self.sets_kvar**2) ** 0.5 * hours
        if sharing:
            self.run_s += dt
