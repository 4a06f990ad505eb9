"""An emulated serial-to-Ethernet converter: raw RTU bytes in a TCP stream, one client, or several that hear all."""

from __future__ import annotations

import asyncio
import socket

from runtime.simulator.serial_bus import SerialBus

__all__ = ["Converter"]


class _Client(asyncio.Protocol):
    def __init__(self, converter: Converter) -> None:
        self.converter = converter
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  create_server makes no other
        self.transport = transport
        if not self.converter.admit(self):
            transport.abort()

    def data_received(self, data: bytes) -> None:
        if self in self.converter.clients:
            self.converter.bus.receive(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.converter.clients.discard(self)


class Converter:
    """A USR-TCP232-410S in TCP server mode, transparent: what is on the line goes to every client."""

    def __init__(self, bus: SerialBus, max_clients: int = 1) -> None:
        self.bus = bus
        #: the maker allows eight, and sends every serial byte to all of them
        self.max_clients = max_clients
        self.clients: set[_Client] = set()
        self.refused = 0
        self._server: asyncio.Server | None = None
        bus.deliver = self._deliver
        bus.hang_up = self.drop_clients

    async def start(self, listener: socket.socket) -> None:
        """Serve on a socket that is bound already."""
        loop = asyncio.get_running_loop()
        self.bus.scheduler = loop
        self._server = await loop.create_server(lambda: _Client(self), sock=listener)

    def close(self) -> None:
        """Stop listening and cut all connections; ``start`` with a new socket serves again."""
        if self._server is not None:
            self._server.close()
            self.drop_clients()
            self._server = None

    @property
    def serving(self) -> bool:
        """Whether connections are taken."""
        return self._server is not None

    @property
    def offline(self) -> bool:
        """Whether connections are refused. A unit that is off leaves the converter and its other units alone."""
        return self.bus.faults.offline

    def admit(self, client: _Client) -> bool:
        """Whether a new client may stay."""
        if len(self.clients) >= self.max_clients:
            self.refused += 1
            return False
        self.clients.add(client)
        return True

    def drop_clients(self) -> None:
        """Cut all connections."""
        for client in list(self.clients):
            if client.transport is not None:
                client.transport.abort()
        self.clients.clear()

    def _deliver(self, data: bytes) -> None:
        for client in self.clients:
            if client.transport is not None:
                client.transport.write(data)
