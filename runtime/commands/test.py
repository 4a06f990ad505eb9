"""``scada test RULES --with CASES``: runs rules over given values and times; exit 0 all passed, 1 some did not, 2."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from registermaps import ConfigError, Fault, RegisterMap, did_you_mean, load_maps
from runtime.own_tags import DEVICE_TAGS
from runtime.rules import Plant, load_book
from runtime.rules.bench import bench_plant
from runtime.rules.casefile import CaseFile, read_cases
from runtime.rules.casetest import run_cases
from runtime.settings import load_settings

__all__ = ["add_parser"]


def add_parser(words: Any) -> None:
    """The word's line."""
    parser = words.add_parser("test", help="test rules over given values and times")
    parser.add_argument("rules", type=Path, help="rule file, or folder of YAML and Python rules")
    parser.add_argument("--with", dest="cases", type=Path, required=True, metavar="CASES", help="file of cases")
    parser.add_argument("--ini", type=Path, default=Path("scada.ini"), help="site of the cases (default scada.ini)")
    parser.add_argument("--maps", type=Path, default=None, help="folder of the maps (default: that of the ini)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """A line for each case, what was not as expected below it, and the count."""
    cases = read_cases(args.cases)
    python = args.rules if args.rules.is_dir() and any(args.rules.glob("*.py")) else None
    book = load_book([] if args.rules.suffix == ".py" else [args.rules], python)
    plant = _plant(cases, args)
    results = run_cases(book, plant.with_tags(book.rows(plant)), cases)
    for result in results:
        print(f"{'ok    ' if not result.failures else 'FAILED'} {result.case.name}")
        for failure in result.failures:
            print(f"       {cases.file}:{result.case.line}: {failure}")
    failed = sum(1 for result in results if result.failures)
    print(f"{len(results)} case(s), {failed} failed")
    return 1 if failed else 0


def _plant(cases: CaseFile, args: argparse.Namespace) -> Plant:
    if cases.devices and args.maps is not None:
        maps = load_maps(args.maps)
    else:
        settings = load_settings(args.ini)
        maps = load_maps(args.maps or settings.maps)
    devices = dict(cases.devices) or {device.name: device.map for device in settings.devices.values()}
    _check_maps(devices, maps, cases.file)
    own = [
        {
            "name": f"{device}.{row.name}", "kind": row.kind, "site": device.partition(".")[0], "device": device,
            "group": "comm", "label": {"en": row.en, "ru": row.ru}, "unit": row.unit, "decimals": row.decimals,
        }
        for device in devices
        for row in DEVICE_TAGS
    ]  # fmt: skip
    return bench_plant(devices, maps, own)


def _check_maps(devices: dict[str, str], maps: dict[str, RegisterMap], file: str) -> None:
    faults = [
        Fault(file, 0, 0, f"device '{device}'", f"there is no register map '{name}'{did_you_mean(name, list(maps))}")
        for device, name in devices.items()
        if name not in maps
    ]
    if faults:
        raise ConfigError(faults)
