"""What each point type is, as one table: registers, sign, raw limits, and the keys that make sense with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registermaps.model import PointType

__all__ = ["TYPES", "TypeFacts"]

_COMMON = frozenset(
    ("at", "type", "en", "ru", "function", "group", "poll", "unit", "bytes", "hex", "enabled", "confirmed", "view")
) | {"alarm", "note", "deadband", "no_data", "range"}
_SCALED = _COMMON | {"scale", "offset", "decimals", "wrap", "compression"}
_WIDE = _SCALED | {"order"}
_BITS = _COMMON - {"no_data"}


@dataclass(frozen=True, slots=True)
class TypeFacts:
    """One type."""

    #: registers it takes, 0 = the map says (``words``)
    count: int
    #: smallest and largest raw value after the sign was taken
    raw_low: int
    raw_high: int
    #: keys of a point row that mean something with this type
    keys: frozenset[str]
    #: whether the top bit is a sign
    signed: bool = False
    #: allowed numbers of registers where the map says
    counts: tuple[int, int] = (1, 1)


TYPES: Mapping[PointType, TypeFacts] = {
    PointType.U16: TypeFacts(1, 0, 0xFFFF, _SCALED),
    PointType.S16: TypeFacts(1, -0x8000, 0x7FFF, _SCALED, signed=True),
    PointType.U32: TypeFacts(2, 0, 0xFFFF_FFFF, _WIDE),
    PointType.S32: TypeFacts(2, -0x8000_0000, 0x7FFF_FFFF, _WIDE, signed=True),
    PointType.F32: TypeFacts(2, 0, 0xFFFF_FFFF, _WIDE - {"no_data"}),
    PointType.U64: TypeFacts(4, 0, 0xFFFF_FFFF_FFFF_FFFF, _WIDE),
    PointType.BIT: TypeFacts(1, 0, 1, _BITS - {"unit", "deadband", "hex", "range"} | {"bit"}),
    PointType.BITS: TypeFacts(
        1, 0, 0xFFFF, (_BITS | {"bit", "width", "scale", "offset", "decimals", "enum", "no_data"})
    ),
    PointType.ENUM: TypeFacts(1, 0, 0xFFFF, _COMMON - {"unit", "deadband"} | {"enum"}),
    PointType.BCD: TypeFacts(0, 0, 0xFFFF_FFFF_FFFF_FFFF, _WIDE | {"words"}, counts=(1, 4)),
    PointType.ASCII: TypeFacts(
        0, 0, 0, _COMMON - {"unit", "deadband", "hex", "range", "no_data", "alarm"} | {"words"}, counts=(1, 125)
    ),
}
