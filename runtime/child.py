"""What a process does that the supervisor started: it dies with its parent and leaves Ctrl-C to it."""

from __future__ import annotations

import ctypes
import os
import signal

__all__ = ["become_child"]

_PR_SET_PDEATHSIG = 1  # prctl(2)


def become_child() -> None:
    """Ignore SIGINT, which a terminal sends to every process of the job, and take SIGTERM when the parent dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died in between
        os.kill(os.getpid(), signal.SIGTERM)
