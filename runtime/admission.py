"""Who may give the runtime orders: asked of the accounts in this process, and every order in the audit trail.

Stage: between the command channel and what carries orders out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tagdb.accounts import Actor, Denied, Gate, Right
from tagdb.audit import AuditEntry, Auditor

__all__ = ["Admission"]


class Admission:
    """Any thread."""

    def __init__(self, gate: Gate, auditor: Auditor, wall_time: Callable[[], float]) -> None:
        self._gate = gate
        self._auditor = auditor
        self._wall_time = wall_time

    def admit(self, actor: Mapping[str, Any], right: Right, action: str, site: str = "", target: str = "") -> Actor:
        """Who gives an order, as the accounts know them now. A refusal is noted. Raises Denied."""
        try:
            return self._gate.check(actor, right, site)
        except Denied as denied:
            told = {name: str(actor.get(name, "")) for name in ("name", "role", "origin", "session")}
            self._auditor.note(
                AuditEntry(
                    self._wall_time(), told["name"], told["role"], told["origin"], told["session"], action, site,
                    target, result="refused", detail={"reason": denied.code},
                )
            )  # fmt: skip
            raise

    def note(
        self,
        actor: Actor,
        action: str,
        target: str,
        *,
        site: str = "",
        old: str = "",
        new: str = "",
        result: str = "done",
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """What became of an order."""
        self._auditor.note(
            AuditEntry(
                self._wall_time(), actor.name, actor.role.word, actor.origin, actor.session, action, site, target, old,
                new, result, detail or {},
            )
        )  # fmt: skip

    def note_own(self, action: str, target: str, *, new: str = "", result: str = "done", detail: Any = None) -> None:
        """What happened without anybody's order through the channel: a file was changed, a signal came."""
        self._auditor.note(
            AuditEntry(
                self._wall_time(), "", "", "machine", "", action, target=target, new=new, result=result,
                detail=detail or {},
            )
        )  # fmt: skip
