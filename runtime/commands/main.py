"""Reads the command line and calls the word's function; turns faults into lines and exit status 2."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from registermaps import ConfigError
from runtime.commands import (
    audit,
    check,
    fault,
    history,
    maintenance,
    plan,
    read,
    report,
    run,
    scan,
    simulate,
    test,
    token,
    user,
)
from tagdb import VERSION
from tagdb.accounts import AccountsUnusable
from tagdb.history import BadUrl, SchemaTooNew

__all__ = ["build_parser", "main"]

WORDS = (run, check, plan, read, simulate, fault, scan, test, history, report, maintenance, user, token, audit)


def build_parser() -> argparse.ArgumentParser:
    """The command line, word by word."""
    parser = argparse.ArgumentParser(prog="scada", description="Open SCADA for gas-genset sites.")
    parser.add_argument("--version", action="version", version=f"scada {VERSION}")
    words = parser.add_subparsers(dest="word", metavar="COMMAND", required=True)
    for word in WORDS:
        word.add_parser(words)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Exit status: 0 done, 1 the answer is no, 2 it could not be done."""
    args = build_parser().parse_args(argv)
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s"
    )
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)  # our own messages say it with the link's name
    try:
        status: int = args.run(args)
        sys.stdout.flush()
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    except (BadUrl, SchemaTooNew) as error:
        print(f"scada: history: {error}", file=sys.stderr)
        return 2
    except AccountsUnusable as error:
        print(f"scada: accounts: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever read our output has seen enough: scada read ... | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"scada: {where}{error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return status
