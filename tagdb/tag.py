"""What a tag is, apart from its value: the fixed description that the image, the UI and the history share."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from operator import attrgetter
from typing import Any

from tagdb.quality import Quality

__all__ = ["Kind", "Sample", "Tag", "Value", "Words", "value_of"]

Value = float | int | bool | str | None
#: a text in both languages: {"en": ..., "ru": ...}
Words = Mapping[str, str]


class Kind(StrEnum):
    """What the cell of a tag holds."""

    FLOAT = "float"
    INT = "int"
    BOOL = "bool"
    #: a number with a text for each
    ENUM = "enum"
    #: 64 bits that a float cannot hold: the cell is their bit pattern
    U64 = "u64"
    #: the cell is a row of the image's text array
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Tag:
    """One row of the tag directory."""

    #: ``site.device.point``
    name: str
    #: index into every array of the image; stays the same over a reload
    slot: int
    kind: Kind
    site: str
    #: ``site.device``, or "" for a tag of the runtime itself
    device: str
    group: str
    label: Words
    unit: str = ""
    decimals: int = 0
    #: show as a hexadecimal word
    hex: bool = False
    #: key into the directory's enumerations
    enum: str = ""
    low: float | None = None
    high: float | None = None
    deadband: float = 0.0
    #: how the history keeps it: "deadband" or "swinging-door"
    compression: str = "deadband"
    poll: str = ""
    #: seconds after which an unread value is stale; inf = never
    stale_after_s: float = math.inf
    #: alarm class ("shutdown") and the controller's code ("SD0.5"), both "" where the tag is no alarm
    alarm: str = ""
    code: str = ""
    #: False where the map marks the point as unconfirmed
    confirmed: bool = True
    note: str = ""
    #: row of the image's text array, for kind text; -1 otherwise
    text_row: int = -1
    #: where it comes from, for display: map, file, line, function, address, type, ...
    origin: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON, to be written and not changed: it shares label and origin. Infinity becomes null."""
        row = dict(zip(_FIELDS, _fields_of(self), strict=True))
        row["stale_after_s"] = None if math.isinf(self.stale_after_s) else self.stale_after_s
        return row

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Tag:
        """The inverse of ``to_json``."""
        data = dict(row)
        data["kind"] = Kind(data["kind"])
        data["stale_after_s"] = math.inf if data["stale_after_s"] is None else data["stale_after_s"]
        return cls(**data)


# Not dataclasses.asdict, which copies deeply: of a plant of 80,000 tags it took two thirds of the start.
_FIELDS = tuple(each.name for each in fields(Tag))
_fields_of = attrgetter(*_FIELDS)


@dataclass(frozen=True, slots=True)
class Sample:
    """One tag at one moment."""

    value: Value
    quality: Quality
    #: when the device said it, Unix seconds UTC; None = never
    source_time: float | None
    #: when value or quality last changed, Unix seconds UTC; None = never
    change_time: float | None
    #: raw word(s) before scaling
    raw: int


def value_of(kind: Kind, cell: float, decimals: int = 6, text: str = "") -> Value:
    """What a cell means; None where there is no value (NaN)."""
    if kind is Kind.U64:
        return int(struct.unpack("<Q", struct.pack("<d", cell))[0])
    if kind is Kind.TEXT:
        return text
    if math.isnan(cell) or math.isinf(cell):
        return None
    if kind is Kind.BOOL:
        return cell != 0.0
    if kind is Kind.FLOAT:
        return round(cell, max(decimals, 6))
    return int(cell)
