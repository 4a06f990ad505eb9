"""The runtime's side of the command channel: a few threads, a call each, local peers of this user alone."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import select
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tagdb.accounts import Denied
from tagdb.channel import LIMIT_BYTES

__all__ = ["ChannelServer", "Refusal"]

log = logging.getLogger("scada.channel")

#: seconds a peer has to send its call
_PATIENCE_S = 2.0
#: calls served at once: a command must not wait until somebody else's list has been made, which takes a scan
_AT_ONCE = 8
#: an order that found no end of a scan is withdrawn, so that it does not happen later
_STUCK = {
    "en": "The scan is stuck: the order was withdrawn, nothing was done",
    "ru": "Цикл опроса завис: распоряжение снято, ничего не выполнено",
}


class Refusal(Exception):
    """A verb refuses a call: a code, a sentence for the caller, and the same in both languages where it has them."""

    def __init__(self, code: str, message: str, words: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.words = words


class ChannelServer:
    """Listens on a Unix socket (mode 0600) and answers calls by the table of verbs."""

    def __init__(self, path: Path, verbs: Mapping[str, Callable[..., Any]]) -> None:
        """A verb gets the call's arguments by name and returns what can be JSON. Raises OSError."""
        self._verbs = verbs
        self._path = path
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(0o177)
        try:
            self._socket.bind(str(path))
        finally:
            os.umask(mask)
        self._socket.listen(16)
        self._workers = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="channel")
        self._thread = threading.Thread(target=self._serve, name="channel", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening and remove the socket."""
        self._path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(timeout=5)
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            try:
                self._workers.submit(self._attend, peer)
            except RuntimeError:  # closed in this moment
                peer.close()

    def _attend(self, peer: socket.socket) -> None:
        with peer:
            peer.settimeout(_PATIENCE_S)
            with contextlib.suppress(OSError):
                self._answer(peer)

    def _answer(self, peer: socket.socket) -> None:
        uid = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[1]
        if uid not in (os.getuid(), 0):
            log.warning("channel: refused a peer of user %d", uid)
            return
        with peer.makefile("rb") as stream:
            line = stream.readline(LIMIT_BYTES)
        if _has_gone(peer):
            # It waited here while this process stood still. Its caller has told somebody that nothing is known of it,
            # and a command that comes so late is not what anybody wants now.
            log.warning("channel: a call was dropped, its caller has gone")
            return
        peer.sendall(json.dumps(self._execute(line), ensure_ascii=False).encode() + b"\n")

    def _execute(self, line: bytes) -> dict[str, Any]:
        try:
            call = json.loads(line)
            verb, args = call["verb"], call.get("args", {})
            handler = self._verbs[verb]
        except (ValueError, TypeError):
            return _error("bad-call", "not a JSON object with a verb")
        except KeyError:
            return _error("unknown-verb", f"known verbs: {', '.join(sorted(self._verbs))}")
        try:
            return {"ok": True, "result": handler(**args)}
        except Refusal as refusal:
            return _error(refusal.code, str(refusal), refusal.words)
        except Denied as denied:
            return _error(denied.code, denied.message)
        except TimeoutError:
            return _error("scan-stuck", _STUCK["en"], _STUCK)
        except (TypeError, ValueError) as error:
            return _error("bad-call", str(error))


def _has_gone(peer: socket.socket) -> bool:
    """Whether the other end has closed: a caller that still waits keeps both directions open."""
    looked = select.poll()
    looked.register(peer, select.POLLRDHUP)
    return bool(looked.poll(0))


def _error(code: str, message: str, words: Mapping[str, str] | None = None) -> dict[str, Any]:
    return {"ok": False, "error": code, "message": message} | ({"words": words} if words else {})
