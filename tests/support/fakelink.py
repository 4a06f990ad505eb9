"""A link without a wire: answers from a table of registers, fails as it is told, and keeps a diary."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable

from runtime.wire import FrameRing, LinkCounters, LinkLost, NoResponse, Reply, Request, WireError
from runtime.wire.errors import Place

__all__ = ["FakeLink"]


class FakeLink:
    """Registers of one or more units; ``trouble`` may raise for a request, ``delay_s`` is how long an answer takes."""

    name = "line"
    kind = "rtu-tcp"

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self.registers: dict[int, dict[int, int]] = {}
        self.connected = False
        self.counters = LinkCounters()
        self.ring = FrameRing(lambda: 0.0)
        self.asked: list[Request] = []
        self.connects = 0
        self.refuse_connection = False
        self.delay_s = 0.0
        self.trouble: Callable[[Request], None] = lambda request: None

    async def connect(self) -> None:
        self.connects += 1
        if self.refuse_connection:
            raise LinkLost(Place(self.name), "connection refused")
        self.connected = True

    async def close(self) -> None:
        self.connected = False

    async def exchange(self, request: Request, timeout_s: float) -> Reply:
        loop = asyncio.get_running_loop()
        self.asked.append(request)
        self.counters.requests += 1
        try:
            self.trouble(request)
        except NoResponse:
            self.counters.timeouts += 1
            await asyncio.sleep(timeout_s)
            raise
        except LinkLost:
            self.connected = False
            raise
        await asyncio.sleep(self.delay_s)
        words = self.registers.get(request.unit, {})
        data = struct.pack(f">{request.count}H", *(words.get(request.address + i, 0) for i in range(request.count)))
        self.counters.answers += 1
        return Reply(data=data, received=loop.time(), elapsed_s=self.delay_s)

    def silent(self, *units: int) -> None:
        """These units do not answer; none given: all do."""

        def trouble(request: Request) -> None:
            if request.unit in units:
                raise NoResponse(request.place(self.name))

        self.trouble = trouble

    def failing(self, error: WireError, when: Callable[[Request], bool]) -> None:
        """Raise this for the requests that ``when`` picks."""

        def trouble(request: Request) -> None:
            if when(request):
                raise error

        self.trouble = trouble
