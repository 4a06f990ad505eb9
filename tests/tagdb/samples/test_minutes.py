"""A day of minutes comes back, and is small."""

from __future__ import annotations

import numpy as np
import pytest

from tagdb import Quality
from tagdb.samples.arrays import DAY_MS, MINUTE_MS, Curve
from tagdb.samples.codec import BadData
from tagdb.samples.minutes import pack_minutes, unpack_minutes
from tagdb.samples.rollup import roll

DAY = 20_000 * DAY_MS


def day(decimals: int | None) -> Curve:
    noise = np.random.default_rng(4)
    time = DAY + np.arange(8640, dtype=np.int64) * 10_000 + noise.integers(0, 20, 8640)
    value = 400 + np.cumsum(noise.normal(0, 0.3, 8640))
    quality = np.where(np.arange(8640) // 900 == 4, Quality.NO_DATA, Quality.GOOD).astype(np.uint16)
    return Curve(time, value if decimals is None else np.round(value, decimals), quality)


@pytest.mark.parametrize(("decimals", "most"), [(1, 12), (0, 11), (None, 34)])
def test_minutes_come_back(decimals: int | None, most: int) -> None:
    buckets = roll(day(decimals), DAY, DAY + DAY_MS, MINUTE_MS)
    rows = np.flatnonzero(buckets.changes > 0)
    data = pack_minutes(buckets, rows)
    minutes, (low, high, mean, last, good, changes, quality) = unpack_minutes(data)
    assert np.array_equal(minutes, rows)
    for name, column in {"low": low, "high": high, "last": last, "changes": changes, "quality": quality}.items():
        assert np.array_equal(getattr(buckets, name)[rows], column, equal_nan=True), name
    np.testing.assert_allclose(mean, buckets.mean[rows], rtol=1e-9)
    np.testing.assert_allclose(good, buckets.good[rows], rtol=1e-12)
    assert len(data) < most * len(rows)


def test_what_is_damaged_is_told() -> None:
    buckets = roll(day(1), DAY, DAY + DAY_MS, MINUTE_MS)
    data = pack_minutes(buckets, np.arange(100))
    for wrong in (b"", data[:20], b"\x09" + data[1:]):
        with pytest.raises(BadData):
            unpack_minutes(wrong)
