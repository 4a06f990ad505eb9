"""The gate of the runtime: an order is carried out for somebody who still stands behind it, and may.

Stage: the pages have checked already; the runtime reads session or token and user anew, in its own process, so that an
order is refused whatever happened to them in between, and whatever the pages believe.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tagdb.accounts.accounts import Accounts
from tagdb.accounts.actor import Actor, Denied, Right
from tagdb.accounts.database import ERRORS
from tagdb.accounts.standing import Standing

__all__ = ["Gate", "authenticated_enough"]

#: rights whose use moves something in the plant: for these a fresh password may be asked
_HANDS = (Right.COMMAND, Right.FORCE)


class Gate:
    """Any thread; some tenths of a millisecond a check."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def check(self, actor: Mapping[str, Any], right: Right, site: str = "") -> Actor:
        """Who asks, with the rights as they are now; role and sites that the caller told count for nothing.

        Args:
            actor: as ``Actor.to_json`` made it.
            site: "" = the plant as a whole.

        Raises:
            Denied: ``bad-actor``, ``no-session``, ``session-expired``, ``session-ended``, ``token-...``,
                ``not-allowed``, ``not-your-site``, ``second-factor``, ``reauthenticate``, ``accounts-unavailable``.
        """
        try:
            told = Actor.from_json(actor)
        except (KeyError, TypeError, ValueError):
            raise Denied("bad-actor", "this is not an actor") from None
        try:
            standing = self._accounts.standing(told.session, told.origin)
        except ERRORS as error:
            # Nobody known means nobody allowed.
            raise Denied("accounts-unavailable", f"the accounts cannot be read: {error}") from None
        standing.actor.check(right, site)
        authenticated_enough(standing, right, self._accounts)
        return standing.actor


def authenticated_enough(standing: Standing, right: Right, accounts: Accounts) -> None:
    """Raises Denied where the ini asks for more than a log-in.

    ``second-factor``: the role must have one, and the user has not set it up yet; looking is free.
    ``reauthenticate``: a command needs a password given lately, and it was not.
    """
    least = accounts.settings.second_factor
    bound = least and right is not Right.VIEW and standing.kind == "login" and standing.actor.role >= least
    if bound and not standing.has_second_factor:
        raise Denied("second-factor", f"{standing.actor.role.word}s need a second factor here: set it up first")
    within_s = accounts.settings.reauthenticate_s
    if not within_s or right not in _HANDS or standing.kind == "demo":
        return
    if standing.authenticated_at is None:
        raise Denied("reauthenticate", "commands need a person who has just given the password; a token has none")
    # Both ways: a clock that was set back must not lengthen it.
    if abs(accounts.clock() - standing.authenticated_at) > within_s:
        raise Denied("reauthenticate", f"commands need the password, given within the last {within_s:g} s")
