"""From the bytes of one block to values with quality: compiled once at load, then a handful of array operations.

Decoding has no branch per point. The bytes of each point are gathered into one 64-bit number, padded with zeros:

    u16                     00 00 00 00 00 00 HH LL
    u32, low word first     00 00 00 00 HH LL hh ll
    bit 5 of a word         00 00 00 00 00 00 HH LL    >> 5, & 1

Most blocks end with one comparison: every number lies in the span in which it is surely good, so it is no marker, in
range and not negative, and value = number * multiplier / divisor + offset. Otherwise signs are extended and the spans
looked at again, and only if then something is still in doubt, quality is worked out exactly (``_Judge``, in arrays
too). Steps that no point of a block needs are left out: below a few hundred points, the number of operations is what
counts, not that of points.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from registermaps.limits import factors, kind_of, raw_bits, raw_limits, sure_span, wrap_counts
from registermaps.model import Point, PointType
from registermaps.plan import Block
from registermaps.pointtypes import TYPES
from tagdb import Kind, Quality

__all__ = ["BlockDecoder", "Decoded"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Unsigned = npt.NDArray[np.uint64]
Index = npt.NDArray[np.intp]

_ALL = 0xFFFF_FFFF_FFFF_FFFF
_U64, _I64, _F64 = np.dtype("<u8"), np.dtype("<i8"), np.dtype("<f8")
#: a named tuple without its own slower constructor
_new = tuple.__new__


class Decoded(NamedTuple):
    """What one read says, in the order of the block's points."""

    #: float64 (n,); NaN where there is no data; 64-bit pattern for kind u64; 0 for text
    cells: Floats
    #: uint64 (n,): words before sign, mask and scale; the field for bits
    raw: Unsigned
    #: uint16 (n,) of ``tagdb.Quality``; one shared read-only array while all are good
    quality: npt.NDArray[np.uint16]
    #: (index of the point, text) for ascii points
    texts: tuple[tuple[int, str], ...]


