"""REST of the administrator: users, sessions of everybody, API tokens, screens."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from tagdb.accounts import Denied, Purpose
from ui.account_rows import session_row, token_row, user_row
from ui.body import Body, bad
from ui.login import known_accounts
from ui.noting import note
from ui.plant import NoRuntime
from ui.services import services
from ui.who import actor

__all__ = ["blueprint"]

blueprint = Blueprint("users", __name__)

_LONGEST_TOKEN_D = 3650


@blueprint.get("/api/users")
def users() -> ResponseReturnValue:
    """All users, by name, and the sites that rights can be limited to."""
    known = known_accounts()
    return jsonify(users=[user_row(person) for person in known.users.all()], sites=_sites())


@blueprint.post("/api/users")
def add() -> ResponseReturnValue:
    """A new user; the answer has the link by which they choose their password."""
    accounts = known_accounts()
    body = Body.read(request, {"name", "title", "role", "sites"})
    sites = _checked(body.names("sites"))
    person = accounts.users.add(body.needed("name", 100), body.role("role"), sites, body.text("title", 100))
    note("user.create", person.name, new=person.rights)
    secret = accounts.links.create(Purpose.PASSWORD, person.name, actor().name)
    return jsonify(user=user_row(person), link=f"/setup#{secret}"), 201


@blueprint.post("/api/users/<name>")
def change(name: str) -> ResponseReturnValue:
    """Role, sites, full name, disabled: what is given."""
    accounts = known_accounts()
    body = Body.read(request, {"title", "role", "sites", "disabled"})
    changes: dict[str, Any] = {}
    if body.has("role"):
        changes["role"] = body.role("role")
    if body.has("sites"):
        changes["sites"] = _checked(body.names("sites"))
    if body.has("title"):
        changes["title"] = body.text("title", 100)
    if body.has("disabled"):
        changes["disabled"] = body.flag("disabled")
    before = accounts.users.find(name)
    after = accounts.users.change(name, **changes)
    note("user.change", after.name, old=before.rights, new=after.rights)
    return jsonify(user=user_row(after))


@blueprint.post("/api/users/<name>/link")
def link(name: str) -> ResponseReturnValue:
    """A link by which the user chooses another password; earlier ones stop working."""
    Body.read(request, set())
    secret = known_accounts().links.create(Purpose.PASSWORD, name, actor().name)
    note("user.link", known_accounts().users.find(name).name)
    return jsonify(link=f"/setup#{secret}")


@blueprint.post("/api/users/<name>/second-factor/drop")
def drop_factor(name: str) -> ResponseReturnValue:
    """For a user who has lost it."""
    Body.read(request, set())
    before = known_accounts().users.find(name)
    known_accounts().users.drop_second_factor(name)
    note("user.second-factor", before.name, old="on" if before.has_second_factor else "none", new="none")
    return jsonify(name=name)


@blueprint.get("/api/sessions")
def sessions() -> ResponseReturnValue:
    """All sessions in force, the last used first."""
    return jsonify(sessions=[session_row(row, actor().session) for row in known_accounts().sessions.open()])


@blueprint.post("/api/sessions/<reference>/end")
def end_session(reference: str) -> ResponseReturnValue:
    """End anybody's session at once, with its live feeds."""
    Body.read(request, set())
    whose = next((row.name for row in known_accounts().sessions.open() if row.reference == reference), "")
    if not known_accounts().sessions.end(reference, f"ended by {actor().name}"):
        raise Denied("unknown-session", f"there is no session '{reference}' in force")
    note("session.end", reference, old=whose)
    return jsonify(reference=reference)


@blueprint.get("/api/tokens")
def tokens() -> ResponseReturnValue:
    """All API tokens; never their secrets."""
    return jsonify(tokens=[token_row(row) for row in known_accounts().tokens.all()], sites=_sites())


@blueprint.post("/api/tokens")
def create_token() -> ResponseReturnValue:
    """A new token, told this once."""
    body = Body.read(request, {"name", "role", "sites", "days"})
    days = body.body.get("days")
    if days is not None and (type(days) is not int or not 0 < days <= _LONGEST_TOKEN_D):
        raise bad(f"'days' must be a whole number from 1 to {_LONGEST_TOKEN_D}, or null for no end")
    secret, info = known_accounts().tokens.create(
        body.needed("name", 80), body.role("role"), actor().name, None if days is None else days * 86400.0,
        _checked(body.names("sites")),
    )  # fmt: skip
    note("token.create", info.reference, new=info.rights)
    return jsonify(token=token_row(info), secret=secret), 201


@blueprint.post("/api/tokens/<reference>/end")
def end_token(reference: str) -> ResponseReturnValue:
    """Revoke a token."""
    Body.read(request, set())
    ended = known_accounts().tokens.end(reference)
    if ended is None:
        raise Denied("unknown-token", f"there is no token '{reference}' in force")
    note("token.revoke", reference, old=ended.rights)
    return jsonify(reference=reference)


@blueprint.post("/api/screens")
def screen() -> ResponseReturnValue:
    """A link that makes the browser that opens it a screen: it may look, for a year, and nothing else."""
    name = Body.read(request, {"name"}).needed("name", 80)
    secret = known_accounts().links.create(Purpose.SCREEN, name, actor().name)
    note("screen.link", name)
    return jsonify(link=f"/setup#{secret}"), 201


def _sites() -> list[dict[str, Any]]:
    with suppress(NoRuntime):
        known = services().plant.view().directory
        return [{"name": site.name, "title": site.title} for site in known.sites]
    return []


def _checked(names: list[str]) -> list[str]:
    """A site that does not exist is a mistake that nobody would notice; without a runtime it cannot be told."""
    known = {site["name"] for site in _sites()}
    for name in names:
        if known and name != "*" and name not in known:
            raise bad(f"there is no site '{name}'; known: {', '.join(sorted(known))}")
    return names
