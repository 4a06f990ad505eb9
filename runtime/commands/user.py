"""``scada user``: the users of an installation, from its own machine."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from runtime.commands.accounts_cli import Desk, known_sites, role_of, run_action
from tagdb.accounts import Person, Purpose, Role

__all__ = ["add_parser"]


def add_parser(words: Any) -> None:
    """The word's line."""
    parser = words.add_parser("user", help="list, add and change users")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", help="all users")
    add = actions.add_parser("add", help="add a user; prints a link by which the password is chosen")
    change = actions.add_parser("change", help="change role, sites or full name")
    for action in (add, change):
        action.add_argument("name")
        action.add_argument("--role", type=role_of, required=action is add, help="viewer, operator, engineer, ...")
        action.add_argument("--site", action="append", help="a site the rights are for; more than once; default: all")
        action.add_argument("--title", help="full name")
    for word, text in (
        ("reset-password", "print a link by which a new password is chosen"),
        ("drop-second-factor", "for a user who has lost the device and the recovery codes"),
        ("disable", "no log-in any more; open sessions end"),
        ("enable", "log-in works again"),
    ):
        actions.add_parser(word, help=text).add_argument("name")
    for action in actions.choices.values():
        action.add_argument("--ini", type=Path, default=Path("scada.ini"))
    parser.set_defaults(run=partial(run_action, "user", _ACTIONS))


def _list(here: Desk, args: argparse.Namespace) -> None:
    for person in here.accounts.users.all():
        print(_row(person))


def _add(here: Desk, args: argparse.Namespace) -> None:
    known_sites(here, args.site)
    person = here.accounts.users.add(args.name, args.role, args.site or ("*",), args.title or "")
    here.note("user.create", person.name, new=person.rights)
    if not here.settings.demo:
        _link(here, person.name)


def _change(here: Desk, args: argparse.Namespace) -> None:
    known_sites(here, args.site)
    before = here.accounts.users.find(args.name)
    after = here.accounts.users.change(args.name, role=args.role, sites=args.site, title=args.title)
    here.note("user.change", after.name, old=before.rights, new=after.rights)
    print(_row(after))


def _link(here: Desk, name: str) -> None:
    secret = here.accounts.links.create(Purpose.PASSWORD, name, "cli")
    here.note("user.link", here.accounts.users.find(name).name)
    print("Open once, within 24 hours:", file=sys.stderr)
    print(here.link(secret))


def _reset(here: Desk, args: argparse.Namespace) -> None:
    _link(here, args.name)


def _drop(here: Desk, args: argparse.Namespace) -> None:
    here.accounts.users.drop_second_factor(args.name)
    here.note("user.second-factor", args.name, new="none")


def _switch(here: Desk, args: argparse.Namespace) -> None:
    before = here.accounts.users.find(args.name)
    person = here.accounts.users.change(args.name, disabled=args.action == "disable")
    here.note(f"user.{args.action}", person.name, old=before.rights, new=person.rights)


_ACTIONS = {
    "list": _list, "add": _add, "change": _change, "reset-password": _reset, "drop-second-factor": _drop,
    "disable": _switch, "enable": _switch,
}  # fmt: skip


def _row(person: Person) -> str:
    state = "disabled" if person.disabled_at else "" if person.has_password else "no password yet"
    second = "second factor" if person.has_second_factor else ""
    seen = f"seen {datetime.fromtimestamp(person.seen_at).astimezone():%Y-%m-%d %H:%M}" if person.seen_at else ""
    role = Role(person.role).word
    cells = (f"{person.name:<20}", f"{role:<14}", f"{' '.join(person.sites):<12}", person.title, state, second, seen)
    return "  ".join(cell for cell in cells if cell).rstrip()
