"""What both TCP links want of a socket, and the sentence for one that could not be opened."""

from __future__ import annotations

import os
import socket
from typing import Protocol

from runtime.wire.link import LinkSpec

__all__ = ["connection_sentence", "keep_alive"]

#: a dead peer is found after 30 + 3 * 10 seconds without any traffic
_KEEP_IDLE_S = 30
_KEEP_INTERVAL_S = 10
_KEEP_PROBES = 3


class _Socket(Protocol):
    def setsockopt(self, level: int, name: int, value: int, /) -> None: ...


def keep_alive(opened: _Socket) -> None:
    """Send small frames at once, and probe an idle connection, so that one whose other end has gone is found out."""
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _KEEP_IDLE_S)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _KEEP_INTERVAL_S)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, _KEEP_PROBES)


def connection_sentence(spec: LinkSpec, error: OSError) -> str:
    """Why ``host:port`` could not be reached, in words."""
    where = f"{spec.host}:{spec.port}"
    if isinstance(error, TimeoutError):
        return f"no connection to {where} within {spec.connect_timeout_s:g} s"
    if isinstance(error, ConnectionRefusedError):
        return f"{where} refused the connection"
    if isinstance(error, socket.gaierror):
        return f"the host name {spec.host!r} is not known ({error.strerror})"
    return f"no connection to {where} ({os.strerror(error.errno) if error.errno else error})"
