"""From checked rows to points: defaults filled in, flags and alarm layouts expanded.

Third stage of reading a map. What cannot stand alone is noted here; what concerns several points is in ``checks``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from registermaps.errors import did_you_mean
from registermaps.limits import raw_limits
from registermaps.model import Alarm, Label, Point, PointType
from registermaps.pointtypes import TYPES
from registermaps.reader import Node
from registermaps.shape import Row

__all__ = ["Built", "Names", "build_points", "label", "refer"]


@dataclass(frozen=True, slots=True)
class Built:
    """A point, and where its row stands."""

    point: Point
    #: of the row (or of the bit)
    node: Node
    #: another view of words that others read
    view: bool
    #: names that lead to it, for faults
    path: tuple[str, ...]


@dataclass(slots=True)
class Names:
    """What rows may refer to, and the defaults of the map."""

    polls: Mapping[str, Any]
    groups: Mapping[str, Any]
    enums: Mapping[str, Mapping[int, Label]]
    classes: Mapping[str, Any]
    function: int
    word_order: str
    byte_order: str
    no_data: Mapping[str, frozenset[int]]

    @property
    def first_poll(self) -> str:
        """The poll class of rows that name none."""
        return next(iter(self.polls), "")


def label(row: Row) -> Label:
    """The two texts of a row."""
    return Label(row["en"] or "", row["ru"] or "")


def alarm_of(row: Row | None) -> Alarm | None:
    """What ``alarm:`` of a point or a flag says."""
    return Alarm(row["class"], row["code"], priority=row["priority"] or "", alone=row["alone"]) if row else None


def refer(row: Row, key: str, known: Mapping[str, Any], noun: str) -> None:
    """Note a fault where ``key`` names nothing in ``known``."""
    name = row[key]
    if name is None or name in known or not row.has(key):
        return
    if not known and noun in ("group", "poll class"):
        return  # the whole section is missing or broken, which is noted once
    hint = did_you_mean(name, list(known)) or (f"; known are {', '.join(known)}" if known else "; there are none")
    row.fault(key, f"{key}: unknown {noun} '{name}'{hint}")


def build_points(top: Row, names: Names) -> Iterator[Built]:
    """Every point of ``points:``, ``flags:`` and ``alarms:`` that is sound by itself, in the order of the file."""
    for name, row in (top["points"] or {}).items():
        yield from _point(name, row, names)
    for address, row in (top["flags"] or {}).items():
        yield from _flags(address, row, names)


def _point(name: str, row: Row, names: Names) -> Iterator[Built]:
    refer(row, "group", names.groups, "group")
    refer(row, "poll", names.polls, "poll class")
    refer(row, "enum", names.enums, "enum")
    if row["alarm"]:
        refer(row["alarm"], "class", names.classes, "alarm class")
    function = row["function"] or names.function
    kind = PointType(row["type"])
    if function in (1, 2) and not row.has("type"):
        kind = PointType.BIT
    _check_keys(row, kind, function)
    count = TYPES[kind].count or row["words"]
    _check_numbers(row, kind, function, count)
    if not row.ok:
        return
    low, high = row["range"] or (None, None)
    scale = row["scale"]
    no_data = row["no_data"]
    if no_data is None:
        no_data = names.no_data.get("u16" if kind is PointType.ENUM else kind.value, frozenset())
    point = Point(
        name=name,
        type=kind,
        function=function,
        address=row["at"],
        count=count,
        label=label(row),
        group=row["group"],
        poll=row["poll"] or names.first_poll,
        unit=row["unit"],
        bit=row["bit"] or 0,
        width=row["width"],
        scale=scale,
        offset=row["offset"],
        word_order=row["order"] or names.word_order,
        byte_order=row["bytes"] or names.byte_order,
        low=low,
        high=high,
        wrap=row["wrap"],
        no_data=no_data,
        enum=row["enum"],
        deadband=row["deadband"],
        compression=row["compression"],
        decimals=_digits(scale, row["offset"]) if row["decimals"] is None else row["decimals"],
        hex=row["hex"],
        enabled=row["confirmed"] if row["enabled"] is None else row["enabled"],
        confirmed=row["confirmed"],
        alarm=alarm_of(row["alarm"]),
        note=row["note"],
        line=row.node.line,
    )
    if row["compression"] == "swinging-door" and not row["deadband"]:
        row.fault("compression", "compression: swinging-door needs a deadband: how far its lines may be off")
    if kind not in (PointType.F32, PointType.ASCII) and point.function in (3, 4):
        first, last = raw_limits(point)
        if first > last:
            row.fault("range", "range: no raw value of the point lies in it")
    yield Built(point, row.node, row["view"], row.notes.path)


def _check_keys(row: Row, kind: PointType, function: int) -> None:
    legal = TYPES[kind].keys
    for key in row.nodes:
        if key not in legal and key not in row.refused:
            row.fault(key, f"{key}: has no meaning for type {kind.value}")
    if function in (1, 2):
        if kind is not PointType.BIT:
            row.fault("type", f"type: found {kind.value}, expected bit (function {function} reads single bits)")
        if row.has("bit"):
            row.fault("bit", f"bit: has no meaning for function {function}, whose addresses are bits")
    elif "bit" in legal and not row.has("bit"):
        row.fault("type", f"missing key 'bit', which type {kind.value} needs")
    if kind is PointType.ENUM and not row.has("enum"):
        row.fault("type", "missing key 'enum', which type enum needs")


def _check_numbers(row: Row, kind: PointType, function: int, count: int) -> None:
    facts = TYPES[kind]
    if facts.count == 0 and not facts.counts[0] <= count <= facts.counts[1]:
        low, high = facts.counts
        row.fault("words", f"words: found {count}, expected {low} to {high} for type {kind.value}")
    if row["at"] is not None and row["at"] + count > 65536:
        row.fault("at", f"at: {count} registers from {row['at']} end beyond address 65535")
    if kind is PointType.BITS and row["bit"] is not None and row["bit"] + row["width"] > 16:
        row.fault("width", f"width: {row['width']} bits from bit {row['bit']} do not fit in a word of 16")
    high_raw = (1 << row["width"]) - 1 if kind is PointType.BITS else facts.raw_high
    for marker in sorted(row["no_data"] or ()):
        if not facts.raw_low <= marker <= high_raw:
            row.fault("no_data", f"no_data: {marker} can never be read as {kind.value}"
                      f" (expected {facts.raw_low} to {high_raw})")  # fmt: skip
    if row["wrap"] is not None and (row["range"] is None or row["range"][1] is None):
        row.fault("wrap", "wrap: needs a 'range' with an upper limit, above which values wrap")
    if row["enum"] and kind is PointType.BITS and (row["scale"] != 1 or row["offset"]):
        row.fault("enum", "enum: cannot go with a scale or an offset")
    if function in (3, 4) and row["alarm"] and kind not in (PointType.BIT, PointType.BITS):
        row.fault("alarm", f"alarm: only a bit can be an alarm, this is type {kind.value}")


def _digits(scale: float, offset: float) -> int:
    digits = 0
    for number in (scale, offset):
        text = f"{number:.9f}".rstrip("0")
        digits = max(digits, len(text) - text.index(".") - 1)
    return digits


def _flags(address: int, word: Row, names: Names) -> Iterator[Built]:
    refer(word, "group", names.groups, "group")
    refer(word, "poll", names.polls, "poll class")
    for bit, row in (word["bits"] or {}).items():
        if row["alarm"]:
            refer(row["alarm"], "class", names.classes, "alarm class")
        if not (word.ok and row.ok):
            continue
        alarm = alarm_of(row["alarm"])
        point = Point(
            name=row["name"],
            type=PointType.BIT,
            function=word["function"] or (names.function if names.function > 2 else 3),
            address=address,
            count=1,
            label=label(row),
            group=word["group"],
            poll=word["poll"] or names.first_poll,
            bit=bit,
            word_order=names.word_order,
            byte_order=names.byte_order,
            enabled=row["confirmed"] if row["enabled"] is None else row["enabled"],
            confirmed=row["confirmed"],
            alarm=alarm,
            note=row["note"],
            line=row.node.line,
        )
        yield Built(point, row.node, False, row.notes.path)
