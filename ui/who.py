"""Who is behind the current request: found once, before the view, and the same for all of it."""

from __future__ import annotations

from flask import Request, current_app, g, request

from tagdb.accounts import ERRORS, Accounts, Actor, Denied, Right, Role, Standing, authenticated_enough, bound
from ui.peer import is_loopback
from ui.services import services

__all__ = [
    "actor", "cookie_name", "csrf_token", "find_standing", "lacks_factor", "page_rights", "session_secret", "standing",
]  # fmt: skip

#: whom a visitor of the demo plant looks at it as
VISITOR = Standing(Actor("visitor", Role.VIEWER, ("*",), "demo"), "visitor", "", None, None)


def standing() -> Standing | None:
    """None = nobody is known."""
    found: Standing | None = g.get("standing")
    return found


def actor() -> Actor:
    """Who asks; for views that the guard has let through. Raises Denied where nobody is known."""
    found = standing()
    if found is None:
        raise Denied("no-session", "nobody is logged in here")
    return found.actor


def find_standing(asked: Request, accounts: Accounts | None) -> Standing | None:
    """By token, then by cookie; in a demo whoever looks at it from this machine. Raises Denied for a token or session
    that is not in force, and where the accounts cannot be read."""
    if accounts is None:
        raise Denied("no-accounts", "this program was started without accounts: nobody may do anything")
    try:
        scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token:
            return accounts.tokens.find(token.strip(), _origin(asked))
        if secret := session_secret(asked):
            return accounts.sessions.find(secret, _origin(asked))
    except ERRORS as error:
        current_app.logger.error("accounts: %s", error)
        raise Denied("accounts-unavailable", "the accounts cannot be read just now") from None
    return VISITOR if accounts.settings.demo else None


def demo_from_here(asked: Request) -> bool:
    """Whether this machine asks under a name of this machine: no page elsewhere can make its own name mean this one."""
    return is_loopback(asked.host) and is_loopback(asked.remote_addr or "")


def session_secret(asked: Request) -> str:
    """The secret in the cookie; "" = none."""
    return asked.cookies.get(cookie_name(asked), "")


def cookie_name(asked: Request) -> str:
    """``__Host-`` binds it to this very host over TLS (RFC 6265bis, 4.1.3.2). Cookies do not know ports, so without TLS
    the port is part of the name: two plants on one machine."""
    if asked.is_secure:
        return "__Host-scada"
    return f"scada_{asked.host.rpartition(':')[2] if ':' in asked.host else '80'}"


def csrf_token() -> str:
    """What a page sends back with each change: only a page of ours can know it, since it is made of the secret that no
    script can read."""
    secret = session_secret(request)
    return bound("csrf", secret) if secret else ""


def page_rights() -> list[Right]:
    """What the page may offer; what is done is checked again, each time."""
    found = standing()
    if found is None:
        return []
    return [right for right in Right if found.actor.may(right) and not (right is not Right.VIEW and lacks_factor())]


def lacks_factor() -> bool:
    """Whether who asks may only look until the second factor is set up, which is a duty here for that role."""
    found, accounts = standing(), services().accounts
    if found is None or accounts is None:
        return False
    try:
        authenticated_enough(found, Right.TAG_OUT, accounts)
    except Denied:
        return True
    return False


def _origin(asked: Request) -> str:
    return asked.remote_addr or ""


def demo_accounts() -> Accounts | None:
    """Those of a demo; None for a real plant."""
    accounts = services().accounts
    return accounts if accounts is not None and accounts.settings.demo else None
