"""What rules are attached to: the tags, devices and sites of one configuration, and their names seen from a device.

Pure look-up; the tags may still be without their final slots when rules are only checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from registermaps import RegisterMap, did_you_mean
from runtime.scan.logic import Input
from tagdb import DeviceInfo, Directory, Kind, Tag, Words

__all__ = ["Plant", "ScopeNames"]


@dataclass(frozen=True, slots=True)
class Plant:
    """The tags and what they belong to."""

    tags: Mapping[str, Tag]
    sites: Sequence[str]
    devices: Sequence[DeviceInfo]
    enums: Mapping[str, Mapping[str, Words]]
    #: register map -> names of all its points, those included that no device has switched on
    points: Mapping[str, frozenset[str]] = field(default_factory=dict)
    #: last part of a name -> names
    by_point: Mapping[str, Sequence[str]] = field(default_factory=dict)
    #: names of all tags that rules may derive, those included that a site or a device goes without
    derived: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        tags: Iterable[Tag],
        sites: Iterable[str],
        devices: Iterable[DeviceInfo],
        enums: Mapping[str, Mapping[str, Words]],
        maps: Mapping[str, RegisterMap] | None = None,
    ) -> Plant:
        """Put it together."""
        by_name = {tag.name: tag for tag in tags}
        by_point: dict[str, list[str]] = {}
        for name in by_name:
            by_point.setdefault(name.rpartition(".")[2], []).append(name)
        points = {name: frozenset(map_.by_name) for name, map_ in (maps or {}).items()}
        return cls(by_name, list(sites), list(devices), enums, points, by_point)

    @classmethod
    def of_rows(
        cls,
        rows: Iterable[Mapping[str, Any]],
        sites: Iterable[str],
        devices: Iterable[DeviceInfo],
        enums: Mapping[str, Mapping[str, Words]],
        maps: Mapping[str, RegisterMap] | None = None,
    ) -> Plant:
        """From rows of tags that have no slots yet: for checking, and for the rows of derived tags."""
        tags = (Tag(slot=slot, text_row=0 if row["kind"] is Kind.TEXT else -1, **row) for slot, row in enumerate(rows))
        return cls.of(tags, sites, devices, enums, maps)

    @classmethod
    def of_directory(cls, directory: Directory, maps: Mapping[str, RegisterMap] | None = None) -> Plant:
        """From the directory that the scan runs with."""
        return cls.of(directory.tags, [site.name for site in directory.sites], directory.devices, directory.enums, maps)

    def with_tags(self, rows: Iterable[Mapping[str, Any]]) -> Plant:
        """The same with more tags (no texts), in slots behind the others."""
        free = max((tag.slot for tag in self.tags.values()), default=-1) + 1
        more = [Tag(slot=free + index, **row) for index, row in enumerate(rows)]
        plant = Plant.of([*self.tags.values(), *more], self.sites, self.devices, self.enums)
        return Plant(plant.tags, plant.sites, plant.devices, plant.enums, self.points, plant.by_point)

    def input(self, tag: Tag) -> Input:
        """A tag as an expression reads it."""
        texts = {
            word: float(number) for number, words in self.enums.get(tag.enum, {}).items() for word in words.values()
        }
        return Input(tag.name, tag.slot, tag.text_row, tag.kind is Kind.U64, texts)

    def device_of(self, name: str) -> str:
        """The device that a tag belongs to, "" for none."""
        tag = self.tags.get(name)
        return tag.device if tag else ""

    def matching(self, pattern: str) -> list[tuple[str, ...]]:
        """What the stars of a full name stand for, in the order of the tags. A star never crosses a dot."""
        form = re.compile("".join(r"([a-z0-9_]*)" if part == "*" else re.escape(part) for part in _split(pattern)))
        names = self.by_point.get(pattern.rpartition(".")[2], ())
        return [match.groups() for name in names if (match := form.fullmatch(name))]


@dataclass(frozen=True, slots=True)
class ScopeNames:
    """Names as a rule of one device or site writes them: relative ones first, full ones too."""

    plant: Plant
    #: "mkz.gpu1", "mkz" or ""
    prefix: str
    #: register map of the device, "" for none
    map: str = ""

    def find(self, name: str) -> Input | None:
        """The tag of a name."""
        tags = self.plant.tags
        tag = (tags.get(f"{self.prefix}.{name}") if self.prefix else None) or tags.get(name)
        return self.plant.input(tag) if tag else None

    def matches(self, pattern: str) -> Sequence[tuple[str, ...]]:
        """What the stars stand for."""
        relative = self.plant.matching(f"{self.prefix}.{pattern}") if self.prefix else []
        return relative or self.plant.matching(pattern)

    def absent(self, name: str) -> bool:
        """Whether the name is sound, but this device has the point switched off, or this site has no such device."""
        if f"{self.prefix}.{name}" in self.plant.derived:
            return True
        if "*" in name and self.prefix:
            point = name.rpartition(".")[2]
            return bool(self._elsewhere(name)) or any(point in points for points in self.plant.points.values())
        if self.map:
            return name in self.plant.points.get(self.map, ())
        return self.prefix in self.plant.sites and bool(self._elsewhere(name))

    def refusal(self, name: str) -> str:
        """What to say about an unknown name."""
        if "*" in name:
            return f"'{name}' matches no tag"
        if self.map and "." not in name:
            points = sorted({*self.plant.points.get(self.map, ()), *self._relative()})
            return f"map '{self.map}' has no point '{name}'{did_you_mean(name, points)}"
        head, _dot, point = name.rpartition(".")
        siblings = [other for other in self.plant.tags if other.rpartition(".")[0] == head]
        known = siblings or [*self._relative(), *self.plant.by_point.get(point, ())]
        return f"unknown tag '{name}'{did_you_mean(name, known)}"

    def _relative(self) -> list[str]:
        if not self.prefix:
            return []
        start = f"{self.prefix}."
        return [name.removeprefix(start) for name in self.plant.tags if name.startswith(start)]

    def _elsewhere(self, name: str) -> bool:
        if self.map:
            return False
        return any(
            self.plant.matching(f"{site}.{name}") if "*" in name else f"{site}.{name}" in self.plant.tags
            for site in self.plant.sites
        )


def _split(pattern: str) -> list[str]:
    return re.split(r"(\*)", pattern)