class BlockDecoder:
    """Decodes the answers to one block; for one thread, as it keeps scratch space.

    Args:
        block: of the read plan.
        enums: of the register map: numbers without a text are out of range unless the point's range holds them.
    """

    def __init__(self, block: Block, enums: Mapping[str, Mapping[int, Any]] | None = None) -> None:
        texts = enums or {}
        self.block = block
        points = block.points
        self._bits = block.function in (1, 2)
        #: bytes an answer must have
        self.size = (block.count + 7) // 8 if self._bits else 2 * block.count
        # The answer, and one zero for the unused bytes of the 64-bit numbers.
        self._answer = bytearray(self.size + 1)
        self._octets = np.frombuffer(self._answer, np.uint8)
        self._index = np.array([_bytes_of(point, block) for point in points], np.intp).reshape(-1)
        self._compile_numbers(points)
        judge = _Judge(points, {index: texts.get(point.enum or "", {}) for index, point in enumerate(points)})
        self._judge = judge
        self._good = np.full(len(points), Quality.GOOD, np.uint16)
        self._good.flags.writeable = False
        self._doubts = bytearray(len(points))
        self._doubtful = np.frombuffer(self._doubts, np.bool_)
        self._scratch = np.empty(len(points), _U64)
        self._number = self._scratch.view(_I64)
        self._over = np.empty(len(points), _U64)
        #: the last answer with doubts: which points, where, their raw values, and what came of them
        self._last_doubts, self._last_at, self._last_raw = b"", np.empty(0, np.intp), b""
        self._last_cells, self._last_quality = np.empty(0), self._good
        plain = not (self._special or self._bits)
        self._quick_first, self._quick_width = judge.quick_spans() if plain else (None, None)
        self._texts = tuple(
            (index, slice(2 * (point.address - block.start), 2 * (point.address - block.start + point.count)), point)
            for index, point in enumerate(points)
            if point.type is PointType.ASCII
        )

    def _compile_numbers(self, points: tuple[Point, ...]) -> None:
        self._shift = _unless([point.bit for point in points], 0, np.uint64)
        self._field = _unless([_field(point) for point in points], _ALL, np.uint64)
        self._sign = np.array([_sign(point) for point in points], _U64)
        self._mask = _unless([point.mask & _ALL for point in points], _ALL, np.uint64)
        scaling = [factors(point.scale) for point in points]
        self._multiplier = _unless([one[0] for one in scaling], 1.0, np.float64)
        self._divisor = _unless([one[1] for one in scaling], 1.0, np.float64)
        self._offset = _unless([point.offset for point in points], 0.0, np.float64)
        self._special = _special_steps(points)

    def decode(self, data: bytes) -> Decoded:
        """The values of one answer. Any words decode; what they are worth is in ``quality``.

        Args:
            data: registers as on the wire, 2 bytes each, big-endian; for functions 1 and 2 the packed bits.

        Raises:
            ValueError: the answer has another size than the block.
        """
        if len(data) != self.size:
            raise ValueError(f"found {len(data)} bytes, expected {self.size} for {self.block.count} registers")
        self._answer[:-1] = data
        raw: Unsigned
        if self._bits:
            raw = np.unpackbits(self._octets, bitorder="little")[self._index].astype(_U64)
        else:
            raw = self._octets[self._index].view(_U64)
            if self._shift is not None:
                raw >>= self._shift
            if self._field is not None:
                raw &= self._field
        if self._quick_width is not None:
            numbers = raw if self._quick_first is None else raw - self._quick_first
            np.greater(numbers, self._quick_width, self._doubtful)
            if 1 not in self._doubts:
                cells = self._scaled(raw if self._mask is None else raw & self._mask)
                return _new(Decoded, (cells, raw, self._good, ()))
        return self._look_closer(data, raw)

    def _scaled(self, numbers: npt.NDArray[Any]) -> Floats:
        cells: Floats = numbers.astype(_F64)
        if self._multiplier is not None:
            cells *= self._multiplier
        if self._divisor is not None:
            cells /= self._divisor
        if self._offset is not None:
            cells += self._offset
        return cells

    def _look_closer(self, data: bytes, raw: Unsigned) -> Decoded:
        np.bitwise_xor(raw, self._sign, self._scratch)
        np.subtract(self._scratch, self._sign, self._scratch)
        if self._mask is not None:
            np.bitwise_and(self._scratch, self._mask, self._scratch)
        number = self._number
        cells = self._scaled(number)
        sure = True
        for step in self._special:
            sure = step(raw, number, cells) and sure
        judge = self._judge
        np.greater(np.subtract(self._scratch, judge.sure_first, self._over), judge.sure_width, self._doubtful)
        if sure and 1 not in self._doubts:
            quality = self._good
        else:
            quality = self._remember(raw, cells) if sure else judge.judge(raw, number, cells)
        return _new(Decoded, (cells, raw, quality, self._read_texts(data) if self._texts else ()))

    def _remember(self, raw: Unsigned, cells: Floats) -> npt.NDArray[np.uint16]:
        """As ``judge``, but the last answer again while the same points are in doubt with the same raw values.

        A sensor that is not fitted says so in every answer.
        """
        doubts = bytes(self._doubts)
        if doubts != self._last_doubts:
            self._last_doubts, self._last_at, self._last_raw = doubts, np.flatnonzero(self._doubtful), b""
        values = raw[self._last_at].tobytes()
        if values == self._last_raw:
            cells[self._last_at] = self._last_cells
            return self._last_quality
        quality = self._judge.judge(raw, self._number, cells)
        quality.flags.writeable = False
        self._last_raw, self._last_cells, self._last_quality = values, cells[self._last_at], quality
        return quality

    def _read_texts(self, data: bytes) -> tuple[tuple[int, str], ...]:
        return tuple((index, _text(data[where], point.byte_order)) for index, where, point in self._texts)


def _unless(values: list[Any], neutral: float, kind: Any) -> npt.NDArray[Any] | None:
    """The values as an array, or None where they change nothing."""
    return np.array(values, kind) if any(value != neutral for value in values) else None


def _bytes_of(point: Point, block: Block) -> list[int]:
    """Which 8 bytes of the answer make up the number, least significant first; one index for bits of functions 1, 2."""
    at = point.address - block.start
    if block.function in (1, 2):
        return [at]
    zero = 2 * block.count
    if point.type is PointType.ASCII:
        return [zero] * 8
    words = range(at, at + point.count)
    low_first = words if point.word_order == "low" else reversed(words)
    pairs = [(2 * word + 1, 2 * word) if point.byte_order == "big" else (2 * word, 2 * word + 1) for word in low_first]
    index = [byte for pair in pairs for byte in pair]
    return index + [zero] * (8 - len(index))


def _field(point: Point) -> int:
    """The bits that count after the shift; ``_ALL`` where the zeros around the words see to it."""
    return (1 << raw_bits(point)) - 1 if point.type in (PointType.BIT, PointType.BITS) else _ALL


