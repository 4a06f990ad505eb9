"""``scada token``: API tokens for programs, sent as ``Authorization: Bearer``."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from runtime.commands.accounts_cli import Desk, known_sites, lasting, role_of, run_action
from tagdb.accounts import Denied, TokenInfo

__all__ = ["add_parser"]


def add_parser(words: Any) -> None:
    """The word's line."""
    parser = words.add_parser("token", help="create, list and revoke API tokens")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    create = actions.add_parser("create", help="print a new token, this once")
    create.add_argument("--role", type=role_of, required=True, help="viewer, operator, engineer, administrator")
    create.add_argument("--site", action="append", help="a site the rights are for; more than once; default: all")
    create.add_argument("--expires", type=lasting, metavar="30d", help="end after a time; default: never")
    create.add_argument("--name", default="command line", help="what will use it")
    actions.add_parser("list", help="all tokens")
    actions.add_parser("revoke", help="end a token").add_argument("reference", help="as in the list")
    for action in actions.choices.values():
        action.add_argument("--ini", type=Path, default=Path("scada.ini"))
    parser.set_defaults(run=partial(run_action, "token", _ACTIONS))


def _create(here: Desk, args: argparse.Namespace) -> None:
    known_sites(here, args.site)
    secret, info = here.accounts.tokens.create(args.name, args.role, "cli", args.expires, args.site or ("*",))
    here.note("token.create", info.reference, new=info.rights)
    print(f"{_row(info)}\nIt is shown this once; send it as 'Authorization: Bearer TOKEN'.", file=sys.stderr)
    print(secret)


def _list(here: Desk, args: argparse.Namespace) -> None:
    for info in here.accounts.tokens.all():
        print(_row(info))


def _revoke(here: Desk, args: argparse.Namespace) -> None:
    ended = here.accounts.tokens.end(args.reference)
    if ended is None:
        raise Denied("unknown-token", f"there is no token '{args.reference}' in force")
    here.note("token.revoke", args.reference, old=ended.rights)


_ACTIONS = {"create": _create, "list": _list, "revoke": _revoke}


def _row(info: TokenInfo) -> str:
    end = "revoked" if info.ended_at else f"until {_day(info.expires_at)}" if info.expires_at else "without end"
    seen = f"used {_day(info.seen_at)}" if info.seen_at else "never used"
    return f"{info.reference}  {info.role.word:<14}  {' '.join(info.sites):<12}  {end}, {seen}  {info.name}"


def _day(time: float) -> str:
    return f"{datetime.fromtimestamp(time).astimezone():%Y-%m-%d %H:%M}"
