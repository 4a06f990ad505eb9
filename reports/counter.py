"""What a counter counted, whatever befell it: resets, rollovers, presets, readings that fell back for a moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Counted", "counted", "joined"]

Times = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: a counter that shows at most so much of what it showed before has begun anew; one that falls less has been misread
_ANEW = 0.02
#: a counter that stays lower for so long, milliseconds, was set to what it shows
_SETTLED_MS = 600_000


@dataclass(frozen=True, slots=True)
class Counted:
    """The sum of a counter's steps up in a span."""

    #: None: nothing was read
    total: float | None
    #: last reading in the span
    last: float | None = None
    #: how often it began anew, ran over its end, or was set to another value
    resets: int = 0
    rollovers: int = 0
    presets: int = 0


def counted(time: Times, value: Floats, start: int, end: int, wraps_at: float | None = None) -> Counted:
    """Steps of a counter in [start, end).

    Args:
        time: of the readings, milliseconds, sorted; ``value``: good readings alone.
        start: the last reading before it is what counting begins from; without one, the first in the span.
        end: readings at it or later do not count.
        wraps_at: where the counter runs over to 0, in its own unit; None = it has no known end.
    """
    # a step that shows exactly at a border belongs to what begins there, once
    first = max(0, int(np.searchsorted(time, start, "left")) - 1)
    last = int(np.searchsorted(time, end, "left"))
    times, values = time[first:last], value[first:last]
    if not len(values):
        return Counted(None)
    keep = np.ones(len(values), bool)
    keep[1:] = values[1:] != values[:-1]
    return _walked(zip(times[keep].tolist(), values[keep].tolist(), strict=True), wraps_at, float(values[-1]), end)


def _walked(readings: Iterable[tuple[int, float]], wraps_at: float | None, final: float, end: int) -> Counted:
    total, resets, rollovers, presets = 0.0, 0, 0, 0
    top: float | None = None
    low: tuple[int, float] | None = None
    for at, value in readings:
        if top is None:
            top = value
        elif low is not None and at - low[0] >= _SETTLED_MS:
            presets, top, low = presets + 1, low[1], None
        if value >= top:
            total, top, low = total + value - top, value, None
        elif wraps_at and top > 0.75 * wraps_at and value < 0.25 * wraps_at:
            total, top, low, rollovers = total + value + wraps_at - top, value, None, rollovers + 1
        elif 0 <= value <= _ANEW * top:
            total, top, low, resets = total + value, value, None, resets + 1
        elif low is None:
            low = (at, value)
    if low is not None and end - low[0] >= _SETTLED_MS:
        presets, total = presets + 1, total + max(0.0, final - low[1])
    return Counted(round(total, 9), final, resets, rollovers, presets)


def joined(parts: Sequence[tuple[Times, Floats]]) -> tuple[Times, Floats]:
    """The sum of several series at every moment at which one changes, from where all are known."""
    if not parts or any(not len(time) for time, _ in parts):
        return np.empty(0, np.int64), np.empty(0)
    begin = max(int(time[0]) for time, _ in parts)
    times = np.unique(np.concatenate([time for time, _ in parts]))
    times = times[times >= begin]
    total = np.zeros(len(times))
    for time, value in parts:
        total += value[np.searchsorted(time, times, "right") - 1]
    return times, total
