"""Sessions: begun by a log-in, ended by log-out, time, or somebody who may; only a hash of their secret is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from peewee import JOIN

from tagdb.accounts.actor import Actor, Denied, Role
from tagdb.accounts.database import Database
from tagdb.accounts.models import Session, User
from tagdb.accounts.secret import digest, new_reference, new_secret
from tagdb.accounts.standing import Standing

__all__ = ["PREFIX", "SessionInfo", "Sessions"]

#: before the reference in ``Actor.session``
PREFIX = "session:"
#: how exactly the last use is kept, seconds: a write for every request would be too many
_SEEN_S = 30.0
#: a clock that was set back by more than this ends sessions, rather than lengthening them
_CLOCK_BACK_S = 300.0
#: ended sessions are listed for so long, then forgotten, seconds; the audit trail keeps them for good
_KEEP_S = 30 * 86400.0
#: sessions a user may have at once, in all browsers
MOST_SESSIONS = 20
#: a screen on a wall logs in once a year
SCREEN_S = 366 * 86400.0


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """A session as users and administrators see it."""

    reference: str
    kind: str
    #: the user's name, or what the screen is called
    name: str
    role: Role
    origin: str
    #: what the browser says it is
    agent: str
    created_at: float
    seen_at: float
    expires_at: float


class Sessions:
    """Of all kinds."""

    def __init__(self, database: Database, clock: Callable[[], float], idle_s: float, absolute_s: float) -> None:
        self._database = database
        self._clock = clock
        self._idle_s = idle_s
        self._absolute_s = absolute_s

    def begin(self, user: str, origin: str, agent: str = "", kind: str = "login") -> tuple[str, Standing]:
        """A new session of a user: its secret, told this once, and who it stands for. Raises Denied."""
        with self._database.reading() as database:
            row = User.select().where(User.key == user.casefold(), User.disabled_at.is_null()).first(database)
        if row is None:
            raise Denied("unknown-user", f"there is no user '{user}' who may log in")
        return self._insert(kind, row.id, "", origin, agent, self._idle_s, self._absolute_s)

    def begin_screen(self, name: str, origin: str, agent: str = "") -> tuple[str, Standing]:
        """A session that may only look, does not end when nobody touches it, and belongs to no user."""
        return self._insert("screen", None, name, origin, agent, None, SCREEN_S)

    def find(self, secret: str, origin: str = "") -> Standing:
        """By the secret of the cookie. Raises Denied ``no-session``, ``session-expired``, ``session-ended``.

        ``origin``: where it is used now, which the audit trail tells; "" = where it was begun.
        """
        return self._judge(Session.hash == digest(secret), origin)

    def standing(self, reference: str, origin: str = "") -> Standing:
        """By the reference that an actor carries. Raises as ``find``."""
        return self._judge(Session.id == reference, origin)

    def touch(self, reference: str) -> None:
        """Somebody uses it: the idle time begins anew."""
        now = self._clock()
        old = (Session.id == reference) & (Session.seen_at < now - _SEEN_S) & Session.ended_at.is_null()
        with self._database.reading() as database:
            if Session.select().where(old).exists(database):
                Session.update(seen_at=now).where(old).execute(database)

    def authenticated(self, reference: str) -> None:
        """The password was given once more."""
        now = self._clock()
        with self._database.writing() as database:
            Session.update(authenticated_at=now, seen_at=now).where(Session.id == reference).execute(database)

    def end(self, reference: str, why: str) -> bool:
        """Whether it was still open. ``why``: "log-out", "revoked", ..."""
        with self._database.writing() as database:
            open_one = (Session.id == reference) & Session.ended_at.is_null()
            return bool(Session.update(ended_at=self._clock(), why=why).where(open_one).execute(database))

    def open(self, user: str = "") -> list[SessionInfo]:
        """Those in force, the last used first; of one user, or all."""
        now = self._clock()
        where = Session.ended_at.is_null() & (Session.expires_at > now)
        where &= Session.idle_s.is_null() | (Session.seen_at + Session.idle_s > now)
        if user:
            where &= User.key == user.casefold()
        query = Session.select(Session, User).join(User, JOIN.LEFT_OUTER).where(where).order_by(Session.seen_at.desc())
        with self._database.reading() as database:
            return [_info(row) for row in query.execute(database)]

    def forget_ended(self) -> int:
        """Remove what ended long ago; how many."""
        before = self._clock() - _KEEP_S
        with self._database.writing() as database:
            old = (Session.ended_at < before) | (Session.expires_at < before) | (
                Session.idle_s.is_null(False) & (Session.seen_at < before - self._idle_s)
            )  # fmt: skip
            return int(Session.delete().where(old).execute(database))

    def _insert(
        self, kind: str, user: int | None, name: str, origin: str, agent: str, idle_s: float | None, lasts_s: float
    ) -> tuple[str, Standing]:
        secret, reference, now = new_secret(), new_reference(), self._clock()
        with self._database.writing() as database:
            if user is not None:
                self._make_room(database, user, now)
            Session.insert(
                id=reference, hash=digest(secret), kind=kind, user=user, name=name[:80], origin=origin[:80],
                agent=agent[:200], created_at=now, seen_at=now, authenticated_at=now, idle_s=idle_s,
                expires_at=now + lasts_s, why="",
            ).execute(database)  # fmt: skip
        return secret, self.standing(reference)

    def _make_room(self, database: Any, user: int, now: float) -> None:
        """A user has so many sessions and no more (IEC 62443-4-2, CR 2.7): the ones used longest ago end."""
        mine = (Session.user == user) & Session.ended_at.is_null()
        kept = [row.id for row in Session.select(Session.id).where(mine).order_by(Session.seen_at.desc()).limit(
            MOST_SESSIONS - 1).execute(database)]  # fmt: skip
        old = mine & Session.id.not_in(kept)
        Session.update(ended_at=now, why="too many sessions").where(old).execute(database)

    def _judge(self, which: Any, origin: str) -> Standing:
        with self._database.reading() as database:
            row = Session.select(Session, User).join(User, JOIN.LEFT_OUTER).where(which).first(database)
        if row is None:
            raise Denied("no-session", "nobody is logged in here")
        now = self._clock()
        if row.ended_at is not None:
            raise Denied("session-ended", "this session was ended")
        if now >= row.expires_at or (
            row.idle_s is not None and not row.seen_at - _CLOCK_BACK_S <= now < row.seen_at + row.idle_s
        ):
            raise Denied("session-expired", "this session has expired")
        if row.user is None:
            actor = Actor(row.name, Role.VIEWER, ("*",), origin or row.origin, PREFIX + row.id)
            return Standing(actor, row.kind, actor.session, None, row.expires_at)
        if row.user.disabled_at is not None:
            raise Denied("session-ended", f"user '{row.user.name}' is disabled")
        actor = Actor(row.user.name, row.user.role, row.user.sites, origin or row.origin, PREFIX + row.id)
        return Standing(actor, row.kind, actor.session, row.authenticated_at, row.expires_at, bool(row.user.totp))


def _info(row: Any) -> SessionInfo:
    name, role = (row.user.name, row.user.role) if row.user else (row.name, Role.VIEWER)
    return SessionInfo(
        row.id, row.kind, name, role, row.origin, row.agent, row.created_at, row.seen_at, row.expires_at
    )  # fmt: skip
