"""``scada maintenance``: programmes out to YAML, in from it and checked; the log of services as CSV or YAML."""

from __future__ import annotations

import argparse
import csv
import getpass
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from programmes import load_programme, programme_yaml, standard_programme
from registermaps import ConfigError, Fault
from runtime.scan import wall_time
from runtime.settings import load_settings
from tagdb.maintenance import Conflict, MaintenanceStore, Programme, Refused, ServiceRecord, StoreGone

__all__ = ["add_parser", "describe"]

_COLUMNS = (
    "device",
    "level",
    "kind",
    "done_at",
    "done_hours",
    "signed_at",
    "signed_by",
    "note",
    "corrects",
    "void",
    "id",
)


def add_parser(words: Any) -> None:
    """The word's line."""
    parser = words.add_parser("maintenance", help="export, import and check maintenance programmes; export the log")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", help="programmes, and the engines they are for")
    export = actions.add_parser("export", help="a programme as YAML on stdout; 'log' is the log of services as CSV")
    export.add_argument("programme", nargs="?", default="standard", help="its name (default: standard), or log")
    import_ = actions.add_parser("import", help="take programmes from YAML files, each as a new version")
    import_.add_argument("files", nargs="+", type=Path)
    import_.add_argument("--who", default="", help="name that the versions carry (default: the user of this machine)")
    import_.add_argument("--comment", default="", help="why")
    check = actions.add_parser("check", help="check programme files")
    check.add_argument("files", nargs="+", type=Path)
    for name, action in actions.choices.items():
        if name != "check":
            action.add_argument("--ini", type=Path, default=Path("scada.ini"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 done, 1 refused or faulty, 2 it could not be done."""
    if args.action == "check":
        return _check(args.files)
    settings = load_settings(args.ini)
    if not settings.history.url:
        print("scada maintenance: no history is configured", file=sys.stderr)
        return 2
    try:
        store = MaintenanceStore(settings.history.url, settings.demo)
        store.seed([standard_programme()], wall_time())
        status: int = _ACTIONS[args.action](store, args)
    except StoreGone as problem:
        print(f"scada maintenance: {problem}", file=sys.stderr)
        return 2
    except Refused as refusal:
        print(f"scada maintenance: {refusal}", file=sys.stderr)
        return 1
    return status


def describe(programme: Programme) -> str:
    """What is in a good file, in words."""
    tasks = [task for level in programme.levels for task in level.tasks]
    critical = sum(task.critical for task in tasks)
    return (
        f"programme {programme.code}: {len(programme.levels)} levels, {len(tasks)} tasks, {critical} of them critical"
    )


def _check(files: list[Path]) -> int:
    faults: list[Fault] = []
    for file in files:
        try:
            print(f"{file}: {describe(load_programme(file))}")
        except ConfigError as error:
            faults.extend(error.faults)
    for fault in faults:
        print(fault)
    if faults:
        print(f"{len(faults)} fault(s)", file=sys.stderr)
    return 1 if faults else 0


def _list(store: MaintenanceStore, args: argparse.Namespace) -> int:
    devices = store.devices()
    for code, version in store.programmes().items():
        users = ", ".join(name for name, one in devices.items() if one.programme == code) or "-"
        print(f"{code}  version {version.number}  {version.programme.title['en']}  ({users})")
    return 0


def _export(store: MaintenanceStore, args: argparse.Namespace) -> int:
    if args.programme == "log":
        writer = csv.writer(sys.stdout)
        writer.writerow(_COLUMNS)
        writer.writerows(_row(record) for record in store.log())
    else:
        sys.stdout.write(programme_yaml(store.programme(args.programme).programme))
    return 0


def _import(store: MaintenanceStore, args: argparse.Namespace) -> int:
    """All files are checked before the first one is taken."""
    programmes: list[Programme] = []
    faults: list[Fault] = []
    for file in args.files:
        try:
            programmes.append(load_programme(file))
        except ConfigError as error:
            faults.extend(error.faults)
    if faults:
        raise ConfigError(faults)
    who = args.who or getpass.getuser()
    for programme in programmes:
        before = store.programmes().get(programme.code)
        try:
            version = store.save_programme(programme, before.number if before else None, who, wall_time(), args.comment)
        except Conflict:  # somebody saved it in this very moment; theirs is not overwritten
            print(f"{programme.code}: was changed meanwhile; import it again", file=sys.stderr)
            return 1
        same = before is not None and before.number == version.number
        print(f"{programme.code}: {'unchanged, ' if same else ''}version {version.number}")
    return 0


def _row(record: ServiceRecord) -> list[Any]:
    times = {"done_at": record.done_at, "signed_at": record.signed_at}
    row = {name: getattr(record, name) for name in _COLUMNS}
    for name, value in times.items():
        row[name] = "" if value is None else datetime.fromtimestamp(value, UTC).isoformat(timespec="seconds")
    return ["" if value is None else value for value in row.values()]


_ACTIONS = {"list": _list, "export": _export, "import": _import}
