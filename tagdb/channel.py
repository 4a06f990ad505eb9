"""The command channel: the one way from the UI into the runtime, a local socket that only this user can open.

One JSON object a line each way: ``{"verb": "frames", "args": {"link": "mkz_line"}}`` is answered by
``{"ok": true, "result": ...}`` or ``{"ok": false, "error": "unknown-link", "message": "..."}``.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["ANSWER_LIMIT_BYTES", "LIMIT_BYTES", "Channel", "ChannelError"]

#: longest call that the runtime accepts
LIMIT_BYTES = 4 << 20
#: longest answer: a list of ten thousand open alarms takes 10 MB
ANSWER_LIMIT_BYTES = 64 << 20


class ChannelError(Exception):
    """The runtime refused a call, or could not be reached (code ``no-runtime``)."""

    def __init__(self, code: str, message: str, words: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        #: the message in both languages, where the runtime has it so
        self.words = words


class Channel:
    """The caller's side; opens the socket for each call, so a restart of the runtime needs no care."""

    def __init__(self, path: Path, timeout_s: float = 5.0) -> None:
        self.path = path
        self.timeout_s = timeout_s

    def call(self, verb: str, **args: Any) -> Any:
        """Ask the runtime to do something and wait for its answer. Raises ChannelError."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
                sock.settimeout(self.timeout_s)
                sock.connect(str(self.path))
                sock.sendall(json.dumps({"verb": verb, "args": args}).encode() + b"\n")
                with sock.makefile("rb") as stream:
                    line = stream.readline(ANSWER_LIMIT_BYTES)
        except TimeoutError:
            raise ChannelError("timeout", f"the runtime gave no answer within {self.timeout_s:g} s") from None
        except OSError as error:
            raise ChannelError("no-runtime", f"the runtime cannot be reached: {error.strerror}") from None
        if not line.endswith(b"\n"):
            raise ChannelError("no-runtime", "the runtime closed the channel without an answer")
        answer = json.loads(line)
        if not answer["ok"]:
            raise ChannelError(answer["error"], answer["message"], answer.get("words"))
        return answer["result"]
