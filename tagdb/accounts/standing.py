"""What stands behind a request: the actor, and the session or token that says so, as of now."""

from __future__ import annotations

from dataclasses import dataclass

from tagdb.accounts.actor import Actor

__all__ = ["Standing"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Read anew for each request: rights that were taken away are gone at once."""

    actor: Actor
    #: "login", "screen", "demo", "token"
    kind: str
    #: reference of the session or token, as in ``actor.session``
    reference: str
    #: when the password was last given, Unix seconds; None where there is none to give
    authenticated_at: float | None
    #: Unix seconds; None = does not expire
    expires_at: float | None
    has_second_factor: bool = False
