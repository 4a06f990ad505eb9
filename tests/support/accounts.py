"""Accounts for tests: a file of their own, a clock in hand, hashes that cost nothing; users and tokens of each role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from tagdb.accounts import Accounts, AccountSettings, Role

__all__ = ["CHEAP", "PASSWORD", "WallClock", "account_settings", "open_accounts", "token_of"]

#: the least that argon2 takes
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
#: of every user that ``open_accounts`` makes
PASSWORD = "correct horse battery"


class WallClock:
    """Unix seconds that pass when told to."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


def account_settings(folder: Path, **more: Any) -> AccountSettings:
    """Files in ``folder``."""
    return AccountSettings(folder / "accounts.sqlite3", folder / "audit.sqlite3", **more)


def open_accounts(folder: Path, clock: Any, *users: Role, **more: Any) -> Accounts:
    """Accounts with a user of each role given, named by its word: ``operator``, password ``PASSWORD``."""
    accounts = Accounts(account_settings(folder, **more), clock, CHEAP)
    known = {person.name for person in accounts.users.all()}
    for role in set(users) - {role for role in users if role.word in known}:
        accounts.users.add(role.word, role, password=PASSWORD)
    return accounts


def token_of(accounts: Accounts, role: Role, sites: tuple[str, ...] = ("*",)) -> dict[str, str]:
    """Headers of a program with this role."""
    secret, _ = accounts.tokens.create(f"test {role.word}", role, "tests", sites=sites)
    return {"Authorization": f"Bearer {secret}"}
