"""Many light Modbus TCP devices in one process, for load tests: they only answer function 03, and cheaply."""

from __future__ import annotations

import asyncio
import struct
from array import array
from functools import partial
from random import Random

from runtime.simulator.wobble import seeded

__all__ = ["Swarm"]

REQUEST = struct.Struct(">HHHBBHH")
HEAD = struct.Struct(">HHHBBB")
#: how often words change, seconds
CHANGE_S = 0.5


class _Device(asyncio.Protocol):
    """One connection. Words are kept as the bytes that go on the wire, so an answer is a slice behind a head."""

    def __init__(self, words: bytearray, transports: set[asyncio.Transport]) -> None:
        self.words = words
        self.transports = transports
        self.transport: asyncio.Transport | None = None
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  create_server makes no other
        self.transport = transport
        self.transports.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.transport is not None:
            self.transports.discard(self.transport)
            self.transport = None

    def data_received(self, data: bytes) -> None:
        data = self.rest + data if self.rest else data
        while len(data) >= 12:
            transaction, _, _, unit, function, address, count = REQUEST.unpack_from(data)
            data = data[12:]
            if function == 3 and 1 <= count <= 125 and 2 * (address + count) <= len(self.words):
                answer = HEAD.pack(transaction, 0, 3 + 2 * count, unit, 3, 2 * count) + self.words[
                    2 * address : 2 * (address + count)]  # fmt: skip
            else:
                answer = HEAD.pack(transaction, 0, 3, unit, function | 0x80, 2)
            if self.transport is not None:
                self.transport.write(answer)
        self.rest = data


class Swarm:
    """``devices`` servers on ports of their own at 127.0.0.1, each with ``tags`` registers from address 0.

    swarm = Swarm(devices=1000, tags=80)
    await swarm.start()      # swarm.ports
    await swarm.stop()
    """

    def __init__(self, devices: int, tags: int, *, seed: int = 1, first_port: int = 0) -> None:
        self.first_port = first_port
        self._rng: Random = seeded(seed, "swarm")
        self._words = [bytearray(self._rng.randbytes(2 * tags)) for _ in range(devices)]
        self.ports: list[int] = []
        self._servers: list[asyncio.Server] = []
        self._transports: set[asyncio.Transport] = set()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen on all ports; ``first_port`` 0 lets the system choose."""
        loop = asyncio.get_running_loop()
        for number, words in enumerate(self._words):
            port = self.first_port + number if self.first_port else 0
            server = await loop.create_server(partial(_Device, words, self._transports), "127.0.0.1", port)
            self._servers.append(server)
            self.ports.append(server.sockets[0].getsockname()[1])
        self._task = loop.create_task(self._change())

    async def stop(self) -> None:
        """Close all of them."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for server in self._servers:
            server.close()
        for transport in list(self._transports):
            transport.abort()
        await asyncio.sleep(0)

    async def _change(self) -> None:
        """A quarter of the words change each time, by overwriting one run of bytes."""
        size = len(self._words[0])
        part = max(2, size // 4 & ~1)
        while True:
            await asyncio.sleep(CHANGE_S)
            fresh = array("H", self._rng.randbytes(part)).tobytes()
            first = self._rng.randrange(0, size - part + 1) & ~1
            for words in self._words:
                words[first : first + part] = fresh
