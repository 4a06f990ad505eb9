"""A WebSocket text message as the bytes on the wire (RFC 6455), made once and sent to many clients.

simple-websocket would frame, and where the browser offers compression compress, every message once per client. A server
frame is not masked, so its bytes are the same for all. Compressing each message on its own (a fresh window) is allowed
whatever was negotiated with permessage-deflate (RFC 7692, 7.2.3): the client's window only ever grows by it.
"""

from __future__ import annotations

import struct
import zlib
from functools import cached_property

__all__ = ["Frame", "accepts_deflate"]

_TEXT = 0x81  # final fragment, opcode 1
_DEFLATED = 0x40  # RSV1: the payload is compressed
#: shorter messages are not worth compressing
_LEAST_BYTES = 1024


def accepts_deflate(extensions: str) -> bool:
    """Whether a client's ``Sec-WebSocket-Extensions`` lets us send messages compressed with the largest window."""
    return "permessage-deflate" in extensions and "server_max_window_bits" not in extensions


class Frame:
    """One message, plain and (on demand) compressed."""

    def __init__(self, text: str) -> None:
        self.payload = text.encode()

    @cached_property
    def plain(self) -> bytes:
        """Frame with the payload as it is."""
        return _head(_TEXT, len(self.payload)) + self.payload

    @cached_property
    def deflated(self) -> bytes:
        """Frame with the payload compressed, where that is worth it."""
        if len(self.payload) < _LEAST_BYTES:
            return self.plain
        packer = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
        body = packer.compress(self.payload) + packer.flush(zlib.Z_SYNC_FLUSH)
        body = body.removesuffix(b"\x00\x00\xff\xff")
        return _head(_TEXT | _DEFLATED, len(body)) + body

    def bytes(self, deflate: bool) -> bytes:
        """What goes on the wire to this client."""
        return self.deflated if deflate else self.plain


def _head(first: int, length: int) -> bytes:
    if length < 126:
        return struct.pack("!BB", first, length)
    if length < 1 << 16:
        return struct.pack("!BBH", first, 126, length)
    return struct.pack("!BBQ", first, 127, length)
