"""A day of a tag's minutes as one blob: rollups of a minute are many, and as rows they would outgrow the samples.

Kept are the minutes that would have a row (see ``rollup``), as columns like those of a block. A mean stands as its
place between low and high in 32 bits, exact to a part in 8,000 million of the band; the rest is bit for bit.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

from tagdb.samples.arrays import MINUTE_MS, Floats, Ints
from tagdb.samples.codec import BadData, whole_numbers
from tagdb.samples.rollup import Buckets

__all__ = ["pack_minutes", "unpack_minutes"]

_VERSION = 1
#: version, decimals of low, high and last (16 = as they are), minutes
_HEAD = struct.Struct("<BBBBH")
_AS_FLOATS = 16
_PLACES = float((1 << 32) - 1)


def pack_minutes(buckets: Buckets, rows: npt.NDArray[np.intp]) -> bytes:
    """Some minutes of a day; ``rows``: which of its buckets, counted from the start of the day."""
    low, high, last = (column[rows] for column in (buckets.low, buckets.high, buckets.last))
    none = np.isnan(low)
    band = np.where(none | (high == low), 1.0, high - low)
    place = np.where(none, 0.0, np.clip((buckets.mean[rows] - low) / band, 0.0, 1.0))
    forms, columns = [], []
    for column in (low, high, last):
        form, numbers = whole_numbers(np.where(none, 0.0, column))
        forms.append(form if form <= _AS_FLOATS - 1 else _AS_FLOATS)
        data = np.where(none, 0.0, column).view(np.int64) if forms[-1] == _AS_FLOATS else np.diff(numbers, prepend=0)
        columns.append(_bytes(data, "<i8"))
    parts = (
        _bytes(np.diff(rows, prepend=0), "<u2"),
        *columns,
        _bytes(np.rint(np.nan_to_num(place) * _PLACES), "<u4"),
        _bytes(np.rint(buckets.good[rows] * MINUTE_MS), "<u2"),
        _bytes(buckets.changes[rows], "<u4"),
        _bytes(buckets.quality[rows], "<u2"),
    )
    return _HEAD.pack(_VERSION, *forms, len(rows)) + zlib.compress(b"".join(parts), 6)


def unpack_minutes(data: bytes) -> tuple[Ints, list[Floats]]:
    """Which minutes of the day, and low, high, mean, last, good, changes, quality of each. Raises BadData."""
    try:
        version, *forms, count = _HEAD.unpack_from(data)
        if version != _VERSION:
            raise BadData(f"minutes are in form {version}, this program knows {_VERSION}")
        body = zlib.decompress(bytes(data[_HEAD.size :]))
        at = 0

        def take(kind: str) -> npt.NDArray[np.generic]:
            nonlocal at
            size = np.dtype(kind).itemsize * count
            at += size
            planes = np.frombuffer(body[at - size : at], np.uint8).reshape(-1, count)
            return np.ascontiguousarray(planes.T).view(kind).ravel()

        rows = np.cumsum(take("<u2").astype(np.int64))
        values = []
        for form in forms:
            column = take("<i8").astype(np.int64)
            values.append(column.view(np.float64) if form == _AS_FLOATS else np.cumsum(column) / 10.0**form)
        place, good, changes, quality = (take(kind).astype(np.float64) for kind in ("<u4", "<u2", "<u4", "<u2"))
    except (struct.error, zlib.error, ValueError) as problem:
        raise BadData(str(problem)) from None
    low, high, last = (np.where(good == 0, np.nan, column) for column in values)
    mean = low + (high - low) * (place / _PLACES)
    return rows, [low, high, mean, last, good / MINUTE_MS, changes, quality]


def _bytes(column: npt.NDArray[np.generic], kind: str) -> bytes:
    narrow = np.ascontiguousarray(column.astype(kind))
    return narrow.view(np.uint8).reshape(len(narrow), -1).T.tobytes()
