"""Ports for servers that start later, or again: none that the system gives to somebody's connection meanwhile."""

from __future__ import annotations

import itertools
import os
import random
import socket

__all__ = ["free_ports"]

# Below 32768, where Linux begins to give ports to connections; each process of the tests has a part of its own.
_FIRST, _PART = 10_000, 2_500
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw7").removeprefix("gw")
_BEGIN = _FIRST + int(_WORKER) % 8 * _PART
_candidates = itertools.cycle(range(_BEGIN, _BEGIN + _PART))
next(itertools.islice(_candidates, random.randrange(_PART), None))


def free_ports(count: int) -> list[int]:
    """Ports on 127.0.0.1 that nobody listens on now; each is another one than those before."""
    found: list[int] = []
    for port in _candidates:
        if len(found) == count:
            break
        with socket.socket() as sock:
            try:
                sock.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
    return found
