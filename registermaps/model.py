"""A register map after reading and checking: frozen, complete, with nothing left to look up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from registermaps.command import Command
from registermaps.label import Label
from registermaps.views import ReportPoints, TrendPreset

__all__ = ["Alarm", "Label", "Point", "PointType", "PollClass", "RegisterMap"]


class PointType(StrEnum):
    """How the words of a point are read. ``bit`` is one bit, ``bits`` a field of several, in a word of 16."""

    U16 = "u16"
    S16 = "s16"
    U32 = "u32"
    S32 = "s32"
    F32 = "f32"
    U64 = "u64"
    BIT = "bit"
    BITS = "bits"
    ENUM = "enum"
    BCD = "bcd"
    ASCII = "ascii"


@dataclass(frozen=True, slots=True)
class Alarm:
    """What makes a point an alarm."""

    #: "shutdown", "warning"...: a key of the map's ``alarm_classes``
    kind: str
    #: the controller's own code, "SD0.5"
    code: str
    #: True for the mask of bits in an alarm word that no cause is known for: set means an unknown alarm
    unknown: bool = False
    #: at least this urgent, whatever the class: "critical", "high", "medium", "low"; "" = as the class says
    priority: str = ""
    #: never shown under another alarm as its consequence
    alone: bool = False


@dataclass(frozen=True, slots=True)
class PollClass:
    """How often the points of a class are read, and whether always."""

    name: str
    period_s: float
    #: name of a bit point: the class is read while it is set, once when it clears, and once after connecting
    gate: str | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a controller: where it is, how it is read, what it means."""

    name: str
    type: PointType
    #: Modbus function it is read by: 1 coils, 2 discrete inputs, 3 holding registers, 4 input registers
    function: int
    #: 0-based protocol address, as it goes on the wire
    address: int
    #: registers (or coils) it occupies
    count: int
    label: Label
    group: str
    poll: str
    unit: str = ""
    #: for bit and bits: the lowest bit, 0 is the least significant
    bit: int = 0
    #: for bits: how many
    width: int = 1
    #: for the unknown bits of an alarm word: which bits count; -1 = all, 0 = none (every bit has a cause)
    mask: int = -1
    scale: float = 1.0
    offset: float = 0.0
    #: "high" or "low": which word of a 32- or 64-bit value comes first
    word_order: str = "high"
    #: "big" or "little": byte order within a register
    byte_order: str = "big"
    #: valid range in units after scaling, None = open; outside: bad quality, out of range
    low: float | None = None
    high: float | None = None
    #: a value above ``high`` that wraps: 359.8 degrees become -0.2 (period in units), None = no wrapping
    wrap: float | None = None
    #: raw values (after the sign was taken) that mean "no data"
    no_data: frozenset[int] = frozenset()
    #: name of an enumeration in the map, for type enum
    enum: str | None = None
    #: change in units below which history keeps no new sample
    deadband: float = 0.0
    #: how history keeps it: "deadband" (steps) or "swinging-door" (straight lines)
    compression: str = "deadband"
    #: digits after the point, for display
    decimals: int = 0
    #: show as hexadecimal word
    hex: bool = False
    #: False: read only where a device's ini section enables it
    enabled: bool = True
    #: False: worked out, never confirmed on a controller
    confirmed: bool = True
    alarm: Alarm | None = None
    note: str = ""
    #: where it stands in the map file, 1-based
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class RegisterMap:
    """One controller model."""

    name: str
    title: Label
    maker: str
    #: path of the YAML file
    file: str
    points: tuple[Point, ...]
    #: enumeration -> number -> text
    enums: Mapping[str, Mapping[int, Label]]
    polls: Mapping[str, PollClass]
    #: group -> heading in the UI, in display order
    groups: Mapping[str, Label]
    #: alarm class -> label
    alarm_classes: Mapping[str, Label]
    #: largest read in registers by kind of link, "tcp" and "rtu"
    max_registers: Mapping[str, int]
    #: address spans (first, last) that must never be read, not even through a gap
    unreadable: tuple[tuple[int, int], ...] = ()
    by_name: Mapping[str, Point] = field(default_factory=dict)
    #: alarm class -> what the controller does about it, where the map says so
    alarm_meanings: Mapping[str, Label] = field(default_factory=dict)
    #: what the controller can be told to do, by name
    commands: Mapping[str, Command] = field(default_factory=dict)
    #: "year", "month", "day", "hour", "minute", "second" -> point of the controller's own clock; empty = it has none
    clock: Mapping[str, str] = field(default_factory=dict)
    #: points that are worth seeing together, in the order of the file
    trends: tuple[TrendPreset, ...] = ()
    #: what reports read; None = the controller is no genset
    report: ReportPoints | None = None
