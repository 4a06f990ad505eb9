"""Loading: a YAML file, or a folder of them, to register maps, or to the complete list of what is wrong with them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from registermaps.alarms import build_alarms, with_masks
from registermaps.build import Built, Names, build_points, label, refer
from registermaps.build_commands import build_commands
from registermaps.build_views import build_report, build_trends
from registermaps.checks import check_gates, check_points
from registermaps.command import Command
from registermaps.errors import ConfigError, Fault
from registermaps.model import Label, PollClass, RegisterMap
from registermaps.reader import read_yaml
from registermaps.schema import CLOCK_PARTS, MAP
from registermaps.shape import Notes, Row

__all__ = ["load_map", "load_maps", "maps_folder"]


def maps_folder() -> Path:
    """The folder of the maps that ship."""
    return Path(__file__).parent


def load_map(path: str | Path) -> RegisterMap:
    """Read and check one map.

    Raises:
        ConfigError: with every fault of the file.
    """
    loaded, faults, _line = _load(path)
    if faults or loaded is None:
        raise ConfigError(faults)
    return loaded


def load_maps(folder: str | Path) -> dict[str, RegisterMap]:
    """Read every ``*.yaml`` below a folder: name of the map -> map.

    Raises:
        ConfigError: with every fault of every file; two maps of one name are a fault, a missing folder is one.
    """
    root = Path(folder)
    if not root.is_dir():
        raise ConfigError([Fault(str(folder), 0, 0, "", "no such folder")])
    faults: list[Fault] = []
    maps: dict[str, RegisterMap] = {}
    places: dict[str, str] = {}
    for path in sorted(root.rglob("*.yaml")):
        loaded, found, line = _load(path)
        faults += found
        if loaded is None:
            continue
        if loaded.name in places:
            message = f"map: the name '{loaded.name}' is taken (first at {places[loaded.name]})"
            faults.append(Fault(str(path), line, 1, "", message))
            continue
        places[loaded.name] = f"{path}:{line}"
        maps[loaded.name] = loaded
    if faults:
        raise ConfigError(faults)
    return maps


def _load(path: str | Path) -> tuple[RegisterMap | None, list[Fault], int]:
    document = read_yaml(path)
    notes = Notes(document.file, list(document.faults))
    if document.root is None:
        return None, notes.faults, 0
    top = MAP.read(document.root, notes, "")
    if not isinstance(top, Row):
        return None, notes.faults, 0
    names = _names(top)
    built = [*build_points(top, names), *build_alarms(top["alarms"], names)]
    limits = _plain(top["max_registers"], {"tcp": 125, "rtu": 125})
    check_points(built, notes, min(limits.values()), top["unreadable"] or ())
    sound = {one.point.name for one in built}
    commands = list(build_commands(top["commands"], names, [one.point for one in built]))
    refused = set(top["points"] or ()) - sound
    check_gates(names.polls, built, refused)
    for part in CLOCK_PARTS if top["clock"] is not None else ():
        if top["clock"][part] not in refused:
            refer(top["clock"], part, dict.fromkeys(sound), "point")
    by_name = {one.point.name: one.point for one in built}
    trends = tuple(build_trends(top["trends"], by_name, refused))
    report = build_report(top["report"], by_name, refused)
    if notes.faults:
        return None, notes.faults, 0
    loaded = _register_map(top, names, built, commands, limits, document.file)
    return replace(loaded, trends=trends, report=report), [], top.place("map").line


def _plain(row: Row | None, default: dict[str, Any]) -> dict[str, Any]:
    return default if row is None else {key: row[key] for key in default}


def _names(top: Row) -> Names:
    alarms = top["alarms"]
    order = _plain(top["words"], {"order": "high", "bytes": "big"})
    none: frozenset[int] = frozenset()
    enums = top["enums"] or {}
    no_data = _plain(top["no_data"], dict.fromkeys(("u16", "s16", "u32", "s32", "u64"), none))
    return Names(
        polls=top["polls"] or {},
        groups=top["groups"] or {},
        enums={name: {number: label(row) for number, row in texts.items()} for name, texts in enums.items()},
        classes=(alarms["classes"] or {}) if alarms is not None else {},
        function=top["function"],
        word_order=order["order"],
        byte_order=order["bytes"],
        no_data={kind: markers or none for kind, markers in no_data.items()},
    )


def _register_map(
    top: Row, names: Names, built: list[Built], commands: list[Command], limits: dict[str, int], file: str
) -> RegisterMap:
    raw = [one.point for one in built]
    points = with_masks(raw, [point for point in raw if point.enabled])
    meanings: dict[str, Label] = {
        name: label(row["meaning"]) for name, row in names.classes.items() if row["meaning"] is not None
    }
    return RegisterMap(
        name=top["map"],
        title=label(top["title"]),
        maker=top["maker"],
        file=file,
        points=points,
        enums=names.enums,
        polls={name: PollClass(name, row["period"], row["while"]) for name, row in names.polls.items()},
        groups={name: label(row) for name, row in names.groups.items()},
        alarm_classes={name: label(row) for name, row in names.classes.items()},
        max_registers=limits,
        unreadable=tuple(top["unreadable"]),
        by_name={point.name: point for point in points},
        alarm_meanings=meanings,
        commands={command.name: command for command in commands},
        clock={part: top["clock"][part] for part in CLOCK_PARTS} if top["clock"] is not None else {},
    )
