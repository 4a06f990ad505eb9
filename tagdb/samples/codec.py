"""How samples lie in the database: a batch as it arrived, and a block of one tag; both columns, narrowed and deflated.

Either begins with a head and goes on with one zlib stream of its columns::

    version  form  value form  width...   |  zlib( times  values  qualities  [not-a-number bits]  [texts] )

Each column is a series of integers: the first, and the differences of the rest (zigzag, so that small ones stay
small) in the narrowest of 1, 2, 4 or 8 bytes, as byte planes one after the other (all low bytes, then all next bytes,
...), which is what deflate likes. Values that are decimal fractions become whole numbers of their last digit; the rest
stay as 64-bit floats. Nothing is rounded: what comes out is bit for bit what went in (but for the sign of zero).
"""

from __future__ import annotations

import json
import struct
import zlib

import numpy as np
import numpy.typing as npt

from tagdb.samples.arrays import Columns, Floats, Ints
from tagdb.tag import Kind

__all__ = ["BadData", "decode_batch", "decode_block", "encode_batch", "encode_block", "whole_numbers"]

_VERSION = 1
_BATCH, _BLOCK = 0, 1
#: how values are kept: whole numbers of the last of 0-6 decimals; or as they are
_RAW, _BITS = 16, 17
_MOST_DECIMALS = 6
_HEAD = struct.Struct("<BBBBBBIIIqqq")
_EXACT = float(1 << 53)


class BadData(ValueError):
    """A blob that this version cannot read: damaged, or written by a newer one."""


def encode_block(columns: Columns, kind: Kind, level: int = 6) -> bytes:
    """Samples of one tag, sorted by time; the key is not in it."""
    return _encode(_BLOCK, None, columns, _BITS if kind is Kind.U64 else None, level)


def encode_batch(columns: Columns, level: int = 1) -> bytes:
    """Samples of many tags, sorted by tag."""
    return _encode(_BATCH, columns.tag.astype(np.int64), columns, _RAW, level)


def decode_block(data: bytes, tag: int = 0) -> Columns:
    """The inverse of ``encode_block``. Raises BadData."""
    form, _, columns = _decode(data)
    if form != _BLOCK:
        raise BadData("a batch stands where a block should be")
    return Columns(np.full(len(columns), tag, np.int32), columns.time, columns.value, columns.quality, columns.texts)


def decode_batch(data: bytes) -> Columns:
    """The inverse of ``encode_batch``. Raises BadData."""
    form, keys, columns = _decode(data)
    if form != _BATCH:
        raise BadData("a block stands where a batch should be")
    return Columns(keys.astype(np.int32), columns.time, columns.value, columns.quality, columns.texts)


def _encode(form: int, keys: Ints | None, columns: Columns, value_form: int | None, level: int) -> bytes:
    count = len(columns)
    if not count:
        raise ValueError("nothing to encode")
    missing = b""
    value = columns.value
    if value_form is None:
        nan = np.isnan(value)
        if nan.any():
            missing = np.packbits(nan).tobytes()
            value = np.where(nan, 0.0, value)
        value_form, whole = whole_numbers(value)
    elif value_form == _BITS:
        whole = value.view(np.int64)
    else:
        whole = np.empty(0, np.int64)
    first_time, times, time_width = _differences(columns.time)
    if value_form == _RAW:
        first_value, values, value_width = 0, _planes(columns.value.view(np.uint64), 8), 8
        missing = b""
    else:
        first_value, values, value_width = _differences(whole)
    first_key, key_bytes, key_width = (0, b"", 0) if keys is None else _differences(keys)
    qualities = columns.quality
    quality_width = 0 if bool((qualities == qualities[0]).all()) else 2
    quality_bytes = b"" if not quality_width else _planes(qualities.astype(np.uint64), 2)
    texts = json.dumps(columns.texts, ensure_ascii=False).encode("utf-8", "replace") if columns.texts else b""
    head = _HEAD.pack(
        _VERSION, form, value_form, time_width | key_width << 4, value_width, quality_width,
        count, len(texts), int(qualities[0]) | (len(missing) > 0) << 31, first_time, first_value, first_key,
    )  # fmt: skip
    body = b"".join((key_bytes, times, values, quality_bytes, missing, texts))
    return _trim(head) + zlib.compress(body, level)


