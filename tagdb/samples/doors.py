"""Swinging-door compression, for many tags at a time: straight lines that pass every reading within its deadband.

Between two stored samples the history draws a line. From the last stored one (the pivot) each reading leaves open a
range of slopes whose lines pass it within the deadband. A reading that lies outside what all readings before it have
left open ends the line at the reading before it, which is stored and is the next pivot. So every line ends on a reading
and passes all between within the deadband. (The usual form, after Bristol's patent US 4669097, only asks that some
line fits, and may be off by twice the deadband.)
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tagdb.samples.arrays import HOUR_MS, Columns, Floats, Ints

__all__ = ["Doors"]

Rows = npt.NDArray[np.intp]


class Doors:
    """The open line of each tag; rows are the tags of ``slots``."""

    def __init__(self, slots: npt.NDArray[np.intp], deadband: Floats, longest_gap_ms: int) -> None:
        count = len(slots)
        self.slots = slots
        self._width = deadband
        self._gap = longest_gap_ms
        self._known = np.zeros(count, bool)
        self._pivot_time = np.zeros(count, np.int64)
        self._pivot = np.zeros(count)
        #: the newest reading, and whether it is stored
        self.time = np.zeros(count, np.int64)
        self.value = np.full(count, np.nan)
        self.quality = np.zeros(count, np.uint16)
        self._waiting = np.zeros(count, bool)
        self._low = np.full(count, -np.inf)
        self._high = np.full(count, np.inf)

    def feed(self, rows: Rows, time: Ints, value: Floats, quality: npt.NDArray[np.uint16]) -> list[Columns]:
        """Take readings of different tags; what is to be stored of them, in order."""
        nan, nan_before = np.isnan(value), np.isnan(self.value[rows])
        breaks = ~self._known[rows] | (quality != self.quality[rows]) | (time <= self.time[rows]) | (nan != nan_before)
        # a line ends with its hour, so that the rollup of an hour is final when the hour is over
        breaks |= time // HOUR_MS != self.time[rows] // HOUR_MS
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = (value - self._pivot[rows]) / (time - self._pivot_time[rows])
        outside = ~breaks & ((slope < self._low[rows]) | (slope > self._high[rows]))
        ended = self._stored(rows[(breaks | outside) & self._waiting[rows]])
        self._turn(rows[outside])
        again = breaks | (time - self._pivot_time[rows] >= self._gap)
        with np.errstate(divide="ignore", invalid="ignore"):
            took = (time - self._pivot_time[rows]).astype(np.float64)
            low = (value - self._width[rows] - self._pivot[rows]) / took
            high = (value + self._width[rows] - self._pivot[rows]) / took
        self._low[rows] = np.where(nan, -np.inf, np.fmax(self._low[rows], low))
        self._high[rows] = np.where(nan, np.inf, np.fmin(self._high[rows], high))
        self.time[rows], self.value[rows], self.quality[rows] = time, value, quality
        self._known[rows] = self._waiting[rows] = True
        fresh = rows[again]
        stored = self._stored(fresh)
        self._turn(fresh)
        self._waiting[fresh] = False
        return [part for part in (ended, stored) if len(part)]

    def tail(self) -> Columns:
        """The newest readings that are not stored yet."""
        return self._stored(np.flatnonzero(self._waiting))

    def adopt(self, other: Doors) -> None:
        """Go on with the lines of tags that keep their slots."""
        _, mine, theirs = np.intersect1d(self.slots, other.slots, assume_unique=True, return_indices=True)
        same = self._width[mine] == other._width[theirs]
        mine, theirs = mine[same], theirs[same]
        for name in ("_known", "_pivot_time", "_pivot", "time", "value", "quality", "_waiting", "_low", "_high"):
            getattr(self, name)[mine] = getattr(other, name)[theirs]

    def _stored(self, rows: Rows) -> Columns:
        return Columns(self.slots[rows].astype(np.int32), self.time[rows], self.value[rows], self.quality[rows])

    def _turn(self, rows: Rows) -> None:
        self._pivot_time[rows], self._pivot[rows] = self.time[rows], self.value[rows]
        self._low[rows], self._high[rows] = -np.inf, np.inf
