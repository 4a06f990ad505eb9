"""From a value back to the words of a point, the inverse of the codec: for the simulator and for commands."""

from __future__ import annotations

import math
import struct
from collections.abc import MutableSequence
from fractions import Fraction

from registermaps.limits import factors, raw_bits
from registermaps.model import Point, PointType
from registermaps.pointtypes import TYPES
from tagdb import Value

__all__ = ["encode", "encode_into", "words_of_raw"]


def encode(point: Point, value: Value, *, check: bool = True) -> list[int]:
    """The words that decode to a value.

    Args:
        point: where and how.
        value: in units; None = the marker for no data; text for ascii; a number for enumerations.
        check: refuse values outside the valid range, and those that read as no data.

    Returns:
        ``point.count`` words in address order; for bit and bits the word with the other bits 0.

    Raises:
        ValueError: the value does not fit; the message names the point, the value and what fits.
    """
    if point.type is PointType.ASCII:
        return _text_words(point, value)
    if value is None:
        return words_of_raw(point, _marker(point))
    if isinstance(value, str) or (isinstance(value, float) and not math.isfinite(value)):
        raise _refused(point, value, "a finite number")
    if check:
        _check_range(point, value)
    if point.type is PointType.F32:
        return words_of_raw(point, _float_pattern(point, value))
    raw = _counts(point, value)
    low, high = _capacity(point)
    if not low <= raw <= high:
        raise _refused(point, value, f"{low * point.scale + point.offset:g} to {high * point.scale + point.offset:g}")
    if point.type is PointType.BCD:
        raw = int(str(raw), 16)
    if check and raw in point.no_data:
        raise _refused(point, value, f"anything else: its raw value {raw} means no data")
    return words_of_raw(point, raw)


def encode_into(
    words: MutableSequence[int], base: int, point: Point, value: Value, *, check: bool = True
) -> None:
    """Put a value among words that stand for addresses from ``base`` on, leaving the neighbours of a bit as they are.

    Raises:
        ValueError: as ``encode``.
        IndexError: the words do not hold the point's addresses.
    """
    at = point.address - base
    if at < 0 or at + point.count > len(words):
        raise IndexError(f"point '{point.name}' at {point.address} is outside {base}..{base + len(words) - 1}")
    keep = 0
    if point.function in (3, 4) and point.type in (PointType.BIT, PointType.BITS):
        field = ((1 << raw_bits(point)) - 1) << point.bit
        keep = 0xFFFF & ~_ordered(point, [field])[0]
    for offset, word in enumerate(encode(point, value, check=check)):
        words[at + offset] = words[at + offset] & keep | word


def words_of_raw(point: Point, raw: int) -> list[int]:
    """The words of a raw number (after the sign was taken), whatever it means.

    Raises:
        ValueError: more bits than the point has.
    """
    bits = raw_bits(point)
    if not -(1 << (bits - 1)) <= raw < 1 << bits:
        raise ValueError(f"point '{point.name}': raw {raw} does not fit in {bits} bits")
    pattern = raw & ((1 << bits) - 1)
    if point.function in (1, 2):
        return [pattern]
    if point.type in (PointType.BIT, PointType.BITS):
        return _ordered(point, [pattern << point.bit])
    return _ordered(point, [pattern >> 16 * place & 0xFFFF for place in range(point.count)])


def _ordered(point: Point, low_first: list[int]) -> list[int]:
    words = low_first if point.word_order == "low" else low_first[::-1]
    if point.byte_order == "little":
        return [(word & 0xFF) << 8 | word >> 8 for word in words]
    return words


def _refused(point: Point, value: Value, expected: str) -> ValueError:
    unit = f" {point.unit}" if point.unit else ""
    found = f"'{value}'" if isinstance(value, str) else f"{value}"
    return ValueError(f"point '{point.name}': found {found}{unit}, expected {expected}{unit}")


def _check_range(point: Point, value: float) -> None:
    low, high = point.low, point.high
    if (low is not None and value < low) or (high is not None and value > high):
        ends = f"{'anything' if low is None else f'{low:g}'} to {'anything' if high is None else f'{high:g}'}"
        raise _refused(point, value, ends)


def _counts(point: Point, value: float) -> int:
    """Nearest count; exactly the inverse of raw * multiplier / divisor + offset."""
    multiplier, divisor = factors(point.scale)
    return round((Fraction(value) - Fraction(point.offset)) * Fraction(divisor) / Fraction(multiplier))


def _capacity(point: Point) -> tuple[int, int]:
    if point.type is PointType.BCD:
        return 0, 10 ** (4 * point.count) - 1
    if point.type in (PointType.BIT, PointType.BITS):
        return 0, (1 << raw_bits(point)) - 1
    return TYPES[point.type].raw_low, TYPES[point.type].raw_high


def _float_pattern(point: Point, value: float) -> int:
    try:
        packed = struct.pack(">f", (value - point.offset) / point.scale)
    except OverflowError:
        raise _refused(point, value, "what a 32-bit float can hold") from None
    return int.from_bytes(packed, "big")


def _marker(point: Point) -> int:
    if point.type is PointType.F32:
        return 0x7FC00000
    if not point.no_data:
        raise ValueError(f"point '{point.name}': no raw value means no data")
    # The maker's own marker (32766) comes before those of others (-32768): the smallest that is no negative number.
    return min(point.no_data, key=lambda raw: (raw < 0, abs(raw)))


def _text_words(point: Point, value: Value) -> list[int]:
    room = 2 * point.count
    if not isinstance(value, str) or not value.isascii() or len(value) > room:
        raise _refused(point, value, f"ASCII text of up to {room} characters")
    octets = value.encode("ascii").ljust(room, b"\0")
    words = [octets[at] << 8 | octets[at + 1] for at in range(0, room, 2)]
    return [(word & 0xFF) << 8 | word >> 8 for word in words] if point.byte_order == "little" else words
