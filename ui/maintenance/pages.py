"""The pages of maintenance: each is a frame in the chosen language; its module in ``static/js`` fills it."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

__all__ = ["blueprint"]

blueprint = Blueprint("maintenance", __name__)


@blueprint.get("/maintenance")
def fleet() -> ResponseReturnValue:
    """All engines: hours, next service, progress, forecast."""
    return render_template("maintenance/fleet.html", page="maintenance", section="fleet")
