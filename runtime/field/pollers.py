"""All buses of the plant in one asyncio loop, in a thread beside the scan."""

from __future__ import annotations

import asyncio
import logging
import random
import threading
import zlib
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from registermaps import LinkCost
from runtime.field.bus import Bus
from runtime.field.spec import BusSpec, DeviceSpec
from runtime.wire import Link, open_link
from tagdb import Inbox

__all__ = ["FieldPlan", "Pollers", "link_cost"]

log = logging.getLogger("scada.field")

#: link name -> the bus and its devices
FieldPlan = Mapping[str, tuple[BusSpec, Sequence[DeviceSpec]]]
_T = TypeVar("_T")


#: pause before a poller that failed is started again, seconds
RESTART_S = 5.0
#: what a controller takes to answer beside the line's own time; planning with it joins reads over small gaps
TURNAROUND_S = 0.03


def link_cost(spec: BusSpec, max_registers: int) -> LinkCost:
    """What a read costs on this link."""
    if spec.link.kind == "tcp":
        return LinkCost.tcp(max_registers)
    return LinkCost.parse(spec.link.line, rtu_registers=max_registers, turnaround_s=TURNAROUND_S)


class Pollers:
    """Starts, stops and reconfigures the buses; its methods may be called from any thread."""

    def __init__(self, inbox: Inbox, wall: Callable[[], float], seed: int | None = None) -> None:
        """``seed``: for pauses that repeat in tests; None = different at every start."""
        self._inbox = inbox
        self._wall = wall
        self._seed = seed
        self._loop = asyncio.new_event_loop()
        self._buses: dict[str, Bus] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._thread = threading.Thread(target=self._work, name="field", daemon=True)

    def start(self, plan: FieldPlan) -> None:
        """Start the thread and all buses."""
        self._thread.start()
        self.apply(plan)

    def apply(self, plan: FieldPlan) -> None:
        """Make the buses as the plan says; what it leaves as it is keeps its connection and goes on undisturbed."""
        self.call(self._apply(plan)).result(timeout=30)

    def stop(self) -> None:
        """Close all links and end the thread."""
        self.call(self._apply({})).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    def call(self, work: Coroutine[Any, Any, _T]) -> Future[_T]:
        """Run a coroutine beside the buses."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def every(self, seconds: float, work: Callable[[], None]) -> None:
        """Call something regularly in the field's thread, until the end."""

        def again() -> None:
            self._loop.call_later(seconds, again)
            work()

        self._loop.call_soon_threadsafe(again)

    def now(self) -> float:
        """Monotonic seconds, on the clock that the buses use."""
        return self._loop.time()

    def bus(self, name: str) -> Bus | None:
        """The bus of a link."""
        return self._buses.get(name)

    def link(self, name: str) -> Link | None:
        """The link of that name, for its frames."""
        bus = self._buses.get(name)
        return bus.link if bus else None

    def _work(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _apply(self, plan: FieldPlan) -> None:
        now = self._loop.time()
        gone = [name for name, bus in self._buses.items() if name not in plan or plan[name][0] != bus.spec]
        tasks = {self._tasks.pop(name) for name in gone}
        for name in gone:
            self._buses.pop(name).end()
        # More than once: a library may swallow a cancellation that comes while it waits.
        while tasks:
            for task in tasks:
                task.cancel()
            _, tasks = await asyncio.wait(tasks, timeout=0.5)
        for name, (spec, devices) in plan.items():
            bus = self._buses.get(name)
            if bus is None:
                seed = self._seed if self._seed is not None else random.SystemRandom().getrandbits(32)
                dice = random.Random(zlib.crc32(name.encode()) ^ seed)  # noqa: S311  jitter, no secret
                bus = Bus(spec, open_link(spec.link), self._inbox, self._wall, dice, link_cost)
                bus.set_devices(devices, now)
                self._buses[name] = bus
                self._tasks[name] = self._loop.create_task(_keep_running(bus), name=f"bus {name}")
            else:
                bus.set_devices(devices, now)


async def _keep_running(bus: Bus) -> None:
    """The top of a bus's task: a mistake in our own code must not leave a link unpolled for good."""
    while not bus.ended:
        try:
            await bus.run()
        except Exception:
            log.critical("link %s: its poller failed and is started again", bus.spec.link.name, exc_info=True)
            await asyncio.sleep(RESTART_S)
