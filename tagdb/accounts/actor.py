"""Roles and their rights, and the actor: the person or program on whose behalf something is asked of the plant.

Stage: the pages learn who asks and hand the actor to the runtime with every order; the runtime checks again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import IntEnum, StrEnum
from typing import Any

__all__ = ["RIGHTS", "Actor", "Denied", "Right", "Role"]


class Role(IntEnum):
    """What a user is on this plant; each role has the rights of those below it."""

    VIEWER = 1
    OPERATOR = 2
    ENGINEER = 3
    ADMINISTRATOR = 4

    @property
    def word(self) -> str:
        """As it stands in files, on the command line and in the API: ``operator``."""
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> Role:
        """The inverse of ``word``. Raises KeyError."""
        return cls[word.upper()]


class Right(StrEnum):
    """Something that not everybody may do."""

    #: look at tags, alarms, journal
    VIEW = "view"
    #: acknowledge, reset, shelve, unshelve alarms
    ALARMS = "alarms"
    #: select and operate commands of a device
    COMMAND = "command"
    #: tag a device out, and take back one's own tag-out
    TAG_OUT = "tag-out"
    #: enter what was done to an engine: services, readings, notes
    MAINTAIN = "maintain"
    #: take an alarm out of service and put it back
    OUT_OF_SERVICE = "out-of-service"
    #: force a tag, release it
    FORCE = "force"
    #: reload the configuration, download recorded frames, give engines their programmes
    ENGINEER = "engineer"
    #: take back anybody's tag-out
    TAG_OUT_ANY = "tag-out-any"
    #: read the audit trail, administer users, tokens and sessions of others
    ADMINISTER = "administer"


#: the least role that has each right
RIGHTS: Mapping[Right, Role] = {
    Right.VIEW: Role.VIEWER,
    Right.ALARMS: Role.OPERATOR,
    Right.COMMAND: Role.OPERATOR,
    Right.TAG_OUT: Role.OPERATOR,
    Right.MAINTAIN: Role.OPERATOR,
    Right.OUT_OF_SERVICE: Role.ENGINEER,
    Right.FORCE: Role.ENGINEER,
    Right.ENGINEER: Role.ENGINEER,
    Right.TAG_OUT_ANY: Role.ADMINISTRATOR,
    Right.ADMINISTER: Role.ADMINISTRATOR,
}


class Denied(Exception):
    """An actor may not do what was asked; ``code`` for programs, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. ``name`` is what journal, alarms and audit show."""

    name: str
    role: Role
    #: names of the sites the rights are for; ("*",) = all
    sites: tuple[str, ...] = ("*",)
    #: where the request came from: an IP address, "cli", "demo"
    origin: str = ""
    #: reference of the session or token that stands behind it (not its secret); "" = none can expire
    session: str = ""

    def may(self, right: Right, site: str = "") -> bool:
        """Whether the role suffices, and the site (``""`` = the plant as a whole) is one of the actor's."""
        return self.role >= RIGHTS[right] and (not site or "*" in self.sites or site in self.sites)

    def check(self, right: Right, site: str = "") -> None:
        """Raises Denied where ``may`` is False."""
        if self.role < RIGHTS[right]:
            least = RIGHTS[right].word
            raise Denied("not-allowed", f"{self.name or 'this user'} is {self.role.word}; '{right}' needs {least}")
        if not self.may(right, site):
            raise Denied("not-your-site", f"{self.name} has no rights at site '{site}'")

    def to_json(self) -> dict[str, Any]:
        """As it goes over the command channel."""
        return asdict(self) | {"role": self.role.word, "sites": list(self.sites)}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Actor:
        """The inverse of ``to_json``. Raises KeyError, TypeError, ValueError for anything else."""
        return cls(
            str(row["name"]), Role.of(str(row["role"])), tuple(map(str, row["sites"])), str(row["origin"]),
            str(row["session"]),
        )  # fmt: skip
