"""Users, sessions and tokens as rows of JSON."""

from __future__ import annotations

from typing import Any

from tagdb.accounts import Person, SessionInfo, TokenInfo
from ui.encode import iso

__all__ = ["session_row", "token_row", "user_row"]


def user_row(person: Person) -> dict[str, Any]:
    """A user."""
    return {
        "name": person.name,
        "title": person.title,
        "role": person.role.word,
        "sites": list(person.sites),
        "password": person.has_password,
        "second_factor": person.has_second_factor,
        "created_at": iso(person.created_at),
        "seen_at": iso(person.seen_at),
        "disabled_at": iso(person.disabled_at),
    }


def session_row(info: SessionInfo, own: str = "") -> dict[str, Any]:
    """A session; ``own``: that of who asks."""
    return {
        "reference": info.reference,
        "kind": info.kind,
        "name": info.name,
        "role": info.role.word,
        "origin": info.origin,
        "agent": info.agent,
        "created_at": iso(info.created_at),
        "seen_at": iso(info.seen_at),
        "expires_at": iso(info.expires_at),
        "own": own.partition(":")[2] == info.reference,
    }


def token_row(info: TokenInfo) -> dict[str, Any]:
    """A token, without its secret."""
    return {
        "reference": info.reference,
        "name": info.name,
        "role": info.role.word,
        "sites": list(info.sites),
        "created_by": info.created_by,
        "created_at": iso(info.created_at),
        "expires_at": iso(info.expires_at),
        "seen_at": iso(info.seen_at),
        "ended_at": iso(info.ended_at),
    }
