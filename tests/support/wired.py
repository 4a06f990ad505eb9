"""Simulated controllers wired to the runtime's own links and buses in virtual time: hours of commands in seconds."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import cache
from typing import Any

from registermaps import RegisterMap, load_maps
from runtime.assembly import assemble
from runtime.field import Bus, carry_out, link_cost
from runtime.scan import Cycle, Moment, Rule
from runtime.scan.control import Audit, ControlRoom, Operation, TagOuts, WriteOrder
from runtime.settings import Settings, load_settings
from runtime.simulator import Plant
from runtime.simulator.controller import Controller
from runtime.simulator.line_faults import spend_echo_fault, wrong_echo
from runtime.simulator.responder import ask
from runtime.simulator.serial_bus import SerialBus
from runtime.wire import FrameRing, LinkCounters, LinkKind, LinkLost, LinkSpec, NoResponse, Reply, Request
from runtime.wire.stream_link import StreamLink
from tagdb import Inbox, TagStore
from tagdb.accounts import Actor, Role
from tagdb.audit import AuditEntry
from tests.support.demo import ROOT
from tests.support.virtual_loop import run_virtual

__all__ = ["OPERATOR", "Wired"]

OPERATOR = Actor("Анна", Role.OPERATOR, session="s1")
SCAN_S = 0.2
_DEVICES = ("mkz.gpu1", "mkz.shpr")


@cache
def _maps() -> dict[str, RegisterMap]:
    return load_maps(ROOT / "registermaps")


def _settings(kind: LinkKind) -> Settings:
    """The shipped demo with a genset and a bus tie, each on a link of this kind; all commands offered."""
    shipped = load_settings(ROOT / "scada.ini")
    devices = {
        name: replace(shipped.devices[name], link=f"link{number}", enable_commands=("*",), retries=0, unit=1)
        for number, name in enumerate(_DEVICES)
    }
    link = next(iter(shipped.links.values()))
    links = {
        device.link: replace(
            link, name=device.link, kind=kind, host="127.0.0.1", port=0, line="" if kind == "tcp" else "115200-8N2",
            timeout_s=0.5, ghost_life_s=30.0,
        )
        for device in devices.values()
    }  # fmt: skip
    return replace(shipped, devices=devices, links=links, sites={"mkz": shipped.sites["mkz"]})


class RtuWire(StreamLink):
    """The runtime's own RTU link on a simulated serial line, without a socket between them."""

    def __init__(self, spec: LinkSpec, line: SerialBus) -> None:
        super().__init__(spec)
        self._line = line

    async def _open(self) -> None:
        self._line.scheduler = asyncio.get_running_loop()
        self._line.deliver = self._received
        self._line.hang_up = lambda: self._lost("the other end closed the connection")

    def _close(self) -> None:
        pass

    def _write(self, data: bytes) -> None:
        self._line.receive(data)


class TcpWire:
    """What a Modbus TCP link does, with the faults of the simulated one, and no socket."""

    kind: LinkKind = "tcp"

    def __init__(self, name: str, plant: Plant, controller: Controller) -> None:
        self.name = name
        self._end = plant.links.tcp[name]
        self._controller = controller
        self.connected = False
        self.counters = LinkCounters()
        self.ring = FrameRing(lambda: 0.0)

    async def connect(self) -> None:
        self.connected = True

    async def close(self) -> None:
        self.connected = False

    async def exchange(self, request: Request, timeout_s: float) -> Reply:
        place = request.place(self.name)
        if not self.connected:
            raise LinkLost(place, sent=False)
        sources = (self._end.unit_faults[self._controller.unit], self._end.faults)
        pdu = request.pdu()
        fault, value = spend_echo_fault(sources, request.function, int.from_bytes(pdu[3:5], "big"))
        if fault == "refuse-write":
            answer: bytes | None = bytes((request.function | 0x80, int(value)))
        else:
            answer = ask(self._controller, pdu, sources)
        await asyncio.sleep(0.01)
        if fault == "cut-echo":
            self.connected = False
            raise LinkLost(place, "the other end closed the connection")
        if answer is None or fault in ("lost-echo", "late-echo"):
            await asyncio.sleep(timeout_s)
            raise NoResponse(place)
        if fault == "wrong-echo":
            answer = wrong_echo(answer)
        return request.parse(answer, received=asyncio.get_running_loop().time(), link=self.name)


class Wired:
    """Plant, links, buses, scan and control room; ``run`` gives them a virtual clock."""

    def __init__(self, kind: LinkKind) -> None:
        self.plant = Plant(_settings(kind), _maps(), seed=3, clock=_Still(), moving=False)
        self.plant.fault("mkz", "quiet")
        assembly = assemble(self.plant.settings, _maps())
        self.store, self.inbox = TagStore(), Inbox()
        self.store.install(assembly.directory.tags)
        self.entries: list[AuditEntry] = []
        self.buses: dict[str, Bus] = {}
        self._plan = assembly.plan
        tokens = itertools.count()
        self.room = ControlRoom(
            assembly.controls, self.store, TagOuts(), Audit(self.entries.append),
            new_token=lambda: f"token{next(tokens)}", describe=lambda spec, raw: [], send=self._send,
        )  # fmt: skip
        rule = Rule("control", self._evaluate)
        self.cycle = Cycle(self.store, self.inbox, lambda scan, now: None, [rule])
        self.now = Moment(0.0, 0.0)
        self._tasks: set[asyncio.Task[None]] = set()

    def controller(self, device: str) -> Controller:
        return self.plant.controllers[device]

    def run(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        async def main() -> None:
            loop = asyncio.get_running_loop()
            for link, (spec, devices) in self._plan.items():
                controller = self.controller(devices[0].name)
                wire = (
                    TcpWire(link, self.plant, controller)
                    if spec.link.kind == "tcp"
                    else RtuWire(spec.link, self.plant.links.buses[link])
                )
                bus = Bus(spec, wire, self.inbox, lambda: self.now.time, random.Random(1), link_cost)
                bus.set_devices(devices, loop.time())
                self.buses[link] = bus
                self._tasks.add(loop.create_task(bus.run()))
            await self.scan(5.0)
            await work()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

        run_virtual(main())

    async def scan(self, seconds: float) -> None:
        """Let time pass, scan by scan."""
        for _ in range(max(1, round(seconds / SCAN_S))):
            await asyncio.sleep(SCAN_S)
            at = asyncio.get_running_loop().time()
            self.now = Moment(1_700_000_000.0 + at, at)
            self.plant.step(SCAN_S)
            self.cycle.run(self.now)

    async def until(self, condition: Callable[[], bool], seconds: float, what: str = "") -> None:
        """Let time pass until something holds."""
        for _ in range(round(seconds / SCAN_S)):
            if condition():
                return
            await self.scan(SCAN_S)
        assert condition(), what

    def give(self, device: str, command: str, value: float | None = None) -> Operation:
        """Select and operate."""
        token = self.room.select(OPERATOR, device, command, value, self.now)["token"]
        number = self.room.operate(OPERATOR, token, device, command, value, self.now)["id"]
        return self.room.operation(number)

    def _evaluate(self, store: TagStore, now: Moment) -> None:
        self.room.evaluate(store, now)

    def _send(self, order: WriteOrder) -> None:
        bus = self.buses[order.write.link]
        task = asyncio.get_running_loop().create_task(carry_out(bus, order, self.room.report))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Still:
    """The plant's wall clock stands: the model is moved by steps."""

    def time(self) -> float:
        return 1_772_366_400.0

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
