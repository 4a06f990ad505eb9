"""The pages of accounts: log-in, one-time links, profile, and the administrator's."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ui.who import standing

__all__ = ["blueprint"]

blueprint = Blueprint("account_pages", __name__)


@blueprint.get("/login")
def login() -> ResponseReturnValue:
    """Name and password; who is logged in already goes on."""
    found = standing()
    if found is not None and found.kind == "login":
        return redirect(url_for("pages.home"))
    return render_template("login.html", page="login", next=_inside(request.args.get("next", "")))


@blueprint.get("/setup")
def setup() -> ResponseReturnValue:
    """Where one-time links lead; the secret stands behind # and never reaches a server's log."""
    return render_template("setup.html", page="setup")


@blueprint.get("/profile")
def profile() -> ResponseReturnValue:
    """One's own account."""
    return render_template("profile.html", page="profile")


@blueprint.get("/users")
def users() -> ResponseReturnValue:
    """Users."""
    return render_template("users.html", page="users")


@blueprint.get("/sessions")
def sessions() -> ResponseReturnValue:
    """Everybody's sessions."""
    return render_template("sessions.html", page="sessions")


@blueprint.get("/tokens")
def tokens() -> ResponseReturnValue:
    """API tokens and screens."""
    return render_template("tokens.html", page="tokens")


@blueprint.get("/audit")
def audit() -> ResponseReturnValue:
    """The audit trail."""
    return render_template("audit.html", page="audit")


def _inside(target: str) -> str:
    """Only a path of this server: a link with another one would lead people away after they have logged in."""
    safe = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return target if safe else "/"
