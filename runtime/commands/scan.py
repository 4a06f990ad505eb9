"""``scada scan``: the scan process alone, as ``scada run`` starts it."""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import signal
import threading
from pathlib import Path
from typing import Any

from runtime.assembly import load
from runtime.child import become_child
from runtime.program import Program
from tagdb import RunDir

__all__ = ["add_parser"]


def add_parser(words: Any) -> None:
    """The word's line."""
    parser = words.add_parser("scan", help="run the scan alone, without pages")
    parser.add_argument("ini", nargs="?", type=Path, default=Path("scada.ini"))
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Scan until SIGTERM or SIGINT; SIGHUP reloads."""
    assembly = load(args.ini)
    _allow_many_links()
    _go_first()
    program = Program(assembly, RunDir.for_config(args.ini, assembly.settings.demo))
    if args.child:
        become_child()
    else:
        signal.signal(signal.SIGINT, lambda *_: program.stop())
    signal.signal(signal.SIGTERM, lambda *_: program.stop())
    signal.signal(signal.SIGHUP, lambda *_: threading.Thread(target=program.reloader.reload, name="reload").start())
    program.run()
    return 0


def _go_first() -> None:
    """Ahead of others where this user may (root, or a limit for nice): a busy machine must not delay the scan."""
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, -10)


def _allow_many_links() -> None:
    """As many open files as the machine permits: the usual 1024 is too few for a thousand links."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
