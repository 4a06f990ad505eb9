"""Logging in: password, second factor, and the waits after failures; equal work and words for every wrong answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tagdb.accounts import totp
from tagdb.accounts.actor import Denied
from tagdb.accounts.attempts import Attempts
from tagdb.accounts.database import Database
from tagdb.accounts.models import Recovery, User
from tagdb.accounts.passwords import Passwords
from tagdb.accounts.sessions import Sessions
from tagdb.accounts.standing import Standing
from tagdb.accounts.users import recovery_hash

__all__ = ["LogIn"]

_LONGEST_NAME = 100
#: log-ins that are verified at once, and that wait for it: each holds a thread of the server
_AT_ONCE, _MOST_WAITING = 2, 40


class LogIn:
    """One password is verified per try, whether or not there is such a user."""

    def __init__(
        self, database: Database, clock: Callable[[], float], passwords: Passwords, attempts: Attempts,
        sessions: Sessions,
    ) -> None:  # fmt: skip
        self._database = database
        self._clock = clock
        self._passwords = passwords
        self._attempts = attempts
        self._sessions = sessions
        self._turn = threading.BoundedSemaphore(_AT_ONCE)
        self._queue = threading.BoundedSemaphore(_MOST_WAITING)

    def log_in(self, name: str, password: str, code: str, origin: str, agent: str = "") -> tuple[str, Standing]:
        """A new session's secret, and who it stands for.

        Raises Denied: ``wait``, ``bad-login``, ``code-needed`` (the password was right), ``bad-code``.
        """
        with self._turn_of_it():
            user = self._verified(name, password, origin)
            self._check_code(user, code, origin)
        self._attempts.succeeded(name, origin)
        self._note(user, password)
        return self._sessions.begin(user.name, origin, agent)

    def log_in_again(self, standing: Standing, password: str, code: str, origin: str) -> None:
        """For a command that asks for it: the session goes on with a new time of authentication. Raises as above."""
        with self._turn_of_it():
            user = self._verified(standing.actor.name, password, origin)
            self._check_code(user, code, origin)
        self._attempts.succeeded(user.name, origin)
        self._sessions.authenticated(standing.reference.partition(":")[2])

    def check_password(self, name: str, password: str, origin: str) -> None:
        """Before a user's own password or second factor is changed. Raises Denied ``wait``, ``bad-login``."""
        with self._turn_of_it():
            self._verified(name, password, origin)
        self._attempts.succeeded(name, origin)

    @contextmanager
    def _turn_of_it(self) -> Iterator[None]:
        """A few at a time: guesses sent all at once must not pass before the first is counted. Raises Denied."""
        if not self._queue.acquire(blocking=False):
            raise Denied("wait", "too many log-ins at once: try again in some seconds")
        try:
            with self._turn:
                yield
        finally:
            self._queue.release()

    def _verified(self, name: str, password: str, origin: str) -> Any:
        name = name.strip()[:_LONGEST_NAME]
        self._attempts.check(name, origin)
        with self._database.reading() as database:
            user = User.select().where(User.key == name.casefold(), User.disabled_at.is_null()).first(database)
        if not self._passwords.verify(user.password if user else "", password) or user is None:
            self._attempts.failed(name, origin)
            raise Denied("bad-login", "name or password is wrong")
        return user

    def _check_code(self, user: Any, code: str, origin: str) -> None:
        if not user.totp:
            return
        if not code.strip():
            raise Denied("code-needed", "the code of the second factor is needed")
        if not (self._take_code(user, code) or self._take_recovery(user, code)):
            self._attempts.failed(user.name, origin)
            raise Denied("bad-code", "the code is wrong, too old, or was used already")

    def _take_code(self, user: Any, code: str) -> bool:
        """Used up together with being right: the same code does not work twice, not even in two requests at once."""
        with self._database.writing() as database:
            row = User.select().where(User.id == user.id).first(database)
            step = totp.matching_step(row.totp, code, self._clock(), row.totp_step) if row and row.totp else None
            if step is None:
                return False
            User.update(totp_step=step).where(User.id == user.id).execute(database)
            return True

    def _take_recovery(self, user: Any, code: str) -> bool:
        with self._database.writing() as database:
            mine = (Recovery.hash == recovery_hash(user.id, code)) & (Recovery.user == user.id)
            unused = mine & Recovery.used_at.is_null()
            return bool(Recovery.update(used_at=self._clock()).where(unused).execute(database))

    def _note(self, user: Any, password: str) -> None:
        changes: dict[str, Any] = {"seen_at": self._clock()}
        if self._passwords.outdated(user.password):
            changes["password"] = self._passwords.hash(password)
        with self._database.writing() as database:
            User.update(**changes).where(User.id == user.id).execute(database)
