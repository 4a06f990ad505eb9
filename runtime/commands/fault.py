"""``scada fault TARGET FAULT``: a fault in the simulated plant that is running."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from runtime import simulator
from runtime.settings import load_settings

__all__ = ["add_parser"]


def add_parser(words: Any) -> None:
    """The word's line."""
    parser = words.add_parser(
        "fault",
        help="switch a fault of the simulated plant on or off",
        epilog=simulator.faults_help(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("target", help="device, link or site: mkz.shpr, mkz_line, mkz")
    parser.add_argument("fault", help="FAULT or FAULT=VALUE as listed below; 'clear' ends them all")
    parser.add_argument("--ini", type=Path, default=Path("scada.ini"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Tell the running plant."""
    try:
        simulator.send_fault(load_settings(args.ini), args.target, args.fault)
    except simulator.FaultError as error:
        print(f"scada fault: {error}", file=sys.stderr)
        return 2
    print(f"{args.target}: {args.fault}")
    return 0
