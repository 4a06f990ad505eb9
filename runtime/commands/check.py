"""``scada check [FILES]``: validates maps and ini files; exit 0, or 1 with every fault."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from registermaps import ConfigError, Fault, load_map
from runtime.assembly import load
from runtime.rules import load_book

__all__ = ["add_parser"]


def add_parser(words: Any) -> None:
    """The word's line."""
    parser = words.add_parser("check", help="check register maps and ini files")
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


def _holds_rules(file: Path) -> bool:
    """Rule files and maps are told by their keys; against the whole plant they are checked with the ini."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return any(line.startswith("rules:") for line in lines)


def _check(file: Path) -> str:
    """What is in a good file, in words. Raises ConfigError."""
    if file.suffix in (".yaml", ".yml") and _holds_rules(file):
        book = load_book([file])
        rules = book.files[0]
        return f"rules {rules.name}: {len(rules.tags)} derived tags, {len(rules.alarms)} alarms"
    if file.suffix in (".yaml", ".yml"):
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
