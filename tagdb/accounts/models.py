"""The accounts' tables as peewee models; the tables themselves are made by the steps in ``database``.

Times are Unix seconds UTC. Nothing here can log anybody in: secrets are kept as hashes, but for the key of the second
factor, which both sides must know (RFC 6238), in a file that only this user may read.
"""

from __future__ import annotations

import json
from typing import Any

from peewee import BigIntegerField, FloatField, ForeignKeyField, IntegerField, Model, TextField

from tagdb.accounts.actor import Role

__all__ = ["Attempt", "Link", "Recovery", "Session", "Token", "User"]


class RoleField(TextField):
    """A role by its word."""

    def db_value(self, value: Role) -> str:
        """As it is stored."""
        return value.word

    def python_value(self, value: str | None) -> Role | None:
        """As it was given; None of a join that found nobody."""
        return None if value is None else Role.of(value)


class NamesField(TextField):
    """A tuple of names."""

    def db_value(self, value: tuple[str, ...]) -> str:
        """As it is stored."""
        return json.dumps(list(value), ensure_ascii=False)

    def python_value(self, value: str | None) -> tuple[str, ...]:
        """As it was given; nothing of a join that found nobody."""
        return tuple(json.loads(value or "[]"))


class User(Model):
    """A person."""

    id = BigIntegerField(primary_key=True)
    name = TextField()
    #: the name without regard to case, so that no two can be mistaken for each other
    key = TextField()
    title = TextField()
    role: Any = RoleField()
    sites: Any = NamesField()
    #: argon2id in its own notation; "" = cannot log in by password
    password = TextField()
    #: base32 key of the second factor; "" = none
    totp = TextField()
    #: the newest time step whose code was taken, so that none is taken twice
    totp_step = BigIntegerField()
    created_at = FloatField()
    password_at = FloatField(null=True)
    seen_at = FloatField(null=True)
    disabled_at = FloatField(null=True)


class Session(Model):
    """A browser that has logged in, or a screen that may look."""

    id = TextField(primary_key=True)
    hash = TextField()
    #: "login", "screen", "demo"
    kind = TextField()
    user = ForeignKeyField(User, null=True)
    #: of a screen: what it is called
    name = TextField()
    origin = TextField()
    agent = TextField()
    created_at = FloatField()
    seen_at = FloatField()
    authenticated_at = FloatField()
    idle_s = FloatField(null=True)
    expires_at = FloatField()
    ended_at = FloatField(null=True)
    why = TextField()


class Token(Model):
    """A program."""

    id = TextField(primary_key=True)
    hash = TextField()
    name = TextField()
    role: Any = RoleField()
    sites: Any = NamesField()
    created_by = TextField()
    created_at = FloatField()
    expires_at = FloatField(null=True)
    seen_at = FloatField(null=True)
    ended_at = FloatField(null=True)


class Link(Model):
    """A link that works once."""

    hash = TextField(primary_key=True)
    #: "first", "password", "screen"
    purpose = TextField()
    user = ForeignKeyField(User, null=True)
    name = TextField()
    created_by = TextField()
    created_at = FloatField()
    expires_at = FloatField()
    used_at = FloatField(null=True)


class Recovery(Model):
    """A code that stands in once for the second factor."""

    hash = TextField(primary_key=True)
    user = ForeignKeyField(User)
    used_at = FloatField(null=True)


class Attempt(Model):
    """Failed log-ins under one key."""

    key = TextField(primary_key=True)
    failures = IntegerField()
    last_at = FloatField()
    wait_until = FloatField()
