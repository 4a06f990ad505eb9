"""Links that work once: to become the first administrator, to choose a password, to make a screen a viewer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from peewee import JOIN

from tagdb.accounts.actor import Denied
from tagdb.accounts.database import Database
from tagdb.accounts.models import Link, User
from tagdb.accounts.secret import digest, new_secret

__all__ = ["LinkInfo", "Links", "Purpose"]

LASTS_S = 86400.0


class Purpose(StrEnum):
    """What a link is for."""

    #: makes the first administrator
    FIRST = "first"
    #: a user chooses a password
    PASSWORD = "password"  # noqa: S105  a word, not a secret
    #: a browser becomes a screen that may look
    SCREEN = "screen"


@dataclass(frozen=True, slots=True)
class LinkInfo:
    """A link that can still be used."""

    purpose: Purpose
    #: of the user, or of the screen
    name: str
    created_by: str
    expires_at: float


class Links:
    """Each is good for one use within a day."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def create(self, purpose: Purpose, name: str, by: str) -> str:
        """Its secret; earlier links for the same user (or the first administrator) stop working. Raises Denied."""
        secret, now = new_secret(), self._clock()
        with self._database.writing() as database:
            user = None
            if purpose is Purpose.PASSWORD:
                user = User.select().where(User.key == name.strip().casefold()).first(database)
                if user is None:
                    raise Denied("unknown-user", f"there is no user '{name.strip()}'")
            if purpose is not Purpose.SCREEN:
                same = (Link.purpose == purpose) & (Link.user == (user.id if user else None))
                Link.delete().where(same).execute(database)
            Link.delete().where(Link.expires_at < now).execute(database)
            Link.insert(
                hash=digest(secret), purpose=purpose, user=user.id if user else None, name=name[:80], created_by=by,
                created_at=now, expires_at=now + LASTS_S,
            ).execute(database)  # fmt: skip
        return secret

    def look(self, secret: str) -> LinkInfo:
        """What it is for, without using it. Raises Denied ``bad-link``."""
        with self._database.reading() as database:
            return self._info(self._row(database, secret))

    def use(self, secret: str) -> LinkInfo:
        """Use it up. Raises Denied ``bad-link``."""
        with self._database.writing() as database:
            row = self._row(database, secret)
            Link.update(used_at=self._clock()).where(Link.hash == row.hash).execute(database)
            return self._info(row)

    def _row(self, database: Any, secret: str) -> Any:
        row = Link.select(Link, User).join(User, JOIN.LEFT_OUTER).where(Link.hash == digest(secret)).first(database)
        if row is None or row.used_at is not None or row.expires_at <= self._clock():
            raise Denied("bad-link", "this link was used already, or is too old: ask for another one")
        return row

    def _info(self, row: Any) -> LinkInfo:
        return LinkInfo(Purpose(row.purpose), row.user.name if row.user else row.name, row.created_by, row.expires_at)
