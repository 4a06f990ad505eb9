"""Which tags are recorded and how, as arrays over their slots: what the filter and the recorder work on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tagdb.tag import Kind, Tag

__all__ = ["TagInfo", "TagSet"]

_EXACT = (Kind.BOOL, Kind.ENUM, Kind.U64, Kind.TEXT)


@dataclass(frozen=True, slots=True)
class TagInfo:
    """A tag as the history knows it."""

    name: str
    kind: Kind
    unit: str = ""
    decimals: int = 0
    #: straight lines between samples, rather than steps
    line: bool = False

    def to_json(self) -> list[Any]:
        """As plain JSON."""
        return [self.name, str(self.kind), self.unit, self.decimals, self.line]

    @classmethod
    def from_json(cls, row: list[Any]) -> TagInfo:
        """The inverse of ``to_json``. Raises ValueError."""
        name, kind, unit, decimals, line = row
        return cls(str(name), Kind(kind), str(unit), int(decimals), bool(line))


class TagSet:
    """The tags of one generation of the configuration. Arrays have ``capacity`` rows, a slot each."""

    def __init__(self, tags: Iterable[Tag]) -> None:
        tags = list(tags)
        #: slot -> tag
        self.infos: Mapping[int, TagInfo] = {tag.slot: _info(tag) for tag in tags}
        self.capacity = max(self.infos, default=-1) + 1
        self.recorded = np.zeros(self.capacity, bool)
        #: the runtime's own statistics: looked at now and then, not in every scan
        self.own = np.zeros(self.capacity, bool)
        self.line = np.zeros(self.capacity, bool)
        self.deadband = np.zeros(self.capacity)
        #: row of the store's texts, -1 where the tag is none
        self.text_row = np.full(self.capacity, -1, np.intp)
        #: key in the database, 0 = not known yet; filled in by the writer's thread
        self.ids = np.zeros(self.capacity, np.int32)
        for tag in tags:
            slot, info = tag.slot, self.infos[tag.slot]
            self.recorded[slot] = True
            self.own[slot] = _is_own(tag)
            self.line[slot] = info.line
            self.deadband[slot] = 0.0 if tag.kind in _EXACT else tag.deadband
            self.text_row[slot] = tag.text_row if tag.kind is Kind.TEXT else -1
        self.line_slots = np.flatnonzero(self.line)
        self.own_slots = np.flatnonzero(self.own)

    def __len__(self) -> int:
        return len(self.infos)


def _info(tag: Tag) -> TagInfo:
    line = tag.compression == "swinging-door" and tag.deadband > 0 and tag.kind not in _EXACT
    return TagInfo(tag.name, tag.kind, tag.unit, tag.decimals, line)


def _is_own(tag: Tag) -> bool:
    ours = tag.name.startswith(("scada.", "links.")) or ".comm_" in tag.name
    return ours and tag.kind not in (Kind.ENUM, Kind.BOOL)
