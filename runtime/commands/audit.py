"""``scada audit``: verify the audit trail's chain of hashes, and export it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from runtime.settings import load_settings
from tagdb.audit import ERRORS, csv_of, json_of, reading, verify

__all__ = ["add_parser"]


def add_parser(words: Any) -> None:
    """The word's line."""
    parser = words.add_parser("audit", help="verify and export the audit trail")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    check = actions.add_parser("verify", help="check every line's hash; names the first broken line")
    check.add_argument("--head", default="", metavar="HASH", help="a hash noted earlier, which must be in the trail")
    export = actions.add_parser("export", help="print the whole trail")
    export.add_argument("--format", choices=("csv", "json"), default="csv", help="csv, or json: one object a line")
    for action in actions.choices.values():
        action.add_argument("--ini", type=Path, default=Path("scada.ini"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 the trail is whole, 1 it is not, 2 it cannot be read."""
    path = load_settings(args.ini).accounts.audit
    if not path.exists():
        print(f"scada audit: there is no audit trail {path} yet", file=sys.stderr)
        return 2
    try:
        with reading(path) as book:
            if args.action == "export":
                for piece in (csv_of if args.format == "csv" else json_of)(book.all_lines()):
                    sys.stdout.write(piece)
                return 0
            verdict = verify(book.all_lines(), args.head)
    except ERRORS as error:
        if isinstance(error, BrokenPipeError):
            raise
        print(f"scada audit: {path}: {error}", file=sys.stderr)
        return 2
    if verdict.broken is not None:
        print(f"line {verdict.broken} {verdict.reason}; the {verdict.lines} before it are whole")
        return 1
    print(f"{verdict.lines} lines, whole; head {verdict.head}")
    if verdict.holds is False:
        print(f"the head {args.head} is not among them: lines were cut off, or another trail put in its place")
        return 1
    return 0
