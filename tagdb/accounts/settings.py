"""How accounts are kept and judged on one installation.

Stage: read from the ini by the runtime, handed to the pages as JSON; holds no secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tagdb.accounts.actor import Role

__all__ = ["AccountSettings"]


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """``[accounts]`` of the ini."""

    #: SQLite file of users, sessions and tokens
    file: Path
    #: SQLite file of the audit trail
    audit: Path
    #: the simulated plant: opens without a log-in, view-only, and lets anybody act as one of its users
    demo: bool = False
    #: a session that nobody uses ends after this time, seconds
    idle_s: float = 1800.0
    #: a session ends after this time however much it is used, seconds
    absolute_s: float = 43200.0
    #: failed log-ins of one name from one address before they wait
    failures: int = 5
    #: the first wait, seconds; it doubles with each further failure, up to an hour
    lock_s: float = 60.0
    #: shortest password, characters
    password_length: int = 12
    #: a command needs a password given within this time, seconds; 0 = the log-in suffices
    reauthenticate_s: float = 0.0
    #: users from this role up must have a second factor; None = as they like
    second_factor: Role | None = None

    def to_json(self) -> dict[str, Any]:
        """As the pages get it on their command line."""
        second = self.second_factor.word if self.second_factor else ""
        return asdict(self) | {"file": str(self.file), "audit": str(self.audit), "second_factor": second}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> AccountSettings:
        """The inverse of ``to_json``. Raises KeyError, TypeError for anything else."""
        second = Role.of(row["second_factor"]) if row.get("second_factor") else None
        files = {"file": Path(row["file"]), "audit": Path(row["audit"])}
        return cls(**{**row, **files, "second_factor": second})
