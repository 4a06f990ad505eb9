"""Garbage collection at times that suit the scan: right after one, never in the middle of the next.

Stage: the last step of housekeeping. Python's own collector runs whenever any thread has made enough objects, and holds
the interpreter's lock meanwhile: with 1,000 devices a full collection took 50 to 140 ms every four seconds, found
nothing (what the pollers make dies by its reference count), and delayed the start of the scan by as much.
"""

from __future__ import annotations

import gc

__all__ = ["GarbageDuty"]

#: seconds between two looks at everything: at cycles that died old, such as connections that were lost
_ALL_S = 3600.0


class GarbageDuty:
    """Has the collector of the whole process from ``begin`` to ``end``. Used by the scan's thread.

    A look at the young objects costs by their number alone. What survives one is frozen, which costs nothing, and is
    looked at again within the hour.
    """

    def __init__(self) -> None:
        """Does nothing yet."""
        self._all_at = 0.0
        self._on = False

    def begin(self, monotonic: float) -> None:
        """Collects everything once, then leaves alone what lives for good: maps, directory, tags."""
        gc.disable()
        self._everything(monotonic)
        self._on = True

    def step(self, monotonic: float) -> None:
        """After a scan: what was made since the last one is little."""
        if not self._on:
            return
        if monotonic >= self._all_at:
            self._everything(monotonic)
        else:
            gc.collect(0)
            gc.freeze()

    def end(self) -> None:
        """Give the collector back."""
        self._on = False
        gc.unfreeze()
        gc.enable()

    def _everything(self, monotonic: float) -> None:
        self._all_at = monotonic + _ALL_S
        gc.unfreeze()
        gc.collect()
        gc.freeze()
