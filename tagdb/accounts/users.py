"""The users: added, changed, disabled; their passwords and second factors."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import peewee

from tagdb.accounts import totp
from tagdb.accounts.actor import Denied, Role
from tagdb.accounts.database import Database
from tagdb.accounts.models import Recovery, Session, Token, User
from tagdb.accounts.passwords import Passwords
from tagdb.accounts.secret import digest

__all__ = ["Person", "Users", "check_reserved", "rights_of"]

_NAME = re.compile(r"[^\W_](?:[\w .@'-]{0,38}[\w.])?\Z")
_LONGEST_TITLE = 80
#: what journal, locks and audit trail call the program itself and those who are nobody
_RESERVED = frozenset({"scada", "visitor", "unknown user", "cli", "machine", "runtime"})


@dataclass(frozen=True, slots=True)
class Person:
    """A user as others may see them."""

    id: int
    #: what they log in with, and what journal and audit show
    name: str
    title: str
    role: Role
    #: ("*",) = all
    sites: tuple[str, ...]
    has_password: bool
    has_second_factor: bool
    #: Unix seconds UTC, as all times; None = never
    created_at: float
    password_at: float | None
    seen_at: float | None
    disabled_at: float | None

    @property
    def rights(self) -> str:
        """As the audit trail tells them: "operator at mkz, disabled"."""
        state = ", disabled" if self.disabled_at else ""
        return f"{rights_of(self.role, self.sites)}{state}"


class Users:
    """Every change that takes rights away ends the sessions of that user with it."""

    def __init__(self, database: Database, clock: Callable[[], float], passwords: Passwords) -> None:
        self._database = database
        self._clock = clock
        self._passwords = passwords

    def all(self) -> list[Person]:
        """By name."""
        with self._database.reading() as database:
            return [person_of(row) for row in User.select().order_by(User.key).execute(database)]

    def find(self, name: str) -> Person:
        """Without regard to case. Raises Denied ``unknown-user``."""
        with self._database.reading() as database:
            return person_of(_row(database, name))

    def has_administrator(self) -> bool:
        """Whether anybody could administer: otherwise the start offers a link."""
        with self._database.reading() as database:
            return _administrators(database) > 0

    def add(self, name: str, role: Role, sites: Sequence[str] = ("*",), title: str = "", password: str = "") -> Person:
        """Raises Denied ``bad-name``, ``bad-sites``, ``name-taken``, ``weak-password``.

        ``password``: "" = none yet; a link lets the user choose one.
        """
        name = _checked_name(name)
        title, sites = _checked_title(title), _checked_sites(sites)
        if password:
            self._passwords.check(password, name)
        now = self._clock()
        hashed = self._passwords.hash(password) if password else ""
        with self._database.writing() as database:
            if User.select().where(User.key == name.casefold()).exists(database):
                raise Denied("name-taken", f"there is a user '{name}' already")
            if any(row.name.casefold() == name.casefold() for row in Token.select(Token.name).execute(database)):
                # Locks and the audit trail go by the name: a program must not pass for a person.
                raise Denied("name-taken", f"there is, or was, an API token '{name}'")
            User.insert(
                name=name, key=name.casefold(), title=title, role=role, sites=sites, password=hashed, totp="",
                totp_step=-1, created_at=now, password_at=now if password else None,
            ).execute(database)  # fmt: skip
            return person_of(_row(database, name))

    def change(
        self, name: str, role: Role | None = None, sites: Sequence[str] | None = None, title: str | None = None,
        disabled: bool | None = None,
    ) -> Person:  # fmt: skip
        """What is not given stays. Raises Denied ``unknown-user``, ``bad-sites``, ``last-administrator``."""
        with self._database.writing() as database:
            row, before = _row(database, name), _administrators(database)
            if role is not None:
                row.role = role
            if sites is not None:
                row.sites = _checked_sites(sites)
            if title is not None:
                row.title = _checked_title(title)
            if disabled is not None:
                row.disabled_at = (row.disabled_at or self._clock()) if disabled else None
            _save(database, row)
            if before and not _administrators(database):
                raise Denied("last-administrator", f"'{row.name}' is the last administrator")
            if disabled:
                _end_sessions(database, row, self._clock(), "disabled")
            return person_of(row)

    def set_password(self, name: str, password: str, keep: str = "") -> None:
        """Raises Denied ``weak-password``. Ends the user's sessions but for the one called ``keep``."""
        person = self.find(name)
        self._passwords.check(password, person.name)
        hashed = self._passwords.hash(password)
        with self._database.writing() as database:
            row = _row(database, name)
            row.password, row.password_at = hashed, self._clock()
            _save(database, row)
            _end_sessions(database, row, self._clock(), "password", keep)

    def set_second_factor(self, name: str, key: str, code: str) -> list[str]:
        """Take a new key, once its first code was typed; the recovery codes, shown once.

        Raises Denied ``bad-code``, and ValueError for a key that ``new_key`` cannot have made.
        """
        totp.check_key(key)
        step = totp.matching_step(key, code, self._clock())
        if step is None:
            raise Denied("bad-code", "this is not the code that belongs to the key and the time")
        codes = totp.new_recovery_codes()
        with self._database.writing() as database:
            row = _row(database, name)
            row.totp, row.totp_step = key, step
            _save(database, row)
            Recovery.delete().where(Recovery.user == row.id).execute(database)
            Recovery.insert_many([{"hash": recovery_hash(row.id, code), "user": row.id} for code in codes]).execute(
                database
            )
        return codes

    def drop_second_factor(self, name: str) -> None:
        """Back to the password alone."""
        with self._database.writing() as database:
            row = _row(database, name)
            row.totp, row.totp_step = "", -1
            _save(database, row)
            Recovery.delete().where(Recovery.user == row.id).execute(database)

    def recovery_codes_left(self, name: str) -> int:
        """How many were not used yet."""
        with self._database.reading() as database:
            row = _row(database, name)
            unused = Recovery.select().where(Recovery.user == row.id, Recovery.used_at.is_null())
            return int(unused.count(database))


