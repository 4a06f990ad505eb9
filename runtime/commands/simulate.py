"""``scada simulate``: the simulated plant on the addresses of a demo ini."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from registermaps import ConfigError, Fault
from runtime import simulator
from runtime.settings import load_settings
from tagdb.child import become_child

__all__ = ["add_parser"]


def add_parser(words: Any) -> None:
    """The word's line."""
    parser = words.add_parser("simulate", help="run the simulated plant")
    parser.add_argument("ini", nargs="?", type=Path, default=Path("scada.ini"))
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    simulator.add_arguments(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until stopped."""
    settings = load_settings(args.ini)
    if not settings.demo:
        message = "only a demo plant is simulated: 'demo = yes'"
        raise ConfigError([Fault(str(args.ini), 0, 0, "section [scada]", message)])
    if args.child:
        become_child()
    return simulator.run(settings, args)
