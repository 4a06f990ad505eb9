"""A bus with devices on a fake link and a virtual clock, and the tags that it brings up to date."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from registermaps import Label, Point, PointType, PollClass
from runtime.field import Bus, BusSpec, DeviceSpec, link_cost
from runtime.wire import LinkSpec
from tagdb import Batch, Inbox, Kind, Mark, Quality, Refresh, Tag, TagStore
from tests.support.fakelink import FakeLink
from tests.support.virtual_loop import run_virtual

__all__ = ["LINK_HEALTH", "POINTS", "POLLS", "Bench", "device_spec", "point"]

HEALTH = ("comm_state", "comm_missed", "comm_period_s", "comm_silent_blocks", "comm_error")
LINK_HEALTH = ("connected", "max_registers", "error", "reconnects")


def point(name: str, address: int, poll: str = "fast", bit: int | None = None) -> Point:
    label = Label(name, name)
    if bit is None:
        return Point(name, PointType.U16, 3, address, 1, label, "g", poll)
    return Point(name, PointType.BIT, 3, address, 1, label, "g", poll, bit=bit)


#: an alarm flag, a measurement, slow settings far away, alarm words behind the gate
POINTS = (
    point("alarm_common", 0, bit=0),
    point("power", 10),
    point("setting", 500, "slow"),
    point("alarm_word", 900, "alarms"),
)
POLLS = {
    "fast": PollClass("fast", 1.0),
    "slow": PollClass("slow", 10.0),
    "alarms": PollClass("alarms", 1.0, gate="alarm_common"),
}


def device_spec(name: str, unit: int, base: int = 0, points: Sequence[Point] = POINTS, **changes: Any) -> DeviceSpec:
    slots = {p.name: base + index for index, p in enumerate(points)}
    health = {key: base + max(20, len(points)) + index for index, key in enumerate(HEALTH)}
    values: dict[str, Any] = {
        "name": name, "unit": unit, "points": tuple(points), "slots": slots, "polls": POLLS, "enums": {},
        "stale_s": {"fast": 6.0, "slow": 33.0, "alarms": 6.0},
        "unreadable": (), "timeout_s": 0.5, "retries": 1, "offline_after": 3, "demote_max_s": 30.0, "health": health,
    }  # fmt: skip
    return DeviceSpec(**(values | changes))


@dataclass
class Bench:
    """A bus on a fake link, and what it posted."""

    devices: Sequence[DeviceSpec]
    max_registers: int = 100
    link: FakeLink = field(default_factory=FakeLink)
    inbox: Inbox = field(default_factory=Inbox)
    store: TagStore = field(default_factory=lambda: TagStore(capacity=256))

    def __post_init__(self) -> None:
        spec = BusSpec(
            LinkSpec("line", "rtu-tcp", wall_clock=lambda: 0.0), self.max_registers, 0.0, 1.0, 8.0,
            {key: 200 + index for index, key in enumerate(LINK_HEALTH)},
        )  # fmt: skip
        self.bus = Bus(spec, self.link, self.inbox, lambda: 0.0, random.Random(1), link_cost)

    def stale(self, spec: DeviceSpec) -> None:
        """Give the tags the life that an assembly would."""
        tags = [
            Tag(f"{spec.name}.{p.name}", slot, Kind.INT, "", "", "", {}, stale_after_s=spec.stale_s[p.poll])
            for p, slot in ((p, spec.slots[p.name]) for p in spec.points)
        ]
        self.store.install(tags)

    def run(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        async def main() -> None:
            self.bus.set_devices(self.devices, asyncio.get_running_loop().time())
            task = asyncio.get_running_loop().create_task(self.bus.run())
            await work()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        run_virtual(main())

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self.latch()

    def latch(self) -> None:
        for item in self.inbox.drain():
            if isinstance(item, Batch):
                self.store.apply(replace(item, texts=()), 1.0)
            elif isinstance(item, Mark):
                self.store.mark(item, 1.0)
            else:
                assert isinstance(item, Refresh)
                self.store.refresh(item)

    def quality(self, spec: DeviceSpec, name: str) -> Quality:
        return Quality(int(self.store.quality[spec.slots[name]]))

    def value(self, spec: DeviceSpec, name: str) -> float:
        return float(self.store.cell[spec.slots[name]])

    def health(self, spec: DeviceSpec, name: str) -> float:
        return float(self.store.cell[spec.health[name]])

    def asked(self, unit: int, address: int) -> int:
        return sum(1 for request in self.link.asked if (request.unit, request.address) == (unit, address))
