"""Exact arithmetic of points in raw counts: scale as a fraction, limits, markers, and which raw values are surely good.

What the codec compiles its arrays from; plain Python, run once at load.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from fractions import Fraction

from registermaps.model import Point, PointType
from registermaps.pointtypes import TYPES
from tagdb import Kind

__all__ = ["factors", "kind_of", "raw_bits", "raw_limits", "sure_span", "value_of_raw", "wrap_counts"]

_EXACT = 2**53


def kind_of(point: Point) -> Kind:
    """What the cell of a point's tag holds: float, int, bool, enum, u64 or text."""
    if point.type is PointType.ASCII:
        return Kind.TEXT
    if point.type is PointType.BIT:
        return Kind.BOOL
    if point.enum is not None:
        return Kind.ENUM
    if point.type is PointType.F32 or not (point.scale.is_integer() and point.offset.is_integer()):
        return Kind.FLOAT
    if point.type is PointType.U64:
        return Kind.U64 if point.scale == 1 and point.offset == 0 else Kind.FLOAT
    return Kind.INT


def raw_bits(point: Point) -> int:
    """Bits of the raw value: 16 for a word, the width for bits, 1 for a bit."""
    if point.function in (1, 2) or point.type is PointType.BIT:
        return 1
    return point.width if point.type is PointType.BITS else 16 * point.count


def factors(scale: float) -> tuple[float, float]:
    """(multiplier, divisor) with raw * multiplier / divisor correctly rounded: 237 at 0.1 is exactly 23.7."""
    fraction = Fraction(repr(scale))
    if abs(fraction.numerator) < _EXACT and fraction.denominator < _EXACT:
        return float(fraction.numerator), float(fraction.denominator)
    return scale, 1.0


def value_of_raw(point: Point, raw: int) -> float:
    """The value of one raw number (after the sign was taken), as the codec computes it."""
    multiplier, divisor = factors(point.scale)
    return raw * multiplier / divisor + point.offset


def raw_limits(point: Point) -> tuple[int, int]:
    """The smallest and largest raw number within the valid range; smallest > largest when there is none.

    Raw numbers are after the sign was taken; for BCD the number its digits say.
    """
    facts = TYPES[point.type]
    low, high = facts.raw_low, facts.raw_high
    if point.type in (PointType.BIT, PointType.BITS) or point.function in (1, 2):
        high = (1 << raw_bits(point)) - 1
    if point.type is PointType.BCD:
        high = 10 ** (4 * point.count) - 1
    floor, ceiling = (point.low, point.high) if point.scale > 0 else (point.high, point.low)
    if floor is not None:
        near = _near(point, floor, low, high)
        rising = range(near - 2, near + 3)
        low = max(low, next((raw for raw in rising if _reaches(point, raw, floor, 1)), near))
    if ceiling is not None:
        near = _near(point, ceiling, low, high)
        falling = range(near + 2, near - 3, -1)
        high = min(high, next((raw for raw in falling if _reaches(point, raw, ceiling, -1)), near))
    return low, high


def _reaches(point: Point, raw: int, limit: float, direction: int) -> bool:
    """Whether a raw number is at the limit or on its inner side, which lies in ``direction`` of growing counts."""
    value = value_of_raw(point, raw)
    return value >= limit if (direction > 0) == (point.scale > 0) else value <= limit


def _near(point: Point, limit: float, low: int, high: int) -> int:
    exact = (Fraction(repr(limit)) - Fraction(repr(point.offset))) / Fraction(repr(point.scale))
    return min(max(round(exact), low - 3), high + 3)


def sure_span(point: Point, texts: Collection[int]) -> tuple[int, int]:
    """(first, last): a run of raw numbers that are good without a further look, the one around 0 or else the longest.

    Args:
        point: not of type f32 or ascii.
        texts: numbers that the point's enumeration has texts for.

    Returns:
        first > last where nothing is surely good.
    """
    if point.enum is not None and point.low is None and point.high is None:
        runs = _runs(sorted(texts))
    else:
        runs = [raw_limits(point)]
    for marker in sorted(point.no_data):
        if point.type is PointType.BCD:
            digits = f"{marker:x}"
            if not digits.isdecimal():
                continue  # a bad digit is never sure
            marker = int(digits)
        runs = [part for run in runs for part in _without(run, marker)]
    # Plants live near zero: that run before a longer one beyond the markers.
    return max(runs, key=lambda run: (run[0] <= 0 <= run[1], run[1] - run[0]), default=(0, -1))


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def _without(run: tuple[int, int], marker: int) -> list[tuple[int, int]]:
    first, last = run
    if not first <= marker <= last:
        return [run]
    return [part for part in ((first, marker - 1), (marker + 1, last)) if part[0] <= part[1]]


def wrap_counts(point: Point) -> int:
    """The period of a wrapping value in counts; 0 = it does not wrap."""
    return 0 if point.wrap is None else round(math.fabs(point.wrap / point.scale))
