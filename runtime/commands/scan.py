"""``scada scan``: the scan process alone, as ``scada run`` starts it."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import resource
import signal
import threading
from pathlib import Path
from typing import Any

from registermaps import ConfigError, Fault
from runtime.accepted import Stamps, load_stamped, restore
from runtime.assembly import Assembly
from runtime.commands.serial_ports import check_serial_ports
from runtime.program import Program
from tagdb import RunDir
from tagdb.child import become_child

__all__ = ["add_parser"]

log = logging.getLogger("scada.scan")

#: how long a scan that was started anew waits for the one before it, which may still be closing its links, seconds
PREDECESSOR_S = 5.0


def add_parser(words: Any) -> None:
    """The word's line."""
    parser = words.add_parser("scan", help="run the scan alone, without pages")
    parser.add_argument("ini", nargs="?", type=Path, default=Path("scada.ini"))
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--run-dir", type=Path, help=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Scan until SIGTERM or SIGINT; SIGHUP reloads."""
    if args.child:
        # Until the program is there to reload: what changes before is noticed at its first look.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        become_child()
        assembly, seen = _load_or_restore(args.ini, args.run_dir)
        run_dir = RunDir.for_config(args.ini, assembly.settings.demo)
        with run_dir.lock("scan", PREDECESSOR_S):
            return _scan(assembly, run_dir, seen)
    assembly, seen = load_stamped(args.ini)
    check_serial_ports(assembly.settings)
    run_dir = RunDir.for_config(args.ini, assembly.settings.demo)
    try:
        with run_dir.lock():
            try:
                with run_dir.lock("scan", PREDECESSOR_S):
                    return _scan(assembly, run_dir, seen, signal.SIGINT)
            finally:
                run_dir.clear()
    finally:
        run_dir.remove()


def _scan(assembly: Assembly, run_dir: RunDir, seen: Stamps, *also_stops: int) -> int:
    _allow_many_links()
    _go_first()
    program = Program(assembly, run_dir)
    for number in (signal.SIGTERM, *also_stops):
        signal.signal(number, lambda *_: program.stop())
    program.reloader.keep(run_dir, seen)
    signal.signal(signal.SIGHUP, lambda *_: threading.Thread(target=program.reloader.reload, name="reload").start())
    program.run()
    return 0


def _load_or_restore(ini: Path, folder: Path | None) -> tuple[Assembly, Stamps]:
    """The configuration on disk or, where that is faulty, the one that was in force when it was refused."""
    try:
        assembly, seen = load_stamped(ini)
        if folder and RunDir.for_config(ini, assembly.settings.demo).folder != folder:
            message = "key 'demo' cannot change while the program runs: stop it and start it again"
            raise ConfigError([Fault(str(ini), 0, 0, "section [scada]", message)])
    except ConfigError as error:
        restored = restore(ini, RunDir(folder)) if folder else None
        if restored is None:
            raise
        log.error("the configuration that was accepted last is in force, since the one on disk is faulty:\n%s", error)
        return restored, {}
    return assembly, seen


def _go_first() -> None:
    """Ahead of others where this user may (root, or a limit for nice): a busy machine must not delay the scan."""
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, -10)


def _allow_many_links() -> None:
    """As many open files as the machine permits: the usual 1024 is too few for a thousand links."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
