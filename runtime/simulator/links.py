"""The field side of the simulated plant: every link of the settings, served, with the faults of its line."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from runtime.settings import LinkSettings, Settings
from runtime.simulator.controller import Controller
from runtime.simulator.converter import Converter
from runtime.simulator.faults import FaultError
from runtime.simulator.line_faults import LineFaults
from runtime.simulator.ports import PlantError, bind, bind_all, check_loopback
from runtime.simulator.pty_line import PtyLine
from runtime.simulator.serial_bus import TURNAROUND_S, SerialBus
from runtime.simulator.serial_line import SerialLine
from runtime.simulator.tcp_server import TcpLink
from runtime.simulator.wobble import seeded

__all__ = ["PlantLinks"]


class PlantLinks:
    """TCP servers, converters and ptys. Faults may be set before they serve."""

    def __init__(self, settings: Settings, controllers: Mapping[str, Controller], seed: int, link_ptys: bool) -> None:
        self._settings = settings
        self._controllers = controllers
        self._links = {device.link: settings.links[device.link] for device in settings.devices.values()}
        check_loopback(self._links.values())
        #: link -> port that it is served on
        self.ports: dict[str, int] = {}
        #: serial link -> path of its pty
        self.ptys: dict[str, str] = {}
        #: link -> its units, and their line where it is serial
        self.tcp: dict[str, TcpLink] = {}
        self.buses: dict[str, SerialBus] = {}
        self.converters: dict[str, Converter] = {}
        self._started = False
        self._coming_back: dict[str, asyncio.Task[None]] = {}
        self._pty_lines: dict[str, PtyLine] = {}
        for link in self._links.values():
            self._build(link, seed, link_ptys)

    def _build(self, link: LinkSettings, seed: int, link_ptys: bool) -> None:
        units = {c.unit: c for c in self._controllers.values() if self._settings.devices[c.name].link == link.name}
        rng = seeded(seed, f"link {link.name}")
        if link.kind == "tcp":
            self.tcp[link.name] = TcpLink(units, rng)
            return
        bus = self.buses[link.name] = SerialBus(SerialLine(link.line or "9600-8N2"), units, rng)
        bus.echo = link.echo
        if link.kind == "rtu-tcp":
            self.converters[link.name] = Converter(bus)
        else:
            self._pty_lines[link.name] = PtyLine(bus, Path(link.device) if link_ptys else None)

    async def start(self) -> None:
        """Bind every port, then serve all. Raises PlantError with nothing left open."""
        sockets = bind_all(self._links.values())
        self.ports = {name: sock.getsockname()[1] for name, sock in sockets.items()}
        try:
            for name, line in self._pty_lines.items():
                line.start()
                self.ptys[name] = line.path
        except PlantError:
            self._close(sockets)
            raise
        self._started = True
        for name, sock in sockets.items():
            end = self.tcp.get(name) or self.converters[name]
            if end.offline:
                sock.close()
            else:
                await end.start(sock)

    def _close(self, sockets: Mapping[str, socket.socket]) -> None:
        for sock in sockets.values():
            sock.close()
        for line in self._pty_lines.values():
            line.stop()

    async def stop(self) -> None:
        """Close every port, connection and pty."""
        self._started = False
        await asyncio.gather(*self._coming_back.values())
        for end in self._sockets().values():
            end.close()
        for line in self._pty_lines.values():
            line.stop()
        # Transports that were aborted say goodbye in the next round of the loop.
        await asyncio.sleep(0)

    def _sockets(self) -> dict[str, TcpLink | Converter]:
        return {**self.tcp, **self.converters}

    def follow_offline(self) -> None:
        """Close what is off, so that connections are refused as by a controller without power; open what is back."""
        if not self._started:
            return
        for name, end in self._sockets().items():
            if end.offline and end.serving:
                end.close()
            elif not end.offline and not end.serving and name not in self._coming_back:
                try:
                    sock = bind(self._links[name], self.ports[name])
                except PlantError as error:
                    raise FaultError(str(error)) from None
                task = asyncio.get_running_loop().create_task(end.start(sock))
                self._coming_back[name] = task
                task.add_done_callback(partial(self._back, name))

    def _back(self, name: str, _: asyncio.Task[None]) -> None:
        del self._coming_back[name]
        self.follow_offline()  # it may have gone off again meanwhile

    def fault_line(self, target: str, name: str, value: object) -> None:
        """A line fault of a device or a whole link."""
        controller = self._controllers.get(target)
        link = self._settings.devices[target].link if controller is not None else target
        end = self.tcp.get(link) or self.buses.get(link)
        if end is None:
            raise FaultError(f"fault '{name}' is of the line: it needs a device or a link, and '{target}' is neither")
        faults = end.faults if controller is None else end.unit_faults[controller.unit]
        faults.set(name, value)

    def fault_link(self, target: str, name: str, value: object) -> None:
        """A property of a serial line or its converter; a device means the link it is on."""
        link = self._settings.devices[target].link if target in self._controllers else target
        bus, converter = self.buses.get(link), self.converters.get(link)
        if bus is None:
            raise FaultError(f"fault '{name}' needs a serial line, and '{target}' has none")
        if name == "echo":
            bus.echo = True
        elif name == "turnaround" and isinstance(value, float):
            bus.turnaround_s = value
        elif name == "clients" and isinstance(value, int):
            if converter is None:
                raise FaultError(f"fault '{name}' needs a converter, and link '{link}' has none")
            converter.max_clients = value

    def clear(self, target: str) -> None:
        """Take the line faults of a device back, or those of a link with all its units."""
        for name, controller in self._controllers.items():
            link = self._settings.devices[name].link
            if target in (name, link):
                (self.tcp.get(link) or self.buses[link]).unit_faults[controller.unit] = LineFaults()
        if (end := self.tcp.get(target) or self.buses.get(target)) is not None:
            end.faults = LineFaults()
        if (bus := self.buses.get(target)) is not None:
            bus.turnaround_s, bus.echo = TURNAROUND_S, self._links[target].echo
        if (converter := self.converters.get(target)) is not None:
            converter.max_clients = 1
