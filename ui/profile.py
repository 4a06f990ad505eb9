"""REST of one's own account: password, second factor, sessions. Each change asks for the password once more."""

from __future__ import annotations

import io
from contextlib import suppress

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from tagdb.accounts import Denied, new_key, uri
from ui.account_rows import session_row
from ui.body import Body
from ui.encode import iso
from ui.login import known_accounts
from ui.noting import note
from ui.plant import NoRuntime
from ui.services import services
from ui.who import actor, standing

__all__ = ["blueprint"]

blueprint = Blueprint("profile", __name__)


@blueprint.get("/api/profile")
def profile() -> ResponseReturnValue:
    """Who I am, what I may, and where I am logged in."""
    accounts, me = known_accounts(), actor()
    person = accounts.users.find(me.name)
    least = accounts.settings.second_factor
    return jsonify(
        name=person.name,
        title=person.title,
        role=person.role.word,
        sites=list(person.sites),
        password_at=iso(person.password_at) if person.password_at else None,
        password_length=accounts.settings.password_length,
        second_factor=person.has_second_factor,
        second_factor_needed=least is not None and person.role >= least,
        recovery_codes_left=accounts.users.recovery_codes_left(me.name) if person.has_second_factor else None,
        sessions=[session_row(row, me.session) for row in accounts.sessions.open(me.name)],
    )


@blueprint.post("/api/profile/password")
def password() -> ResponseReturnValue:
    """Another password; all other sessions of mine end."""
    accounts, me = known_accounts(), actor()
    body = Body.read(request, {"old", "new"})
    accounts.logins.check_password(me.name, body.needed("old", 1000), me.origin)
    accounts.users.set_password(me.name, body.needed("new", 1000), me.session.partition(":")[2])
    note("user.password", me.name)
    return jsonify(name=me.name)


@blueprint.post("/api/profile/second-factor/new")
def new_factor() -> ResponseReturnValue:
    """A new key with its QR code; it counts when its first code comes back."""
    Body.read(request, set())
    key = new_key()
    issuer = "SCADA"
    with suppress(NoRuntime):  # a plant that is not running has no name
        issuer = services().plant.view().directory.title["en"]
    import segno  # which few ever need

    buffer = io.BytesIO()
    segno.make(uri(key, actor().name, issuer), error="m").save(buffer, kind="svg", scale=5, border=2, xmldecl=False)
    return jsonify(key=key, svg=buffer.getvalue().decode())


@blueprint.post("/api/profile/second-factor")
def take_factor() -> ResponseReturnValue:
    """The second factor is on; the answer has the recovery codes, this once."""
    accounts, me = known_accounts(), actor()
    body = Body.read(request, {"password", "key", "code"})
    accounts.logins.check_password(me.name, body.needed("password", 1000), me.origin)
    try:
        codes = accounts.users.set_second_factor(me.name, body.needed("key", 64), body.needed("code", 20))
    except ValueError:
        raise Denied("bad-code", "this key is none") from None
    note("user.second-factor", me.name, new="on")
    return jsonify(recovery_codes=codes)


@blueprint.post("/api/profile/second-factor/drop")
def drop_factor() -> ResponseReturnValue:
    """Back to the password alone, where the ini lets me."""
    accounts, me = known_accounts(), actor()
    password, least = Body.read(request, {"password"}).needed("password", 1000), accounts.settings.second_factor
    if least and me.role >= least:
        raise Denied("second-factor", f"{me.role.word}s need a second factor here: set up another one instead")
    accounts.logins.check_password(me.name, password, me.origin)
    accounts.users.drop_second_factor(me.name)
    note("user.second-factor", me.name, new="none")
    return jsonify(name=me.name)


@blueprint.post("/api/profile/sessions/<reference>/end")
def end_session(reference: str) -> ResponseReturnValue:
    """End one of my sessions."""
    Body.read(request, set())
    accounts, found = known_accounts(), standing()
    mine = {row.reference for row in accounts.sessions.open(actor().name)}
    if found is None or reference not in mine:
        raise Denied("unknown-session", "there is no such session of yours")
    accounts.sessions.end(reference, "ended by its user")
    note("session.end", reference)
    return jsonify(reference=reference)
