"""The simulated plant: sites and controllers built from the settings, served on their links, moved by a clock."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from registermaps import RegisterMap, did_you_mean
from runtime.settings import Settings
from runtime.simulator.build import build_controllers
from runtime.simulator.faults import FaultError, parse_fault
from runtime.simulator.links import PlantLinks
from runtime.simulator.plant_clock import PlantClock, WallClock
from runtime.simulator.plant_faults import fault_controller, fault_site
from runtime.simulator.wanderer import WanderingController

__all__ = ["Plant"]

#: one step of the model, seconds of plant time
TICK_S = 0.1
#: longest step that the model bears, for runs much faster than the clock
LONGEST_TICK_S = 0.5
#: most steps between two looks at the sockets
MOST_TICKS = 40


class Plant:
    """All devices of an ini file, simulated.

        plant = Plant(settings, maps, seed=1)
        await plant.start()          # serves; plant.ports["mkz_line"] is the port of a link
        plant.fault("mkz.shpr", "delay=1.5")
        await plant.stop()

    ``clock`` moves it, the machine's by default. A test passes ``moving=False`` and calls ``step``: the same seed and
    the same steps give the same registers, except for the clock of the HGM9560, which starts at ``clock.time()``.
    """

    def __init__(
        self, settings: Settings, maps: Mapping[str, RegisterMap], *, seed: int | None = None,
        speed: float | None = None, clock: PlantClock | None = None, moving: bool = True, link_ptys: bool = False,
    ) -> None:  # fmt: skip
        self.settings = settings
        self.seed = settings.simulator.seed if seed is None else seed
        self.speed = settings.simulator.speed if speed is None else speed
        self.clock = clock or WallClock()
        self.moving = moving
        #: plant time since the start, seconds
        self.time_s = 0.0
        self._begun_at = self.clock.time()
        self._left_s = 0.0
        self.sites, self.controllers = build_controllers(settings, maps, self.seed, self.wall)
        self._wanderers = [c for c in self.controllers.values() if isinstance(c, WanderingController)]
        self.links = PlantLinks(settings, self.controllers, self.seed, link_ptys)
        self._task: asyncio.Task[None] | None = None
        self._publish()

    @property
    def ports(self) -> dict[str, int]:
        """Link -> TCP port that it is served on, after ``start``."""
        return self.links.ports

    @property
    def ptys(self) -> dict[str, str]:
        """Serial link -> path to open, after ``start``."""
        return self.links.ptys

    def wall(self) -> float:
        """The plant's own date, Unix seconds: when it began, and how far it has come."""
        return self._begun_at + self.time_s

    async def start(self) -> None:
        """Serve all links and begin to move. Raises PlantError with nothing left open."""
        await self.links.start()
        if self.moving:
            self._task = asyncio.get_running_loop().create_task(self._move())

    async def serve_until(self, stopped: asyncio.Event) -> None:
        """Wait until told to stop. A mistake in the model ends it with that exception, rather than a plant that
        stands still.
        """
        told = asyncio.get_running_loop().create_task(stopped.wait())
        try:
            await asyncio.wait([told, self._task] if self._task else [told], return_when=asyncio.FIRST_COMPLETED)
            if not told.done() and self._task is not None:
                self._task.result()
        finally:
            told.cancel()

    async def stop(self) -> None:
        """Stop moving, close every port and pty."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self.links.stop()

    def step(self, dt: float) -> None:
        """Move the model on by ``dt`` seconds of plant time, without waiting, in ticks of a fixed length."""
        self._step(dt, TICK_S)

    def _step(self, dt: float, tick: float) -> None:
        self._left_s += dt
        while self._left_s >= tick - 1e-9:
            self._left_s -= tick
            self.time_s += tick
            for site in self.sites.values():
                site.step(tick, self.wall() % 86400.0)
            for wanderer in self._wanderers:
                wanderer.step(tick)
        self._publish()

    def _publish(self) -> None:
        for controller in self.controllers.values():
            controller.publish()

    async def _move(self) -> None:
        """Follow the clock at the plant's speed; a plant that can't keep up falls behind rather than blocking."""
        tick = min(LONGEST_TICK_S, max(TICK_S, TICK_S * self.speed / 20.0))
        before = self.clock.monotonic()
        while True:
            await self.clock.sleep(TICK_S)
            now = self.clock.monotonic()
            self._step(min((now - before) * self.speed, MOST_TICKS * tick), tick)
            before = now

    def fault(self, target: str, fault: str) -> None:
        """Switch a fault on, before or after ``start``: ``plant.fault("mkz.shpr", "delay=1.5")``.

        ``target`` is a device, a link or a site; the faults are in ``FAULTS``. Raises FaultError with a sentence.
        """
        command = parse_fault(fault)
        name, place = command.kind.name, command.kind.place
        known = [*self.controllers, *self.settings.links, *self.sites]
        if target not in known:
            hint = did_you_mean(target, known)
            raise FaultError(f"there is no device, link or site '{target}'{hint}; known: {', '.join(known)}")
        if name == "clear":
            self._clear(target)
        elif place == "line":
            self.links.fault_line(target, name, command.value)
        elif place == "link":
            self.links.fault_link(target, name, command.value)
        elif place == "site":
            fault_site(self.sites, target, name)
        else:
            fault_controller(self.controllers, target, command)
        self.links.follow_offline()

    def _clear(self, target: str) -> None:
        """Take faults back: a device's, a link's with those of its units, a site's with those of all its devices."""
        if (site := self.sites.get(target)) is not None:
            site.mains.failed = False
            site.incidents.enabled = True
        self.links.clear(target)
        for name, controller in self.controllers.items():
            device = self.settings.devices[name]
            if target in (name, device.link, device.site):
                controller.clear_faults()
                controller.publish()
                self.links.clear(name)
