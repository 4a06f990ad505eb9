"""Texts of the tag directory: those of enumerations, and headings of groups, of all maps and of the runtime."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from registermaps import RegisterMap
from runtime.own_tags import COMM_STATES, GROUPS

__all__ = ["COMM_STATE_ENUM", "enums_of", "groups_of"]

COMM_STATE_ENUM = "scada.comm_state"


def enums_of(maps: Iterable[RegisterMap]) -> dict[str, Mapping[str, Mapping[str, str]]]:
    """Enumeration -> number -> texts."""
    enums: dict[str, Mapping[str, Mapping[str, str]]] = {COMM_STATE_ENUM: COMM_STATES}
    for map_ in maps:
        for name, texts in map_.enums.items():
            enums[f"{map_.name}.{name}"] = {str(n): {"en": text.en, "ru": text.ru} for n, text in texts.items()}
    return enums


def groups_of(maps: Iterable[RegisterMap]) -> dict[str, Mapping[str, str]]:
    """Group -> heading."""
    groups: dict[str, Mapping[str, str]] = {}
    for map_ in maps:
        for name, label in map_.groups.items():
            groups.setdefault(name, {"en": label.en, "ru": label.ru})
    groups.update(GROUPS)
    return groups
