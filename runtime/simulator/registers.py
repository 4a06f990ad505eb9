"""The words of one simulated controller: values by point name become 16-bit registers, as its map says."""

from __future__ import annotations

import math
import struct
from array import array
from collections.abc import Callable, Iterable

from registermaps import Point, PointType, RegisterMap

__all__ = ["RegisterBank", "Value", "Values"]

#: in units after scaling; None = no data
Value = float | int | bool | None
Values = dict[str, Value]

#: known addresses nearer to each other than this make one area, in which unknown words read as 0
AREA_GAP = 64
#: how far beyond its last known word an area goes
AREA_MARGIN = 16
#: first choice of the marker for "no data", by registers (SmartGen facts: 7FFE and 7FFFFFFE)
MARKERS = {1: (32766, 32767, 65535), 2: (0x7FFFFFFE, 0x7FFFFFFF)}
#: lowest and highest raw value
LIMITS = {
    PointType.U16: (0, 0xFFFF), PointType.ENUM: (0, 0xFFFF), PointType.S16: (-0x8000, 0x7FFF),
    PointType.U32: (0, 0xFFFFFFFF), PointType.S32: (-0x80000000, 0x7FFFFFFF), PointType.U64: (0, 2**64 - 1),
}  # fmt: skip


class RegisterBank:
    """Holding registers 0 to 65535 of one unit.

    It encodes by itself, not with the codec that the runtime decodes with: two readings of one map check each other.
    """

    def __init__(self, register_map: RegisterMap, hidden: Iterable[int] = ()) -> None:
        self.map = register_map
        self.words = array("H", bytes(2 * 0x10000))
        points = [point for point in register_map.points if point.function in (3, 4)]
        self.areas = _areas(points)
        self._hidden = frozenset(hidden)
        plain = [point for point in points if point.alarm is None]
        self._writers = {point.name: _writer(self.words, point) for point in plain}
        self._alarms = {
            point.name: (point.address, 1 << point.bit)
            for point in points
            if point.alarm is not None and not point.alarm.unknown
        }
        #: alarm class -> addresses of its words; a word may be shared by classes
        self.alarm_words: dict[str, set[int]] = {}
        for point in points:
            if point.alarm is not None:
                self.alarm_words.setdefault(point.alarm.kind, set()).add(point.address)
        self._alarm_addresses = sorted(set().union(*self.alarm_words.values())) if self.alarm_words else []
        #: values and words that faults hold, whatever the model says
        self.forced: Values = {}
        self.raw: dict[int, int] = {}
        for point in plain:
            self._writers[point.name](None if point.no_data else 0)

    def has_alarm(self, name: str) -> bool:
        """Whether the map knows an alarm of this name."""
        return name in self._alarms

    def has_point(self, name: str) -> bool:
        """Whether the map knows a measurement, state or flag of this name."""
        return name in self._writers

    def publish(self, values: Values) -> None:
        """Write what the model says, over it what faults hold. Names that the map does not know are left out."""
        writers = self._writers
        for name, value in (values | self.forced if self.forced else values).items():
            if (write := writers.get(name)) is not None:
                write(value)
        for address, word in self.raw.items():
            self.words[address] = word

    def publish_alarms(self, names: Iterable[str]) -> None:
        """Write all alarm words."""
        for address in self._alarm_addresses:
            self.words[address] = 0
        for name in names:
            if (place := self._alarms.get(name)) is not None:
                self.words[place[0]] |= place[1]
        for address, word in self.raw.items():
            self.words[address] = word

    def raw_classes(self) -> set[str]:
        """Alarm classes in whose words a fault has set bits."""
        held = {address for address, word in self.raw.items() if word}
        return {kind for kind, addresses in self.alarm_words.items() if addresses & held}

    def holds(self, address: int, count: int) -> bool:
        """Whether a read lies within an area of known words; reserved addresses between them count as known."""
        if self._hidden and not self._hidden.isdisjoint(range(address, address + count)):
            return False
        return any(first <= address and address + count - 1 <= last for first, last in self.areas)

    def read(self, address: int, count: int) -> array[int]:
        """A copy of some words."""
        return self.words[address : address + count]


def _areas(points: list[Point]) -> tuple[tuple[int, int], ...]:
    areas: list[list[int]] = []
    for point in sorted(points, key=lambda each: each.address):
        last = point.address + point.count - 1
        if areas and point.address - areas[-1][1] <= AREA_GAP:
            areas[-1][1] = max(areas[-1][1], last)
        else:
            areas.append([point.address, last])
    return tuple((first, min(0xFFFF, last + AREA_MARGIN)) for first, last in areas)


def _writer(words: array[int], point: Point) -> Callable[[Value], None]:
    if point.type in (PointType.BIT, PointType.BITS):
        return _bits_writer(words, point)
    if point.type is PointType.F32:
        return _float_writer(words, point)
    if point.type in (PointType.ASCII, PointType.BCD):
        return lambda value: None
    return _number_writer(words, point)


def _bits_writer(words: array[int], point: Point) -> Callable[[Value], None]:
    address, bit = point.address, point.bit
    field = (1 << (point.width if point.type is PointType.BITS else 1)) - 1
    rest = 0xFFFF & ~(field << bit)

    def write(value: Value) -> None:
        words[address] = words[address] & rest | (int(value or 0) & field) << bit

    return write


def _places(point: Point) -> list[int]:
    """Addresses of the words of a value, the lowest 16 bits first."""
    places = list(range(point.address, point.address + point.count))
    return places if point.word_order == "low" else places[::-1]


def _number_writer(words: array[int], point: Point) -> Callable[[Value], None]:
    places, (low, high) = _places(point), LIMITS[point.type]
    factor, offset = 1.0 / point.scale, point.offset
    marker = _marker(point)
    swap = point.byte_order == "little"

    def write(value: Value) -> None:
        raw = marker if value is None else max(low, min(high, round((value - offset) * factor)))
        for place in places:
            word = raw & 0xFFFF
            words[place] = (word >> 8 | (word & 0xFF) << 8) if swap else word
            raw >>= 16

    return write


def _float_writer(words: array[int], point: Point) -> Callable[[Value], None]:
    places, scale, offset = _places(point), point.scale, point.offset

    def write(value: Value) -> None:
        raw = math.nan if value is None else (value - offset) / scale
        number = int.from_bytes(struct.pack(">f", raw), "big")
        words[places[0]], words[places[1]] = number & 0xFFFF, number >> 16

    return write


def _marker(point: Point) -> int:
    for marker in MARKERS.get(point.count, ()):
        if marker in point.no_data:
            return marker
    return min(point.no_data, default=0)
