"""``scada plan MAP``: the reads of a map on a link, their line time, and the lowest possible."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from registermaps import (
    ConfigError,
    Fault,
    LinkCost,
    RegisterMap,
    UnknownPoints,
    did_you_mean,
    load_map,
    load_maps,
    plan_report,
    select_points,
)

__all__ = ["add_parser", "find_map"]


def add_parser(words: Any) -> None:
    """The word's line."""
    parser = words.add_parser("plan", help="show how a register map is read")
    parser.add_argument("map", help="name of a map, or a yaml file")
    parser.add_argument("--link", default="tcp", help="tcp, or a serial line like 9600-8N2 (default tcp)")
    parser.add_argument("--enable", nargs="*", default=(), metavar="POINT", help="points to switch on")
    parser.add_argument("--maps", type=Path, default=Path("registermaps"), help="folder of the maps")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """The table on stdout."""
    register_map = find_map(args.map, args.maps)
    largest = register_map.max_registers
    try:
        cost = LinkCost.parse(args.link, largest["tcp"], largest["rtu"])
    except ValueError as error:
        raise ConfigError([Fault("--link", 0, 0, "", f"{error}, or tcp")]) from None
    try:
        points = select_points(register_map, args.enable)
    except UnknownPoints as error:
        raise ConfigError([Fault("--enable", 0, 0, "", message) for message in error.messages]) from None
    print(plan_report(register_map, points, cost))
    return 0


def find_map(name: str, folder: Path) -> RegisterMap:
    """A map by file or by name. Raises ConfigError."""
    if name.endswith((".yaml", ".yml")):
        return load_map(Path(name))
    maps = load_maps(folder)
    if name not in maps:
        message = f"there is no register map '{name}'{did_you_mean(name, list(maps))}; known: {', '.join(sorted(maps))}"
        raise ConfigError([Fault(str(folder), 0, 0, "", message)])
    return maps[name]