def person_of(row: Any) -> Person:
    """A user's row as others may see it."""
    return Person(
        row.id, row.name, row.title, row.role, row.sites, bool(row.password), bool(row.totp), row.created_at,
        row.password_at, row.seen_at, row.disabled_at,
    )  # fmt: skip


def recovery_hash(user: int, code: str) -> str:
    """What is stored of a recovery code."""
    return digest(f"{user}:{code.strip().casefold().replace('-', '').replace(' ', '')}")


def _row(database: peewee.Database, name: str) -> Any:
    row = User.select().where(User.key == name.strip().casefold()).first(database)
    if row is None:
        raise Denied("unknown-user", f"there is no user '{name.strip()}'")
    return row


def _save(database: peewee.Database, row: Any) -> None:
    values = {name: getattr(row, name) for name in row._meta.fields if name != "id"}  # noqa: SLF001  documented
    User.update(**values).where(User.id == row.id).execute(database)


def _administrators(database: peewee.Database) -> int:
    able = User.select().where(User.role == Role.ADMINISTRATOR, User.disabled_at.is_null(), User.password != "")
    return int(able.count(database))


def _end_sessions(database: peewee.Database, user: Any, now: float, why: str, keep: str = "") -> None:
    open_ones = (Session.user == user.id) & Session.ended_at.is_null() & (Session.id != keep)
    Session.update(ended_at=now, why=why).where(open_ones).execute(database)


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not _NAME.match(name):
        wanted = "1 to 40 letters, digits, blanks and . - ' @, beginning with a letter or digit"
        raise Denied("bad-name", f"found the name '{name[:50]}', wanted {wanted}")
    check_reserved(name)
    return name


def check_reserved(name: str) -> None:
    """Raises Denied ``reserved-name`` for what nobody may be called, neither a user nor a token."""
    if name.casefold() in _RESERVED:
        raise Denied("reserved-name", f"'{name}' is what the program calls itself, or nobody: choose another name")


def rights_of(role: Role, sites: Sequence[str]) -> str:
    """As the audit trail tells them: "operator at mkz"."""
    return f"{role.word} at {' '.join(sites) if tuple(sites) != ('*',) else 'all sites'}"


def _checked_title(title: str) -> str:
    title = " ".join(title.split())
    if len(title) > _LONGEST_TITLE:
        raise Denied("bad-name", f"the full name has {len(title)} characters, wanted at most {_LONGEST_TITLE}")
    return title


def _checked_sites(sites: Sequence[str]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(site.strip() for site in sites if site.strip()))
    if not names:
        raise Denied("bad-sites", "wanted at least one site, or * for all")
    return ("*",) if "*" in names else names
