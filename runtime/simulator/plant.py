"""The simulated plant: sites and controllers built from the settings, served on their links, moved by a clock."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from pathlib import Path

from registermaps import RegisterMap
from runtime.settings import LinkSettings, Settings
from runtime.simulator.build import build_controllers
from runtime.simulator.controller import Controller
from runtime.simulator.converter import Converter
from runtime.simulator.faults import FaultError, parse_fault
from runtime.simulator.line_faults import LineFaults
from runtime.simulator.plant_clock import PlantClock, WallClock
from runtime.simulator.plant_faults import fault_controller, fault_site
from runtime.simulator.ports import PlantError, bind_all, check_loopback
from runtime.simulator.pty_line import PtyLine
from runtime.simulator.serial_bus import SerialBus
from runtime.simulator.serial_line import SerialLine
from runtime.simulator.tcp_server import TcpLink
from runtime.simulator.wanderer import WanderingController
from runtime.simulator.wobble import seeded

__all__ = ["Plant"]

#: one step of the model, seconds of plant time
TICK_S = 0.1
#: longest step that the model still bears, for runs much faster than the clock
LONGEST_TICK_S = 0.5


class Plant:
    """All devices of an ini file, simulated.

        plant = Plant(settings, maps, seed=1)
        await plant.start()          # serves; plant.ports["mkz_line"] is the port of a link
        plant.fault("mkz.shpr", "delay=1.5")
        await plant.stop()

    With ``clock=None`` the wall clock moves it. A test passes ``moving=False`` and calls ``step``: the same seed and
    the same steps give the same registers.
    """

    def __init__(
        self, settings: Settings, maps: Mapping[str, RegisterMap], *, seed: int | None = None,
        speed: float | None = None, clock: PlantClock | None = None, moving: bool = True, link_ptys: bool = False,
    ) -> None:  # fmt: skip
        check_loopback(settings.links.values())
        self.settings = settings
        self.seed = settings.simulator.seed if seed is None else seed
        self.speed = settings.simulator.speed if speed is None else speed
        self.clock = clock or WallClock()
        self.moving = moving
        self.link_ptys = link_ptys
        #: plant time since the start, seconds
        self.time_s = 0.0
        self._begun_at = self.clock.time()
        self._left_s = 0.0
        self.sites, self.controllers = build_controllers(settings, maps, self.seed, self.wall)
        self._wanderers = [c for c in self.controllers.values() if isinstance(c, WanderingController)]
        #: link -> port that it is served on
        self.ports: dict[str, int] = {}
        #: serial link -> path of its pty
        self.ptys: dict[str, str] = {}
        self._tcp: dict[str, TcpLink] = {}
        self._buses: dict[str, SerialBus] = {}
        self._converters: dict[str, Converter] = {}
        self._lines: dict[str, PtyLine] = {}
        self._task: asyncio.Task[None] | None = None
        self._early_faults: list[tuple[str, str]] = []
        self._started = False
        self._publish()

    def wall(self) -> float:
        """The plant's own date, Unix seconds: where it began, and how far it has come."""
        return self._begun_at + self.time_s

    async def start(self) -> None:
        """Bind every port, then serve all links. Raises PlantError with nothing left open."""
        links = {device.link: self.settings.links[device.link] for device in self.settings.devices.values()}
        sockets = bind_all(links.values())
        try:
            for link in links.values():
                await self._serve(link, sockets)
        except PlantError:
            for sock in sockets.values():
                sock.close()
            await self.stop()
            raise
        self._started = True
        for target, fault in self._early_faults:
            self.fault(target, fault)
        if self.moving:
            self._task = asyncio.get_running_loop().create_task(self._move())

    async def _serve(self, link: LinkSettings, sockets: Mapping[str, socket.socket]) -> None:
        units = {c.unit: c for c in self.controllers.values() if self.settings.devices[c.name].link == link.name}
        rng = seeded(self.seed, f"link {link.name}")
        if link.kind == "tcp":
            self.ports[link.name] = sockets[link.name].getsockname()[1]
            self._tcp[link.name] = TcpLink(units, rng)
            await self._tcp[link.name].start(sockets[link.name])
            return
        bus = SerialBus(SerialLine(link.line or "9600-8N2"), units, asyncio.get_running_loop(), rng)
        self._buses[link.name] = bus
        if link.kind == "rtu-tcp":
            self.ports[link.name] = sockets[link.name].getsockname()[1]
            self._converters[link.name] = Converter(bus)
            await self._converters[link.name].start(sockets[link.name])
        else:
            line = PtyLine(bus, Path(link.device) if self.link_ptys else None)
            self._lines[link.name] = line
            line.start()
            self.ptys[link.name] = line.path

    async def stop(self) -> None:
        """Stop moving, close every port and pty."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        for tcp in self._tcp.values():
            await tcp.stop()
        for converter in self._converters.values():
            await converter.stop()
        for line in self._lines.values():
            line.stop()
        self._lines.clear()
        self._started = False

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
            self._step(min((now - before) * self.speed, 200 * tick), tick)
            before = now

    def fault(self, target: str, fault: str) -> None:
        """Switch a fault on: ``plant.fault("mkz.shpr", "delay=1.5")``.

        ``target`` is a device, a link or a site. Raises FaultError with a sentence. Line faults that are set before
        ``start`` take effect with it.
        """
        command = parse_fault(fault)
        name, place = command.kind.name, command.kind.place
        known = [*self.controllers, *self.settings.links, *self.sites]
        if target not in known:
            raise FaultError(f"there is no device, link or site '{target}'; known: {', '.join(known)}")
        if place in ("line", "link") and not self._started:
            self._early_faults.append((target, fault))
        elif name == "clear":
            self._clear(target)
        elif place == "line":
            self._line_faults(target, name).set(name, command.value)
            self._apply_offline()
        elif place == "link":
            self._fault_link(target, name, command.value)
        elif place == "site":
            fault_site(self.sites, target, name)
        else:
            fault_controller(self.controllers, target, command)

    def _line_faults(self, target: str, name: str) -> LineFaults:
        ends: dict[str, TcpLink | SerialBus] = {**self._tcp, **self._buses}
        if (controller := self.controllers.get(target)) is not None:
            return ends[self.settings.devices[target].link].unit_faults[controller.unit]
        if target not in ends:
            raise FaultError(f"fault '{name}' is of the line: it needs a device or a link, and '{target}' is a site")
        return ends[target].faults

    def _fault_link(self, target: str, name: str, value: object) -> None:
        link = self.settings.devices[target].link if target in self.controllers else target
        if (bus := self._buses.get(link)) is None:
            raise FaultError(f"fault '{name}' needs a serial line, and '{target}' has none")
        if name == "turnaround" and isinstance(value, float):
            bus.turnaround_s = value
        elif name == "echo":
            bus.echo = True
        elif name == "clients" and isinstance(value, int):
            if (converter := self._converters.get(link)) is None:
                raise FaultError(f"fault '{name}' needs a converter, and link '{link}' has none")
            converter.max_clients = value

    def _apply_offline(self) -> None:
        for tcp in self._tcp.values():
            if tcp.offline:
                tcp.drop_clients()
        for converter in self._converters.values():
            if converter.bus.faults.offline:
                converter.drop_clients()

    def _clear(self, target: str) -> None:
        """Take the target's faults back: a site's with all its devices, a link's with those on it."""
        for name, controller in self.controllers.items():
            device = self.settings.devices[name]
            if target in (name, device.link, device.site):
                controller.clear_faults()
                controller.publish()
                ends: dict[str, TcpLink | SerialBus] = {**self._tcp, **self._buses}
                if device.link in ends:
                    ends[device.link].unit_faults[controller.unit] = LineFaults()
                    if target != name:
                        ends[device.link].faults = LineFaults()
        if (site := self.sites.get(target)) is not None:
            site.mains.failed = False
            site.incidents.enabled = True
        if (bus := self._buses.get(target)) is not None:
            bus.turnaround_s, bus.echo = 0.02, False
        if (converter := self._converters.get(target)) is not None:
            converter.max_clients = 1

    def controller(self, name: str) -> Controller:
        """The controller of a device."""
        return self.controllers[name]
