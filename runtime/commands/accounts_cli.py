"""What the words user, token and audit share: the accounts of an ini, and who stands at the command line."""

from __future__ import annotations

import argparse
import os
import pwd
import re
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from runtime.scan import wall_time
from runtime.settings import Settings, load_settings
from tagdb.accounts import Accounts, Denied, Role
from tagdb.audit import AuditEntry, AuditTrail

__all__ = ["Desk", "desk", "known_sites", "lasting", "role_of", "run_action"]

_UNITS_S = {"m": 60.0, "h": 3600.0, "d": 86400.0}
_AUDIT_PATIENCE_S = 5.0


class Desk:
    """Accounts and audit trail at the command line: whoever may read the files has passed the system's log-in."""

    def __init__(self, settings: Settings, accounts: Accounts, trail: AuditTrail) -> None:
        self.settings = settings
        self.accounts = accounts
        self._trail = trail

    def note(self, action: str, target: str, new: str = "", old: str = "") -> None:
        """A line of the audit trail under the name of the system's user."""
        self._trail.note(AuditEntry(wall_time(), _user(), "", "cli", "", action, target=target, new=new, old=old))

    def link(self, secret: str) -> str:
        """A one-time link as a browser on this machine opens it; what follows # never leaves the browser."""
        return f"{self.settings.ui.url}/setup#{secret}"


Action = Callable[[Desk, argparse.Namespace], None]


@contextmanager
def desk(ini: Path) -> Iterator[Desk]:
    """Raises ConfigError, AccountsUnusable, and what SQLite raises."""
    settings = load_settings(ini)
    accounts = Accounts(settings.accounts, wall_time)
    trail = AuditTrail(settings.accounts.audit, "cli", _AUDIT_PATIENCE_S)
    trail.start()
    try:
        yield Desk(settings, accounts, trail)
    finally:
        trail.stop(_AUDIT_PATIENCE_S)
        accounts.close()


def known_sites(here: Desk, sites: Sequence[str] | None) -> None:
    """A site that does not exist is a mistake that nobody would notice. Raises Denied."""
    for site in sites or ():
        if site != "*" and site not in here.settings.sites:
            raise Denied("bad-sites", f"there is no site '{site}'; known: {', '.join(here.settings.sites)}")


def run_action(word: str, actions: Mapping[str, Action], args: argparse.Namespace) -> int:
    """What ``scada user`` and ``scada token`` do with a command line: 0 done, 2 refused with the reason."""
    with desk(args.ini) as here:
        try:
            actions[args.action](here, args)
        except Denied as denied:
            print(f"scada {word}: {denied.message}", file=sys.stderr)
            return 2
    return 0


def role_of(word: str) -> Role:
    """For argparse."""
    try:
        return Role.of(word)
    except KeyError:
        roles = ", ".join(role.word for role in Role)
        raise ArgumentTypeError(f"found '{word}', expected one of {roles}") from None


def lasting(text: str) -> float:
    """A time like 30d, 12h or 90m, seconds; for argparse."""
    match = re.fullmatch(r"(\d{1,5})([mhd])", text)
    if not match or not int(match[1]):
        raise ArgumentTypeError(f"found '{text}', expected a time like 30d, 12h or 90m")
    return int(match[1]) * _UNITS_S[match[2]]


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user {os.getuid()}"
