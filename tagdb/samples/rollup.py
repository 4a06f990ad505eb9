"""Rollups: what a tag was like in each bucket of time. Pure: a curve goes in, arrays with one row a bucket come out.

A sample holds until the next one, but at most a day, and not beyond what was recorded; between the samples of a line
the value goes straight. Only values that are not bad count. The mean is over the time for which there was such a value;
the good share is that time as part of the whole bucket. Low and high include what was in force when the bucket began.

In the database a bucket has a row only when the tag moved in it, or when it is the first of a day: in all others the
tag stood as it did at the end of the bucket before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tagdb.quality import Quality
from tagdb.samples.arrays import DAY_MS, HOLD_MS, Curve, Floats, Ints

__all__ = ["Buckets", "expanded", "roll", "worth_a_row"]


@dataclass(frozen=True, slots=True)
class Buckets:
    """One row for each bucket of ``[start, start + n * step)``."""

    #: milliseconds
    start: int
    step: int
    #: NaN where no value counted
    low: Floats
    high: Floats
    mean: Floats
    #: the last value that counted
    last: Floats
    #: share of the bucket with a value that counts, 0-1
    good: Floats
    #: samples that differ from the one before
    changes: Ints
    #: at the end of the bucket; INITIAL where nothing is known
    quality: npt.NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.low)

    @property
    def time(self) -> Ints:
        """Where each begins, milliseconds."""
        return self.start + self.step * np.arange(len(self.low), dtype=np.int64)


def roll(curve: Curve, start: int, end: int, step: int) -> Buckets:
    """The buckets of [start, end); ``end - start`` is a multiple of ``step``, all in milliseconds."""
    count = (end - start) // step
    edges = start + step * np.arange(count, dtype=np.int64)
    if not len(curve):
        return _nothing(start, step, int(count))
    # Cut time where anything may change: at edges, samples, and where a sample ends to say anything.
    ends = np.append(curve.time[1:], 1 << 62)
    ends = np.minimum(np.minimum(ends, curve.time + HOLD_MS), max(curve.until, int(curve.time[-1]) + 1))
    cuts = np.unique(np.concatenate([edges, curve.time, ends]))
    cuts = cuts[(cuts >= start) & (cuts < end)]
    which = np.searchsorted(curve.time, cuts, "right") - 1
    inside = np.maximum(which, 0)
    took = np.diff(np.append(cuts, end))
    known = (which >= 0) & (cuts < ends[inside])
    counts = known & curve.valid()[inside]
    begin, finish = _course(curve, inside, cuts, took)
    first = np.searchsorted(cuts, edges)
    good_ms = np.add.reduceat(np.where(counts, took, 0), first)
    mean = np.add.reduceat(np.where(counts, (begin + finish) / 2 * took, 0.0), first)
    at = np.maximum.reduceat(np.where(counts, np.arange(len(cuts)), -1), first)
    final = np.append(first[1:], len(cuts)) - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = mean / good_ms
    low = np.minimum.reduceat(np.where(counts, np.minimum(begin, finish), np.inf), first)
    high = np.maximum.reduceat(np.where(counts, np.maximum(begin, finish), -np.inf), first)
    empty = good_ms == 0
    return Buckets(
        start, step,
        np.where(empty, np.nan, low), np.where(empty, np.nan, high),
        # rounding must not put the mean outside
        np.where(empty, np.nan, np.clip(mean, low, high)),
        np.where(empty, np.nan, finish[np.maximum(at, 0)]),
        good_ms / step,
        _changes(curve, start, step, int(count)),
        np.where(known[final], curve.quality[inside[final]], Quality.INITIAL).astype(np.uint16),
    )  # fmt: skip


def worth_a_row(buckets: Buckets) -> npt.NDArray[np.bool_]:
    """Which buckets get a row in the database: those that ``expanded`` could not tell from the bucket before."""
    fine = _fine(buckets)
    before = np.append(buckets.good[:1] == 1.0, fine[:-1])
    something = (buckets.good > 0) | (buckets.quality != Quality.INITIAL)
    first_of_day = something & (buckets.time % DAY_MS == 0)
    # a line may move where it has no sample
    moved = (buckets.low != buckets.high) | (buckets.low != np.append(buckets.low[:1], buckets.last[:-1]))
    moved &= buckets.good > 0
    return np.asarray((buckets.changes > 0) | (buckets.good != before) | moved | first_of_day, np.bool_)


def expanded(rows: Buckets, at: Ints, start: int, end: int) -> Buckets:
    """Every bucket of [start, end) out of the rows of a database.

    Args:
        rows: the rows, sorted, from the first of the day of ``start`` on; their ``start`` says nothing.
        at: where each row's bucket begins, milliseconds.
    """
    step = rows.step
    count = (end - start) // step
    if not len(rows):
        return _nothing(start, step, int(count))
    time = start + step * np.arange(count, dtype=np.int64)
    which = np.searchsorted(at, time, "right") - 1
    inside = np.maximum(which, 0)
    own = (which >= 0) & (at[inside] == time)
    # beyond a day without a row nothing is known
    held = (which >= 0) & ~own & (time // DAY_MS == at[inside] // DAY_MS)
    still = held & _fine(rows)[inside]
    last = rows.last[inside]

    def pick(column: Floats) -> Floats:
        return np.where(own, column[inside], np.where(still, last, np.nan))

    return Buckets(
        start, step, pick(rows.low), pick(rows.high), pick(rows.mean), pick(rows.last),
        np.where(own, rows.good[inside], still.astype(np.float64)),
        np.where(own, rows.changes[inside], 0),
        np.where(own | held, rows.quality[inside], Quality.INITIAL).astype(np.uint16),
    )  # fmt: skip


def _course(curve: Curve, inside: npt.NDArray[np.intp], cuts: Ints, took: Ints) -> tuple[Floats, Floats]:
    """The value at the beginning and at the end of each piece of time."""
    value = curve.numbers()
    here = value[inside]
    if not curve.line:
        return here, here
    following = np.minimum(inside + 1, len(curve) - 1)
    valid = curve.valid()
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = (value[following] - here) / (curve.time[following] - curve.time[inside])
    slope = np.where(valid[following] & (following > inside) & np.isfinite(slope), slope, 0.0)
    begin = here + slope * (cuts - curve.time[inside])
    return begin, here + slope * (cuts + took - curve.time[inside])


def _fine(buckets: Buckets) -> npt.NDArray[np.bool_]:
    """Whether a value counts at the end of the bucket."""
    fine = (buckets.quality < Quality.BAD) & (buckets.quality != Quality.INITIAL) & ~np.isnan(buckets.last)
    return np.asarray(fine, np.bool_)


def _changes(curve: Curve, start: int, step: int, count: int) -> Ints:
    differs = np.ones(len(curve), bool)
    bits = curve.value.view(np.int64)
    differs[1:] = (bits[1:] != bits[:-1]) | (curve.quality[1:] != curve.quality[:-1])
    differs[1:] |= np.diff(curve.time) > HOLD_MS
    # the first sample of a curve is the one before it, or has none before it
    bucket = (curve.time[differs] - start) // step
    bucket = bucket[(bucket >= 0) & (bucket < count)]
    return np.bincount(bucket, minlength=count).astype(np.int64)


def _nothing(start: int, step: int, count: int) -> Buckets:
    none = np.full(count, np.nan)
    zero = np.zeros(count)
    unknown = np.full(count, Quality.INITIAL, np.uint16)
    return Buckets(start, step, none, none, none, none, zero, zero.astype(np.int64), unknown)
