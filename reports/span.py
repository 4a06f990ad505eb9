"""Stretches of time in which a bit was set or known, and means over them. Pure; times are milliseconds, UTC."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tagdb.samples import Curve, Series

__all__ = ["Spans", "all_of", "any_of", "known_spans", "length", "mean_while", "true_spans"]

#: rows of [begin, end)
Spans = npt.NDArray[np.int64]
#: a sample says nothing about what is later than this
_HOLD_MS = 86_400_000


def known_spans(curve: Curve, start: int, end: int) -> Spans:
    """When a tag had a value that counts."""
    return _spans(curve, curve.valid(), start, end)


def true_spans(curve: Curve, start: int, end: int) -> Spans:
    """When a bit was known to be set."""
    return _spans(curve, curve.valid() & (curve.value > 0), start, end)


def _spans(curve: Curve, wanted: npt.NDArray[np.bool_], start: int, end: int) -> Spans:
    if not len(curve):
        return np.empty((0, 2), np.int64)
    ends = np.append(curve.time[1:], max(curve.until, int(curve.time[-1])))
    begins, ends = np.clip(curve.time, start, end), np.clip(np.minimum(ends, curve.time + _HOLD_MS), start, end)
    keep = wanted & (ends > begins)
    return np.stack([begins[keep], ends[keep]], axis=1)


def length(spans: Spans) -> float:
    """Milliseconds in all."""
    return float((spans[:, 1] - spans[:, 0]).sum())


def all_of(several: Sequence[Spans], start: int, end: int) -> Spans:
    """Where all of them are, within [start, end)."""
    return _where(several, start, end, len(several))


def any_of(several: Sequence[Spans], start: int, end: int) -> Spans:
    """Where any of them is."""
    return _where(several, start, end, 1)


def _where(several: Sequence[Spans], start: int, end: int, least: int) -> Spans:
    cuts = np.unique(np.clip(np.concatenate([[start, end], *(spans.ravel() for spans in several)]), start, end))
    begins, count = cuts[:-1], np.zeros(len(cuts) - 1, np.int64)
    for spans in several:
        if len(spans):
            at = np.searchsorted(spans[:, 0], begins, "right") - 1
            count += (at >= 0) & (begins < spans[np.maximum(at, 0), 1])
    keep = count >= least
    return np.stack([begins[keep], cuts[1:][keep]], axis=1).astype(np.int64)


def mean_while(series: Series, spans: Spans, start: int, end: int) -> float | None:
    """The mean of a tag by time over the spans; None where nothing is known of it then."""
    if not len(spans):
        return None
    if series.curve is not None:
        curve = series.curve
        if not len(curve):
            return None
        ends = np.append(curve.time[1:], max(curve.until, int(curve.time[-1])))
        begins = np.clip(curve.time, start, end)
        ends = np.clip(np.minimum(ends, curve.time + _HOLD_MS), start, end)
        mean, good = np.where(curve.valid(), curve.numbers(), np.nan), curve.valid().astype(np.float64)
    else:
        assert series.buckets is not None  # noqa: S101  a series has one or the other
        buckets = series.buckets
        begins = np.clip(buckets.time, start, end)
        ends = np.clip(buckets.time + buckets.step, start, end)
        mean, good = buckets.mean, buckets.good
    weight = (_covered(spans, ends) - _covered(spans, begins)) * good
    counts = (weight > 0) & ~np.isnan(mean)
    return float((mean[counts] * weight[counts]).sum() / weight[counts].sum()) if counts.any() else None


def _covered(spans: Spans, moments: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """How much of the spans lies before each moment."""
    edges = spans.ravel().astype(np.float64)
    before = np.zeros(len(edges))
    before[1::2] = np.cumsum(spans[:, 1] - spans[:, 0])
    before[2::2] = before[1:-1:2]
    covered: npt.NDArray[np.float64] = np.interp(moments.astype(np.float64), edges, before)
    return covered
