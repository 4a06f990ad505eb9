"""What a process does that another of ours started: it dies with its parent and leaves Ctrl-C to it."""

from __future__ import annotations

import ctypes
import os
import signal

__all__ = ["PARENT", "become_child", "die_with_parent"]

#: names the process that starts another, in that one's environment
PARENT = "SCADA_PARENT"

_PR_SET_PDEATHSIG = 1  # prctl(2)


def become_child(number: signal.Signals = signal.SIGTERM) -> None:
    """Ignore SIGINT, which a terminal sends to every process of the job, and take ``number`` when the parent dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent(number)


def die_with_parent(number: signal.Signals = signal.SIGTERM) -> None:
    """Ask the kernel for a signal when the parent dies, however it dies (Linux: prctl(2), PR_SET_PDEATHSIG).

    The parent is the thread that started this process: it has to live on. One that died before this was called is
    known by ``PARENT`` in the environment.
    """
    parent = int(os.environ.pop(PARENT, os.getppid()))
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:  # it has died already
        os.kill(os.getpid(), number)
