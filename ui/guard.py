"""The guard before every view: who asks, from where, how often, and whether the table of access lets them.

Sources: OWASP ASVS 4.0.3, chapters 3 (sessions), 4 (access control), 13 (API); IEC 62443-4-2, FR 1 and FR 2.
"""

from __future__ import annotations

import hmac
import math
import time
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from flask import Flask, Request, Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from tagdb.accounts import Denied, Right, Standing, authenticated_enough
from ui.access import ACCESS, ACTIONS, AUDITED, Open
from ui.errors import ApiError
from ui.noting import note
from ui.pace import Pace
from ui.services import services
from ui.who import csrf_token, demo_from_here, find_standing, standing

__all__ = ["register_guard", "same_origin"]

#: requests a second that an address may make in the long run, and at once; a page with its pieces is about thirty
_RATE, _BURST = 100.0, 2000
#: the same for changes
_CHANGE_RATE, _CHANGE_BURST = 10.0, 300
_SAFE = ("GET", "HEAD", "OPTIONS")
#: blueprints that the runtime has no part in
_PAGES_OWN = ("login", "profile", "users")
#: what the runtime answers when it does not answer
_AWAY = ("no-runtime", "scan-stuck", "timeout")
#: kinds of standing that come by themselves with a request, so that a foreign page could use them
_AMBIENT = ("login", "demo", "screen")


def register_guard(app: Flask) -> None:
    """Put it before all views of the application."""
    requests, changes = (Pace(rate, burst, time.monotonic) for rate, burst in
                         ((_RATE, _BURST), (_CHANGE_RATE, _CHANGE_BURST)))  # fmt: skip

    app.after_request(_audit)

    @app.before_request
    def guard() -> ResponseReturnValue | None:
        if request.endpoint == "static":
            return None
        _pace(requests, changes)
        _check_host()
        refusal = _identify()
        if request.endpoint is None:
            return None  # there is no such route: nothing to protect
        if request.method not in _SAFE:
            _check_change(standing())
        answer = _check_access(request.endpoint, refusal)
        g.admitted = answer is None
        return answer


def _audit(response: Response) -> Response:
    """A change that nobody else writes down: which, by whom, and whether it was done; and every attempt that was
    turned away here or by a view before anybody wrote it down."""
    if request.method in _SAFE or request.endpoint not in ACCESS or standing() is None or g.get("noted", False):
        return response
    status, code = response.status_code, g.get("error_code", "")
    if request.blueprint in AUDITED:
        # What was admitted to these is written down by the runtime, if it was there, or is a step of a log-in.
        asked = g.get("admitted", False) and request.blueprint not in _PAGES_OWN and code not in _AWAY
        if status < 400 or asked or code in ("code-needed", "too-many-requests"):
            return response
    result = "done" if status < 400 else "failed" if code in _AWAY else "refused"
    endpoint = str(request.endpoint)
    action = ACTIONS.get(endpoint, endpoint)
    parts = request.view_args or {}
    target = str(parts.get("name") or parts.get("reference") or request.path)[:200]
    detail = {"status": status, "code": code} | ({"command": parts["command"]} if "command" in parts else {})
    note(action, target, result=result, detail=detail)
    return response


def same_origin() -> bool:
    """Whether the page that asks came from here; programs that are no browser send no Origin."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    parts = urlsplit(origin)
    return parts.netloc == request.host and (parts.scheme == "https" or not request.is_secure)


def _pace(requests: Pace, changes: Pace) -> None:
    key = request.remote_addr or ""
    wait_s = requests.wait_s(key)
    if not wait_s and request.method not in _SAFE:
        wait_s = changes.wait_s(key)
    if wait_s:
        message = f"too many requests: the next one in {math.ceil(wait_s)} s"
        raise ApiError(HTTPStatus.TOO_MANY_REQUESTS, "too-many-requests", message)


def _check_host() -> None:
    """A demo asks for no password, so only this machine may ask, under a name that is its own (DNS rebinding)."""
    accounts = services().accounts
    if accounts is not None and accounts.settings.demo and not demo_from_here(request):
        raise ApiError(HTTPStatus.FORBIDDEN, "not-here", "a demo is open to this machine alone")


def _identify() -> Denied | None:
    """Find out who asks; why it is nobody."""
    accounts = services().accounts
    try:
        g.standing = found = find_standing(request, accounts)
    except Denied as denied:
        g.standing = None
        return denied
    if accounts and found and found.kind in ("login", "demo") and _is_use(request):
        accounts.sessions.touch(found.reference.partition(":")[2])
    return None


def _is_use(asked: Request) -> bool:
    """Pages that are opened and changes are use; what an open page fetches by itself is not."""
    return asked.method not in _SAFE or not asked.path.startswith(("/api/", "/ws/", "/metrics", "/healthz"))


def _check_change(found: Standing | None) -> None:
    """A change comes from a page of ours: by its origin, and by a token that only such a page has."""
    if not same_origin():
        raise ApiError(HTTPStatus.FORBIDDEN, "foreign-origin", "a page of another site may not command this plant")
    if found is None or found.kind not in _AMBIENT or ACCESS.get(str(request.endpoint)) is Open.PUBLIC:
        return
    if not hmac.compare_digest(request.headers.get("X-CSRF-Token", "").encode(), csrf_token().encode()):
        message = "the header X-CSRF-Token is missing or not that of this session: load the page anew"
        raise ApiError(HTTPStatus.FORBIDDEN, "bad-csrf-token", message)


def _check_access(endpoint: str, refusal: Denied | None) -> ResponseReturnValue | None:
    need = ACCESS.get(endpoint)
    if need is None:
        raise ApiError(HTTPStatus.FORBIDDEN, "no-rule", f"nobody has said who may use '{endpoint}'")
    if need is Open.PUBLIC:
        return None
    found = standing()
    if found is None:
        if _is_page(request):
            return redirect(url_for("account_pages.login") + f"?next={quote(request.full_path.rstrip('?'))}")
        raise refusal or Denied("no-session", "nobody is logged in here")
    if isinstance(need, Right):
        _allow(found, need)
    elif found.kind != "login":
        raise Denied("not-allowed", "only a person who has logged in has a profile")
    return None


def _allow(found: Standing, right: Right) -> None:
    """Raises Denied. The runtime checks orders once more, with the site they are for."""
    found.actor.check(right)
    accounts = services().accounts
    if accounts is not None:
        authenticated_enough(found, right, accounts)


def _is_page(asked: Request) -> bool:
    return asked.method == "GET" and not asked.path.startswith(("/api/", "/ws/", "/metrics", "/healthz"))