def _decode(data: bytes) -> tuple[int, Ints, Columns]:
    try:
        head, rest = _untrim(bytes(data))
        version, form, value_form, widths, value_width, quality_width, count, texts_size, quality, *firsts = (
            _HEAD.unpack(head)
        )
        if version != _VERSION:
            raise BadData(f"samples are in form {version}, this program knows {_VERSION}")
        body = memoryview(zlib.decompress(rest))
        time_width, key_width = widths & 15, widths >> 4
        at = 0

        def take(width: int) -> npt.NDArray[np.uint64]:
            nonlocal at
            size = width * (count - 1)
            at += size
            return _unplane(body[at - size : at], width, count - 1)

        keys = np.empty(0, np.int64) if not key_width else _sums(firsts[2], take(key_width))
        times = _sums(firsts[0], take(time_width))
        if value_form == _RAW:
            at += 8 * count
            values = _unplane(body[at - 8 * count : at], 8, count).view(np.float64)
        else:
            whole = _sums(firsts[1], take(value_width))
            values = whole.view(np.float64) if value_form == _BITS else whole / 10.0**value_form
        qualities = np.full(count, quality & 0xFFFF, np.uint16)
        if quality_width:
            at += 2 * count
            qualities = _unplane(body[at - 2 * count : at], 2, count).astype(np.uint16)
        if quality >> 31:
            size = (count + 7) // 8
            values = np.where(np.unpackbits(np.frombuffer(body[at : at + size], np.uint8), count=count), np.nan, values)
            at += size
        texts = tuple(json.loads(bytes(body[at : at + texts_size]))) if texts_size else ()
    except (struct.error, zlib.error, ValueError, IndexError) as problem:
        raise BadData(str(problem)) from None
    return form, keys, Columns(np.empty(count, np.int32), times, values, qualities, texts)


def whole_numbers(value: Floats) -> tuple[int, Ints]:
    """As whole numbers of the last decimal, and how many decimals these are; 16 and nothing where none is exact."""
    if np.isfinite(value).all():
        for decimals in range(_MOST_DECIMALS + 1):
            scaled = np.rint(value * 10.0**decimals)
            if np.abs(scaled).max() >= _EXACT:
                break
            if np.array_equal(scaled / 10.0**decimals, value):
                return decimals, scaled.astype(np.int64)
    return _RAW, np.empty(0, np.int64)


def _differences(series: Ints) -> tuple[int, bytes, int]:
    """The first, and zigzag differences of the rest in the narrowest width."""
    step = np.diff(series)
    zigzag = ((step << 1) ^ (step >> 63)).view(np.uint64)
    most = int(zigzag.max()) if len(zigzag) else 0
    width = 1 if most < 1 << 8 else 2 if most < 1 << 16 else 4 if most < 1 << 32 else 8
    return int(series[0]), _planes(zigzag, width), width


def _sums(first: int, zigzag: npt.NDArray[np.uint64]) -> Ints:
    step = (zigzag >> np.uint64(1)).view(np.int64) ^ -(zigzag & np.uint64(1)).view(np.int64)
    series = np.empty(len(step) + 1, np.int64)
    series[0] = first
    series[1:] = step
    return np.cumsum(series)


def _planes(series: npt.NDArray[np.uint64], width: int) -> bytes:
    narrow = series.astype(f"<u{width}")
    return narrow.view(np.uint8).reshape(-1, width).T.tobytes()


def _unplane(data: memoryview, width: int, count: int) -> npt.NDArray[np.uint64]:
    planes = np.frombuffer(data, np.uint8).reshape(width, count)
    return np.ascontiguousarray(planes.T).view(f"<u{width}").ravel().astype(np.uint64)


def _trim(head: bytes) -> bytes:
    # Most of the head's bytes are zero: a block of a quiet tag would be half head.
    small = zlib.compress(head, 9)[2:-4]
    return bytes((len(small),)) + small


def _untrim(data: bytes) -> tuple[bytes, bytes]:
    size = data[0]
    return zlib.decompress(data[1 : 1 + size], -15), data[1 + size :]