def _sign(point: Point) -> int:
    """The sign bit, for (raw ^ sign) - sign; 0 for unsigned types."""
    return 1 << (16 * point.count - 1) if TYPES[point.type].signed else 0


def _text(octets: bytes, byte_order: str) -> str:
    if byte_order == "little":
        octets = b"".join(octets[at : at + 2][::-1] for at in range(0, len(octets), 2))
    text = octets.split(b"\0", 1)[0].decode("ascii", "replace")
    return "".join(char if char.isprintable() else " " for char in text).strip()


def _where(points: tuple[Point, ...], wanted: Callable[[Point], bool]) -> Index:
    return np.array([index for index, point in enumerate(points) if wanted(point)], np.intp)


def _special_steps(points: tuple[Point, ...]) -> list[Callable[[Unsigned, Ints, Floats], bool]]:
    """Steps for the types whose number is not the value; each returns whether all it did is surely good."""
    steps: list[Callable[[Unsigned, Ints, Floats], bool]] = []
    floats = _where(points, lambda point: point.type is PointType.F32)
    if floats.size:
        steps.append(_float_step(points, floats))
    longs = _where(points, lambda point: point.type is PointType.U64)
    if longs.size:
        steps.append(_long_step(points, longs))
    digits = _where(points, lambda point: point.type is PointType.BCD)
    if digits.size:
        steps.append(_bcd_step(points, digits))
    return steps


def _scaling(points: tuple[Point, ...], where: Index) -> tuple[Floats, Floats, Floats]:
    chosen = [points[index] for index in where]
    both = np.array([factors(point.scale) for point in chosen], np.float64)
    return both[:, 0], both[:, 1], np.array([point.offset for point in chosen], np.float64)


def _float_step(points: tuple[Point, ...], where: Index) -> Callable[[Unsigned, Ints, Floats], bool]:
    multiplier, divisor, offset = _scaling(points, where)
    limit = np.finfo(np.float64).max
    low = np.array([-limit if points[i].low is None else points[i].low for i in where], np.float64)
    high = np.array([limit if points[i].high is None else points[i].high for i in where], np.float64)

    def step(raw: Unsigned, _number: Ints, cells: Floats) -> bool:
        with np.errstate(all="ignore"):  # NaNs and infinities are words like any other
            values = raw[where].astype("<u4").view("<f4").astype(np.float64) * multiplier / divisor + offset
        cells[where] = values
        return bool(((values >= low) & (values <= high)).all())

    return step


def _long_step(points: tuple[Point, ...], where: Index) -> Callable[[Unsigned, Ints, Floats], bool]:
    multiplier, divisor, offset = _scaling(points, where)
    pattern = np.array([kind_of(points[index]) is Kind.U64 for index in where], np.bool_)

    def step(raw: Unsigned, _number: Ints, cells: Floats) -> bool:
        values = raw[where]
        scaled = values.astype(np.float64) * multiplier / divisor + offset
        cells[where] = np.where(pattern, values.view(np.float64), scaled)
        return True

    return step


def _bcd_step(points: tuple[Point, ...], where: Index) -> Callable[[Unsigned, Ints, Floats], bool]:
    multiplier, divisor, offset = _scaling(points, where)
    shifts = np.arange(0, 64, 4, dtype=np.uint64)
    powers = 10 ** np.arange(16, dtype=np.int64)

    def step(raw: Unsigned, number: Ints, cells: Floats) -> bool:
        digits = ((raw[where][:, None] >> shifts) & np.uint64(15)).astype(np.int64)
        bad = (digits > 9).any(axis=1)
        # -1 is outside every span, so a bad digit ends in the exact look.
        number[where] = np.where(bad, -1, digits @ powers)
        cells[where] = np.where(bad, np.nan, number[where] * multiplier / divisor + offset)
        return True

    return step


