"""RTU over TCP: RTU frames as they are on the line, in a TCP stream from a converter."""

from __future__ import annotations

import asyncio

from runtime.wire.errors import LinkLost, Place
from runtime.wire.link import LinkSpec
from runtime.wire.stream_link import StreamLink
from runtime.wire.tcp_socket import connection_sentence, keep_alive

__all__ = ["RtuTcpLink"]


class RtuTcpLink(StreamLink):
    """A link to a converter that passes raw RTU bytes, such as a USR-TCP232."""

    def __init__(self, spec: LinkSpec) -> None:
        super().__init__(spec)
        self._transport: asyncio.Transport | None = None

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        spec = self.spec
        try:
            async with asyncio.timeout(spec.connect_timeout_s):
                transport, _ = await loop.create_connection(lambda: _Stream(self), spec.host, spec.port)
        except OSError as error:  # TimeoutError is one
            raise LinkLost(Place(self.name), connection_sentence(spec, error)) from error
        keep_alive(transport.get_extra_info("socket"))
        self._transport = transport

    def _close(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            # What is not sent yet belongs to a request that nobody waits for.
            transport.abort()

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def stream_received(self, stream_transport: asyncio.BaseTransport | None, data: bytes) -> None:
        """Bytes of a connection; those of one that was given up are not ours."""
        if stream_transport is self._transport:
            self._received(data)

    def stream_ended(self, stream_transport: asyncio.BaseTransport | None, why: str) -> None:
        """The end of a connection."""
        if stream_transport is self._transport:
            self._lost(why)


class _Stream(asyncio.Protocol):
    """One TCP connection; hands what happens on to the link."""

    def __init__(self, link: RtuTcpLink) -> None:
        self._link = link
        self._transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._link.stream_received(self._transport, data)

    def eof_received(self) -> bool:
        # The end of the stream looks like an endless row of empty reads; it is the end of the link.
        self._link.stream_ended(self._transport, "the other end closed the connection")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        why = "connection lost" if exc is None else f"connection lost ({exc})"
        self._link.stream_ended(self._transport, why)
