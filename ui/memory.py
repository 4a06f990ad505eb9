"""The last minutes of every tag at a fixed step, in memory: what sparklines and trends start from.

Stage: the feed's thread takes one row from the image every step; the API reads it. The history keeps the rest.
"""

from __future__ import annotations

import threading

import numpy as np
import numpy.typing as npt

from tagdb import Kind, Quality, Tag
from ui.plant import View

__all__ = ["STEP_S", "Memory"]

#: seconds between two rows
STEP_S = 2.0
#: a quarter of an hour
_ROWS = 450
#: with very many tags the memory gets shorter rather than larger
_BUDGET_BYTES = 96 << 20


class Memory:
    """A ring of rows, one float32 a slot; NaN where the tag was bad or had no number."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._key = (0, 0)
        self._due = 0.0
        self._count = 0
        self._rows: npt.NDArray[np.float32] = np.zeros((0, 0), np.float32)
        #: Unix seconds of the newest row
        self._time = 0.0

    def take(self, view: View, monotonic: float) -> bool:
        """Keep this scan if a step has passed since the last one kept."""
        if monotonic < self._due and view.key == self._key:
            return False
        snapshot = view.snapshot
        row = np.where(snapshot.quality >= Quality.BAD, np.nan, snapshot.cell)
        row[snapshot.quality == Quality.INITIAL] = np.nan
        with self._lock, np.errstate(over="ignore", invalid="ignore"):
            if view.key != self._key or len(self._rows) == 0:
                rows = max(30, min(_ROWS, _BUDGET_BYTES // (4 * max(1, row.size))))
                self._rows = np.full((rows, row.size), np.nan, np.float32)
                self._count, self._key = 0, view.key
            self._rows[self._count % len(self._rows)] = row
            self._count += 1
            self._time = snapshot.time
            self._due = monotonic + STEP_S
        return True

    def recent(self, view: View, tag: Tag, seconds: float) -> tuple[float, list[float | None]]:
        """(Unix seconds of the newest value, values a step apart, oldest first); None where there was none."""
        with self._lock:
            if view.key != self._key or tag.kind in (Kind.TEXT, Kind.U64):
                return view.snapshot.time, []
            kept = min(self._count, len(self._rows), int(seconds / STEP_S) + 1)
            order = np.arange(self._count - kept, self._count) % len(self._rows)
            column = self._rows[order, tag.slot].astype(np.float64)
            newest = self._time
        return newest, [None if np.isnan(value) else round(float(value), 6) for value in column]
