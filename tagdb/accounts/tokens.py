"""API tokens: for programs, sent as ``Authorization: Bearer``; each with a role, sites and an end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tagdb.accounts.actor import Actor, Denied, Role
from tagdb.accounts.database import Database
from tagdb.accounts.models import Token, User
from tagdb.accounts.secret import digest, new_reference, new_secret
from tagdb.accounts.standing import Standing
from tagdb.accounts.users import check_reserved, rights_of

__all__ = ["PREFIX", "TokenInfo", "Tokens"]

#: before the reference in ``Actor.session``
PREFIX = "token:"
#: how a token begins, so that it is recognised where it should not stand
_MARK = "scada_"
_SEEN_S = 60.0


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """A token as people see it."""

    reference: str
    name: str
    role: Role
    sites: tuple[str, ...]
    created_by: str
    created_at: float
    #: None = never
    expires_at: float | None
    seen_at: float | None
    ended_at: float | None

    @property
    def rights(self) -> str:
        """As the audit trail tells them: "grafana: viewer at all sites, until 2027-01-31 12:00 UTC"."""
        until = f", until {datetime.fromtimestamp(self.expires_at, UTC):%Y-%m-%d %H:%M} UTC" if self.expires_at else ""
        return f"{self.name}: {rights_of(self.role, self.sites)}{until}"


class Tokens:
    """Of programs."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def create(
        self, name: str, role: Role, by: str, lasts_s: float | None = None, sites: Sequence[str] = ("*",)
    ) -> tuple[str, TokenInfo]:
        """The token, told this once, and what is known of it. Raises Denied ``bad-name``, ``name-taken``."""
        name = " ".join(name.split())
        if not name or len(name) > 80:
            raise Denied("bad-name", "a token needs a name of 1 to 80 characters: what will use it")
        check_reserved(name)
        secret, now = new_secret(_MARK), self._clock()
        info = TokenInfo(
            new_reference(), name, role, tuple(sites), by, now, None if lasts_s is None else now + lasts_s, None, None
        )
        with self._database.writing() as database:
            if User.select().where(User.key == name.casefold()).exists(database):
                # Locks and the audit trail go by the name: a program must not pass for a person.
                raise Denied("name-taken", f"there is a user '{name}': call the token after what will use it")
            Token.insert(
                id=info.reference, hash=digest(secret), name=name, role=role, sites=info.sites, created_by=by,
                created_at=now, expires_at=info.expires_at,
            ).execute(database)  # fmt: skip
        return secret, info

    def find(self, secret: str, origin: str) -> Standing:
        """By what a request carries. Raises Denied ``no-token``, ``token-expired``, ``token-ended``."""
        return self._judge(Token.hash == digest(secret), origin)

    def standing(self, reference: str, origin: str) -> Standing:
        """By the reference that an actor carries. Raises as ``find``."""
        return self._judge(Token.id == reference, origin)

    def all(self) -> list[TokenInfo]:
        """Those that were not revoked first, then by age."""
        query = Token.select().order_by(Token.ended_at.is_null(False), Token.created_at.desc())
        with self._database.reading() as database:
            return [_info(row) for row in query.execute(database)]

    def end(self, reference: str) -> TokenInfo | None:
        """Revoke it; what it was, None where it was not in force."""
        with self._database.writing() as database:
            open_one = (Token.id == reference) & Token.ended_at.is_null()
            row = Token.select().where(open_one).first(database)
            Token.update(ended_at=self._clock()).where(open_one).execute(database)
            return None if row is None else _info(row)

    def _judge(self, which: Any, origin: str) -> Standing:
        now = self._clock()
        with self._database.reading() as database:
            row = Token.select().where(which).first(database)
            if row is None:
                raise Denied("no-token", "there is no such token")
            if row.ended_at is not None:
                raise Denied("token-ended", f"token '{row.name}' was revoked")
            if row.expires_at is not None and now >= row.expires_at:
                raise Denied("token-expired", f"token '{row.name}' has expired")
            if row.seen_at is None or row.seen_at < now - _SEEN_S:
                Token.update(seen_at=now).where(Token.id == row.id).execute(database)
        actor = Actor(row.name, row.role, row.sites, origin, PREFIX + row.id)
        return Standing(actor, "token", actor.session, None, row.expires_at)


def _info(row: Any) -> TokenInfo:
    return TokenInfo(
        row.id, row.name, row.role, row.sites, row.created_by, row.created_at, row.expires_at, row.seen_at, row.ended_at
    )