class _Judge:
    """The exact look at quality, for blocks in which something is not surely good."""

    def __init__(self, points: tuple[Point, ...], texts: Mapping[int, Collection[int]]) -> None:
        self._n = len(points)
        numeric = [point.type not in (PointType.F32, PointType.ASCII) for point in points]
        sure = [sure_span(point, texts[i]) if numeric[i] else (0, _ALL) for i, point in enumerate(points)]
        limits = [raw_limits(point) if numeric[i] else (0, _ALL) for i, point in enumerate(points)]
        #: a number n is surely good when (n - first) mod 2**64 <= width
        self.sure_first, self.sure_width = _spans(sure)
        self._first, self._width = _spans(limits)
        # Ranges nobody can meet, and enumerations without a range, start as out; their texts bring them back.
        self._never = np.array(
            [
                first > last or (point.enum is not None and point.low is None and point.high is None)
                for point, (first, last) in zip(points, limits, strict=True)
            ],
            np.bool_,
        )
        self._text_at, self._text_raw = _pairs((i, raw) for i, p in enumerate(points) if p.enum for raw in texts[i])
        self._marker_at, self._marker_raw = _pairs(
            (i, marker & ((1 << raw_bits(point)) - 1)) for i, point in enumerate(points) for marker in point.no_data
        )
        self._floats = _where(points, lambda point: point.type is PointType.F32)
        self._low = np.array([-np.inf if point.low is None else point.low for point in points], np.float64)
        self._high = np.array([np.inf if point.high is None else point.high for point in points], np.float64)
        self._wraps = _where(points, lambda point: point.wrap is not None)
        self._period = np.array([wrap_counts(points[i]) for i in self._wraps], np.int64)
        self._wrap_scaling = _scaling(points, self._wraps) if self._wraps.size else None
        self._keeps_pattern = np.array([kind_of(point) is Kind.U64 for point in points], np.bool_)

    def quick_spans(self) -> tuple[Unsigned | None, Unsigned | None]:
        """First and width of spans in which a number is surely good before its sign was taken; None = do not try.

        The first is None where all begin at 0, which spares a subtraction.
        """
        first = self.sure_first.view(np.int64)
        last = first + self.sure_width.view(np.int64)
        if (last < 0).any() or (self.sure_width > np.uint64(2**62)).any():
            return None, None
        begin = np.maximum(first, 0)
        width = (last - begin).astype(np.uint64)
        return (begin.astype(np.uint64) if begin.any() else None), width

    def judge(self, raw: Unsigned, number: Ints, cells: Floats) -> npt.NDArray[np.uint16]:
        """Quality of each point; wraps values and clears the cells of those without data, in place."""
        out = (number.view(np.uint64) - self._first > self._width) | self._never
        out[self._text_at[raw[self._text_at] == self._text_raw]] = False
        if self._wrap_scaling is not None:
            self._wrap(number, cells, out)
        quality = np.where(out, np.uint16(Quality.OUT_OF_RANGE), np.uint16(Quality.GOOD))
        if self._floats.size:
            at = self._floats
            values = cells[at]
            inside = (values >= self._low[at]) & (values <= self._high[at])
            quality[at[~inside]] = Quality.OUT_OF_RANGE
            self._clear(at[~np.isfinite(values)], quality, cells)
        self._clear(self._marker_at[raw[self._marker_at] == self._marker_raw], quality, cells)
        return quality

    def _wrap(self, number: Ints, cells: Floats, out: npt.NDArray[np.bool_]) -> None:
        at = self._wraps
        assert self._wrap_scaling is not None  # noqa: S101 - narrowing for the type checker
        multiplier, divisor, offset = self._wrap_scaling
        above = cells[at] > self._high[at]
        # In counts, so that 3598 - 3600 is -0.2 to the last bit.
        turned = (number[at] - np.sign(multiplier).astype(np.int64) * self._period) * multiplier / divisor + offset
        fits = above & (turned >= self._low[at]) & (turned <= self._high[at])
        cells[at[fits]] = turned[fits]
        out[at[fits]] = False

    def _clear(self, at: Index, quality: npt.NDArray[np.uint16], cells: Floats) -> None:
        quality[at] = Quality.NO_DATA
        cells[at[~self._keeps_pattern[at]]] = np.nan


def _spans(spans: list[tuple[int, int]]) -> tuple[Unsigned, Unsigned]:
    """First and width, modulo 2**64; an empty span becomes the single number 2**63, which no point reads surely."""
    safe = [(first, last) if first <= last else (1 << 63, 1 << 63) for first, last in spans]
    first_of = np.array([first & _ALL for first, _last in safe], np.uint64)
    return first_of, np.array([last - first for first, last in safe], np.uint64)


def _pairs(pairs: Any) -> tuple[Index, Unsigned]:
    listed = list(pairs)
    return (
        np.array([index for index, _raw in listed], np.intp),
        np.array([raw for _index, raw in listed], np.uint64),
    )
