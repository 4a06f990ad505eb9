"""One line of the audit trail, and what takes it.

Stage: made where something was asked of the plant or of the accounts, by the pages or by the runtime.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

__all__ = ["AuditEntry", "Auditor"]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who, when, from where, what, old and new value, result."""

    #: Unix seconds UTC
    time: float
    who: str
    #: role's word at that moment, "" where nobody is logged in
    role: str
    #: IP address, "cli", "demo"
    origin: str
    #: reference of the session or token, never its secret
    session: str
    #: "login", "command.operate", "alarm.acknowledge", "force", "tag-out", "user.create", "config.reload", ...
    action: str
    site: str = ""
    #: device, tag, alarm, user: whatever it was done to
    target: str = ""
    old: str = ""
    new: str = ""
    #: "done", "refused", "failed", "unknown"
    result: str = "done"
    #: whatever else helps to understand it; plain JSON, no secrets
    detail: Mapping[str, Any] = field(default_factory=dict)


class Auditor(Protocol):
    """Takes entries in the order of their calls; safe from any thread. Never raises, never waits for long."""

    def note(self, entry: AuditEntry) -> None:
        """Write one line."""
