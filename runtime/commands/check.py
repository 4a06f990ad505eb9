"""``scada check [FILES]``: validates maps and ini files; exit 0, or 1 with every fault."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from programmes import load_programme
from registermaps import ConfigError, Fault, load_map
from runtime.assembly import load
from runtime.commands.maintenance import describe
from runtime.rules import load_book

__all__ = ["add_parser"]


def add_parser(words: Any) -> None:
    """The word's line."""
    parser = words.add_parser("check", help="check register maps, rules, maintenance programmes and ini files")
    parser.add_argument("files", nargs="*", type=Path, help="ini and yaml files (default: scada.ini and its maps)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """All faults of all files on stdout, then what was checked."""
    faults: list[Fault] = []
    files = args.files or [Path("scada.ini")]
    for file in files:
        try:
            print(f"{file}: {_check(file)}")
        except ConfigError as error:
            faults.extend(error.faults)
    for fault in dict.fromkeys(faults):
        print(fault)
    if faults:
        print(f"{len(set(faults))} fault(s)", file=sys.stderr)
        return 1
    return 0


def _kind(file: Path) -> str:
    """Maps, rule files and programmes are told by their keys; rules are checked against the plant with the ini."""
    try:
        lines = file.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError:
        return "map"
    return next((kind for kind in ("rules", "programme") if any(line.startswith(f"{kind}:") for line in lines)), "map")


def _check(file: Path) -> str:
    """What is in a good file, in words. Raises ConfigError."""
    kind = _kind(file) if file.suffix in (".yaml", ".yml") else ""
    if kind == "programme":
        return describe(load_programme(file))
    if kind == "rules":
        book = load_book([file])
        rules = book.files[0]
        return f"rules {rules.name}: {len(rules.tags)} derived tags, {len(rules.alarms)} alarms"
    if kind:
        register_map = load_map(file)
        points = register_map.points
        alarms = sum(1 for point in points if point.alarm)
        off = sum(1 for point in points if not point.enabled)
        return f"map {register_map.name}: {len(points)} points, {alarms} of them alarms, {off} off until enabled"
    assembly = load(file)
    settings = assembly.settings
    return (
        f"{len(settings.sites)} sites, {len(settings.devices)} devices on {len(assembly.plan)} links, "
        f"{len(assembly.directory.tags)} tags, {len(assembly.maps)} maps"
    )
