"""REST of logging in and out: sessions begin and end here, each with a cookie that no script can read."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from tagdb.accounts import DEMO_USERS, Accounts, Denied, Purpose, Standing
from ui.body import Body
from ui.errors import ApiError
from ui.noting import note, tell_journal
from ui.services import services
from ui.who import cookie_name, demo_accounts, page_rights, session_secret, standing

__all__ = ["blueprint", "known_accounts"]

blueprint = Blueprint("login", __name__)

_SECRET = 200


@blueprint.post("/api/login")
def log_in() -> ResponseReturnValue:
    """Name, password and, where the user has a second factor, its code; the answer sets the cookie."""
    accounts = known_accounts()
    body = Body.read(request, {"name", "password", "code"})
    name, password, code = body.needed("name", 100), body.needed("password", 1000), body.text("code", 40)
    try:
        secret, found = accounts.logins.log_in(name, password, code, request.remote_addr or "", _agent())
    except Denied as denied:
        if denied.code != "code-needed":
            # What nobody is called may be a password in the wrong field: it is not written down.
            known = name.strip() if _exists(accounts, name) else "unknown user"
            note("login", known, result="refused", detail={"reason": denied.code})
            tell_journal("log-in-refused", known)
        raise
    _end_old(accounts, "another log-in")
    note("login", found.actor.name, by=found)
    tell_journal("log-in", found.actor.name)
    return _begun(secret, found)


@blueprint.post("/api/login/again")
def again() -> ResponseReturnValue:
    """The password once more, before commands that ask for it."""
    accounts, found = known_accounts(), standing()
    body = Body.read(request, {"password", "code"})
    if found is None:
        raise Denied("no-session", "nobody is logged in here")
    try:
        accounts.logins.log_in_again(
            found, body.needed("password", 1000), body.text("code", 40), request.remote_addr or ""
        )
    except Denied as denied:
        if denied.code != "code-needed":
            note("login.again", found.actor.name, result="refused", detail={"reason": denied.code})
        raise
    note("login.again", found.actor.name)
    return jsonify(name=found.actor.name)


@blueprint.post("/api/logout")
def log_out() -> ResponseReturnValue:
    """The session ends here and everywhere it is open."""
    accounts, found = known_accounts(), standing()
    Body.read(request, set())
    if found is not None and found.kind in ("login", "demo", "screen"):
        accounts.sessions.end(found.reference.partition(":")[2], "log-out")
        note("logout", found.actor.name)
        tell_journal("log-out", found.actor.name)
    response = jsonify(name=None)
    response.delete_cookie(cookie_name(request), secure=request.is_secure, httponly=True, samesite="Strict")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@blueprint.post("/api/demo/act")
def act() -> ResponseReturnValue:
    """In a demo alone: act as its operator, engineer or administrator, or look on as a visitor."""
    accounts = demo_accounts()
    if accounts is None:
        raise ApiError(HTTPStatus.NOT_FOUND, "no-demo", "this is no demo: log in")
    role = Body.read(request, {"role"}).needed("role", 20)
    if role not in (*DEMO_USERS, "viewer"):
        raise ApiError(HTTPStatus.BAD_REQUEST, "bad-order", f"'role' must be one of viewer, {', '.join(DEMO_USERS)}")
    _end_old(accounts, "another role")
    if role == "viewer":
        response = jsonify(name="visitor", role="viewer")
        response.delete_cookie(cookie_name(request), httponly=True, samesite="Strict")
        return response
    secret, found = accounts.sessions.begin(role, request.remote_addr or "", _agent(), "demo")
    note("demo.act", role, by=found)
    tell_journal("log-in", role)
    return _begun(secret, found)


@blueprint.post("/api/session/active")
def active() -> ResponseReturnValue:
    """Somebody moves mouse or keys on an open page: the guard has noted it."""
    Body.read(request, set())
    return jsonify(name=_name())


@blueprint.get("/api/session")
def who() -> ResponseReturnValue:
    """Who is logged in here, and what they may."""
    found = standing()
    if found is None:
        raise Denied("no-session", "nobody is logged in here")
    actor = found.actor
    rights = page_rights()
    return jsonify(name=actor.name, role=actor.role.word, sites=list(actor.sites), kind=found.kind, rights=rights)


@blueprint.post("/api/link")
def link() -> ResponseReturnValue:
    """What a one-time link is for, without using it."""
    accounts = known_accounts()
    info = accounts.links.look(Body.read(request, {"link"}).needed("link", _SECRET))
    return jsonify(purpose=info.purpose, name=info.name, password_length=accounts.settings.password_length)


@blueprint.post("/api/link/use")
def use_link() -> ResponseReturnValue:
    """Use a one-time link: become the first administrator, choose a password, or make this browser a screen."""
    accounts = known_accounts()
    body = Body.read(request, {"link", "name", "password"})
    secret = body.needed("link", _SECRET)
    info = accounts.links.look(secret)
    if info.purpose is Purpose.SCREEN:
        accounts.links.use(secret)
        _end_old(accounts, "another log-in")
        made, found = accounts.sessions.begin_screen(info.name, request.remote_addr or "", _agent())
        note("screen.begin", info.name, by=found)
        return _begun(made, found, lasts=True)
    password = body.needed("password", 1000)
    name = accounts.finish_link(secret, body.text("name", 100), password)
    note("user.first" if info.purpose is Purpose.FIRST else "user.password", name, detail={"link by": info.created_by})
    return jsonify(name=name)


def known_accounts() -> Accounts:
    """Raises ApiError 503 where the program has none."""
    accounts = services().accounts
    if accounts is None:
        raise ApiError(HTTPStatus.SERVICE_UNAVAILABLE, "no-accounts", "this program was started without accounts")
    return accounts


def _begun(secret: str, found: Standing, lasts: bool = False) -> Response:
    """The secret in a cookie that scripts cannot read and other sites' pages do not send."""
    response = jsonify(name=found.actor.name, role=found.actor.role.word)
    age = int((found.expires_at or 0) - known_accounts().clock()) if lasts else None
    response.set_cookie(
        cookie_name(request), secret, max_age=age, path="/", secure=request.is_secure, httponly=True, samesite="Strict"
    )
    return response


def _end_old(accounts: Accounts, why: str) -> None:
    """What the browser had before is over: a session never goes on under another name (session fixation)."""
    if not (secret := session_secret(request)):
        return
    try:
        old = accounts.sessions.find(secret)
    except Denied:
        return
    accounts.sessions.end(old.reference.partition(":")[2], why)


def _exists(accounts: Accounts, name: str) -> bool:
    try:
        accounts.users.find(name)
    except Denied:
        return False
    return True


def _agent() -> str:
    return request.headers.get("User-Agent", "")


def _name() -> str:
    found = standing()
    return found.actor.name if found else ""
