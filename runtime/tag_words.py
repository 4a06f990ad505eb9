"""Texts of the tag directory: those of enumerations, and headings of groups, of all maps and of the runtime."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from registermaps import RegisterMap
from runtime.own_tags import COMM_STATES, CONTROL_STATES, GROUPS

__all__ = ["OWN_ENUMS", "enums_of", "groups_of"]

#: own tag of kind enum -> its enumeration
OWN_ENUMS = {"comm_state": "scada.comm_state", "control_state": "scada.control_state"}


def enums_of(maps: Iterable[RegisterMap]) -> dict[str, Mapping[str, Mapping[str, str]]]:
    """Enumeration -> number -> texts."""
    enums: dict[str, Mapping[str, Mapping[str, str]]] = {
        OWN_ENUMS["comm_state"]: COMM_STATES,
        OWN_ENUMS["control_state"]: CONTROL_STATES,
    }
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
