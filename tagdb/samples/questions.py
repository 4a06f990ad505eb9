"""What reports ask of recorded values: at a moment, time in each state, totals of counters, the sum of a window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tagdb.quality import Quality
from tagdb.samples.arrays import HOLD_MS, HOUR_MS, Curve, Floats, Ints
from tagdb.samples.rollup import Buckets, roll
from tagdb.samples.series import Series, merged
from tagdb.tag import Value

__all__ = ["Held", "StateTime", "Total", "counter_curve", "held_at", "statistics_of", "time_in_states", "total_of"]

#: a counter that shows no more may well be back after a reset at once: starts of a day
_SMALL = 10


@dataclass(frozen=True, slots=True)
class Held:
    """A tag at a moment."""

    #: None where there was none
    value: Value
    quality: int
    #: when the value in force was read, Unix seconds
    time_s: float


@dataclass(frozen=True, slots=True)
class StateTime:
    """How long a tag was in a state."""

    #: None: it was not known in which
    value: Value
    seconds: float
    #: how often it came into the state
    times: int


@dataclass(frozen=True, slots=True)
class Total:
    """What a counter counted."""

    total: float
    #: how often it began again from nothing, and how often it ran over its end
    resets: int
    rollovers: int
    #: share of the span for which the counter was known, 0-1
    good: float


def held_at(curve: Curve, time: int) -> Held | None:
    """The value in force at a moment (milliseconds); of a line, the point on it. None = nothing is known."""
    index = int(np.searchsorted(curve.time, time, "right")) - 1
    if index < 0 or time - curve.time[index] > HOLD_MS or time > max(curve.until, int(curve.time[-1])):
        return None
    valid = curve.valid()
    value = curve.plain(index) if valid[index] else None
    if curve.line and value is not None and index + 1 < len(curve) and valid[index + 1]:
        here, following = curve.value[index], curve.value[index + 1]
        share = (time - curve.time[index]) / (curve.time[index + 1] - curve.time[index])
        value = float(here + share * (following - here))
    return Held(value, int(curve.quality[index]), float(curve.time[index]) / 1000)


def time_in_states(curve: Curve, start: int, end: int) -> list[StateTime]:
    """How long each state held in [start, end), milliseconds, the longest first; the sum is the whole span."""
    if not len(curve):
        return [StateTime(None, (end - start) / 1000, 0)]
    ends = np.minimum(np.append(curve.time[1:], max(curve.until, int(curve.time[-1]))), curve.time + HOLD_MS)
    begins, ends = np.clip(curve.time, start, end), np.clip(ends, start, end)
    valid = curve.valid()
    spent: dict[Value, float] = {}
    times: dict[Value, int] = {}
    before: Value = None
    for index, took in enumerate(np.maximum(ends - begins, 0).tolist()):
        value = curve.plain(index) if valid[index] else None
        if value is not None:
            spent[value] = spent.get(value, 0.0) + took / 1000
            if curve.time[index] >= start and value != before:
                times[value] = times.get(value, 0) + 1
        before = value if value is not None else before
    unknown = (end - start) / 1000 - sum(spent.values())
    rows = [StateTime(value, seconds, times.get(value, 0)) for value, seconds in spent.items()]
    rows.sort(key=lambda row: -row.seconds)
    return [*rows, StateTime(None, unknown, 0)] if unknown > 0.0005 else rows


def total_of(curve: Curve, start: int, end: int, modulus: float | None = None) -> Total:
    """What a counter counted in [start, end), milliseconds: the sum of its steps up.

    A step down is the counter beginning again: what it shows then was counted since. With ``modulus`` (the count at
    which it runs over to 0) a step down from near the end to near the beginning is a rollover instead. A counter that
    is back where it was at a stroke within an hour was misread, or the clock was set back and two courses of it lie
    over each other: neither counts. Time without good values is bridged: the counter went on counting meanwhile.
    """
    inside = curve.valid() & (curve.time < end)
    time, value = curve.time[inside], curve.numbers()[inside]
    if len(value) < 1:
        return Total(0.0, 0, 0, 0.0)
    # A step that shows exactly at a border belongs to what begins there, so that it counts once.
    first = max(0, int(np.searchsorted(time, start, "left")) - 1)
    value = _without_dips(time[first:], value[first:])
    step = np.diff(value)
    down = step < 0
    over = np.zeros(len(step), bool)
    if modulus:
        over = down & (value[:-1] > 0.75 * modulus) & (value[1:] < 0.25 * modulus)
    step = np.where(over, step + (modulus or 0.0), np.where(down, value[1:], step))
    known = sum(row.seconds for row in time_in_states(curve, start, end) if row.value is not None)
    share = known * 1000 / (end - start) if end > start else 0.0
    return Total(float(step.sum()), int((down & ~over).sum()), int(over.sum()), min(1.0, share))


def _without_dips(time: Ints, value: Floats) -> Floats:
    """Without the values at which a counter seems to fall and is back soon, in one step for the most part."""
    keep = np.ones(len(value), bool)
    at = 0
    for fall in np.flatnonzero(np.diff(value) < 0).tolist():
        peak = value[fall]
        if fall < at or peak <= _SMALL:
            continue
        soon = slice(fall + 1, int(np.searchsorted(time, time[fall] + HOUR_MS, "right")))
        back = np.flatnonzero(value[soon] >= peak)
        if back.size:
            at = fall + 1 + int(back[0])
            if value[at] - value[at - 1] >= (peak - value[fall + 1]) / 2:
                keep[fall + 1 : at] = False
    return value[keep]


def statistics_of(series: Series, start: int, end: int) -> Buckets:
    """A series as one bucket over [start, end), milliseconds; out of rollups it is as exact as these at its ends."""
    if series.curve is not None:
        return roll(series.curve, start, end, end - start)
    assert series.buckets is not None  # noqa: S101  a series has one or the other
    return merged(series.buckets, len(series.buckets))


def counter_curve(buckets: Buckets) -> Curve:
    """A counter's course out of rollups: its highest before it began again, and what it showed at the end of each."""
    there = np.flatnonzero(~np.isnan(buckets.last))
    if not len(there):
        return Curve(np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint16))
    time, low, high, last = buckets.time[there], buckets.low[there], buckets.high[there], buckets.last[there]
    begin = low[0] if last[0] >= high[0] else high[0]
    before = np.append(begin, last[:-1])
    # A bucket's low includes what it began with, so it is lower only where the counter began again; and a counter that
    # did not ends at its highest.
    again = (low < before) | (high > last)
    peak = np.where(again & (high > last), high, before)
    value = np.stack([peak, np.where(again, low, before), last], axis=1).ravel()
    moments = np.stack([time + 1, time + 2, time + buckets.step - 1], axis=1).ravel()
    value, moments = np.append(begin, value), np.append(time[0], moments)
    until = int(time[-1]) + buckets.step
    return Curve(moments, value, np.full(len(value), Quality.GOOD, np.uint16), until=until)
