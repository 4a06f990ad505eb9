"""The accounts of one installation put together."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from argon2 import PasswordHasher

from tagdb.accounts.actor import Denied, Role
from tagdb.accounts.attempts import Attempts
from tagdb.accounts.database import Database
from tagdb.accounts.links import Links, Purpose
from tagdb.accounts.login import LogIn
from tagdb.accounts.passwords import Passwords
from tagdb.accounts.sessions import PREFIX as SESSION
from tagdb.accounts.sessions import Sessions
from tagdb.accounts.settings import AccountSettings
from tagdb.accounts.standing import Standing
from tagdb.accounts.tokens import PREFIX as TOKEN
from tagdb.accounts.tokens import Tokens
from tagdb.accounts.users import Users

__all__ = ["DEMO_USERS", "Accounts"]

#: whom a visitor of the demo plant may act as
DEMO_USERS = {"operator": Role.OPERATOR, "engineer": Role.ENGINEER, "administrator": Role.ADMINISTRATOR}


class Accounts:
    """Users, sessions, tokens and links in one file. Any thread, any number of processes."""

    def __init__(
        self, settings: AccountSettings, clock: Callable[[], float], hasher: PasswordHasher | None = None
    ) -> None:
        """Open or make the file. Raises AccountsUnusable, and ERRORS of the database.

        Args:
            clock: the wall clock, Unix seconds, since sessions outlive processes.
            hasher: a cheaper one for tests.
        """
        self.settings = settings
        self.clock = clock
        self._database = Database(settings.file, settings.demo)
        self.passwords = Passwords(settings.password_length, hasher)
        self.users = Users(self._database, clock, self.passwords)
        self.sessions = Sessions(self._database, clock, settings.idle_s, settings.absolute_s)
        self.tokens = Tokens(self._database, clock)
        self.links = Links(self._database, clock)
        attempts = Attempts(self._database, clock, settings.failures, settings.lock_s)
        self.logins = LogIn(self._database, clock, self.passwords, attempts, self.sessions)
        self.sessions.forget_ended()
        if settings.demo:
            self._add_demo_users()

    def standing(self, reference: str, origin: str = "") -> Standing:
        """What stands behind an actor now. Raises Denied where nothing does (any more)."""
        kind, _, identity = reference.partition(":")
        if kind + ":" == SESSION:
            return self.sessions.standing(identity, origin)
        if kind + ":" == TOKEN:
            return self.tokens.standing(identity, origin)
        raise Denied("no-session", "nobody is logged in here")

    def first_link(self) -> str:
        """The secret of a link that makes the first administrator; "" when there is one, or in a demo."""
        if self.settings.demo or self.users.has_administrator():
            return ""
        return self.links.create(Purpose.FIRST, "", "start")

    def finish_link(self, secret: str, name: str, password: str) -> str:
        """Use a link that makes the first administrator or sets a password; the user's name. All of it or nothing.

        ``name``: of the first administrator. Raises Denied ``bad-link``, ``weak-password``, ``bad-name``, ...
        """
        with self._database.writing():
            info = self.links.use(secret)
            if info.purpose is Purpose.FIRST:
                return self.users.add(name, Role.ADMINISTRATOR, password=_chosen(password)).name
            if info.purpose is not Purpose.PASSWORD:
                raise Denied("bad-link", "this link sets no password")
            self.users.set_password(info.name, password)
            return info.name

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _add_demo_users(self) -> None:
        known = {person.name for person in self.users.all()}
        for name, role in DEMO_USERS.items():
            if name not in known:
                with contextlib.suppress(Denied):  # the other process was faster
                    self.users.add(name, role)


def _chosen(password: str) -> str:
    """A user may be added without a password, but not the first administrator."""
    if not password:
        raise Denied("weak-password", "a password is needed")
    return password
