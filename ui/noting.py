"""Lines of the audit trail, and of the journal, about what the pages were asked; written beside the request."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from flask import g, request

from tagdb import ChannelError
from tagdb.accounts import Standing
from tagdb.audit import AuditEntry
from ui.services import services
from ui.who import standing

__all__ = ["note", "tell_journal"]


def note(
    action: str,
    target: str = "",
    *,
    old: str = "",
    new: str = "",
    result: str = "done",
    by: Standing | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """One line. ``by``: who, where that is not who asks (a log-in makes somebody of nobody)."""
    here = services()
    if here.audit is None or here.accounts is None:
        return
    g.noted = True
    found = by or standing()
    who, role, session = ("", "", "") if found is None else (
        found.actor.name, found.actor.role.word, found.actor.session,
    )  # fmt: skip
    here.audit.note(
        AuditEntry(
            here.accounts.clock(), who, role, request.remote_addr or "", session, action, target=target, old=old,
            new=new, result=result, detail=detail or {},
        )
    )  # fmt: skip


def tell_journal(event: str, who: str) -> None:
    """The journal has log-ins too; without a runtime it has to do without."""
    with suppress(ChannelError):
        services().plant.channel.call("note-login", event=event, who=who, origin=request.remote_addr or "")
