"""A TLS connection that one thread reads and another writes: never both inside OpenSSL at once.

OpenSSL's connection object is not made for two threads (openssl-threads(7)), and a WebSocket has one that waits for
messages and one that sends. Each goes in with the lock, never blocks there, and waits outside.
"""

from __future__ import annotations

import select
import ssl
import threading
import time
from typing import Any

__all__ = ["TurnSocket"]

#: a peer that takes nothing for so long is given up, seconds
_SEND_PATIENCE_S = 15.0


class TurnSocket:
    """What ``simple_websocket`` and the feed use of a socket, over an ``SSLSocket``."""

    def __init__(self, sock: ssl.SSLSocket) -> None:
        self._sock = sock
        self._turn = threading.Lock()
        sock.setblocking(False)

    def recv(self, size: int) -> bytes:
        """Wait for data; b"" at the end. Raises OSError."""
        while True:
            with self._turn:
                try:
                    return self._sock.recv(size)
                except ssl.SSLWantReadError:
                    reads, writes = True, False
                except ssl.SSLWantWriteError:
                    reads, writes = False, True
            self._wait(reads, writes, None)

    def send(self, data: bytes) -> int:
        """All of it, as ``sendall``; how much that was."""
        self.sendall(data)
        return len(data)

    def sendall(self, data: bytes) -> None:
        """Raises OSError, TimeoutError when the peer takes nothing for long."""
        view, deadline = memoryview(data), time.monotonic() + _SEND_PATIENCE_S
        while view:
            with self._turn:
                try:
                    view = view[self._sock.send(view) :]
                    deadline = time.monotonic() + _SEND_PATIENCE_S
                    continue
                except ssl.SSLWantReadError:
                    reads, writes = True, False
                except ssl.SSLWantWriteError:
                    reads, writes = False, True
            self._wait(reads, writes, deadline - time.monotonic())

    def setsockopt(self, *args: Any) -> None:
        """Of the socket below."""
        self._sock.setsockopt(*args)

    def shutdown(self, how: int) -> None:
        """End it; wakes whoever waits."""
        self._sock.shutdown(how)

    def close(self) -> None:
        """Let go of it."""
        with self._turn:
            self._sock.close()

    def fileno(self) -> int:
        """For selectors."""
        return self._sock.fileno()

    def _wait(self, reads: bool, writes: bool, timeout_s: float | None) -> None:
        number = self._sock.fileno()
        if number < 0:
            raise OSError("the connection is closed")
        if timeout_s is not None and timeout_s <= 0:
            raise TimeoutError("the peer takes nothing")
        waiting = select.poll()  # select() itself ends at descriptor 1023
        waiting.register(number, (select.POLLIN if reads else 0) | (select.POLLOUT if writes else 0))
        waiting.poll(None if timeout_s is None else timeout_s * 1000)
