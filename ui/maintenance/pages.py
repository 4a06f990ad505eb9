"""The pages of maintenance: each is a frame in the chosen language; its module in ``static/js`` fills it."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, render_template
from flask.typing import ResponseReturnValue

__all__ = ["blueprint"]

blueprint = Blueprint("maintenance", __name__)


@blueprint.get("/maintenance")
def fleet() -> ResponseReturnValue:
    """All engines: hours, next service, progress, forecast."""
    return render_template("maintenance/fleet.html", page="maintenance", section="fleet")


@blueprint.get("/maintenance/calendar")
def calendar() -> ResponseReturnValue:
    """What was done and what is expected, month by month."""
    return render_template("maintenance/calendar.html", page="maintenance", section="calendar")


@blueprint.get("/maintenance/devices/<device>")
def device(device: str) -> ResponseReturnValue:
    """One engine: levels, log, meter."""
    return render_template("maintenance/device.html", page="maintenance", section="fleet", device=device)


@blueprint.get("/maintenance/programmes")
def programmes() -> ResponseReturnValue:
    """All programmes."""
    return render_template("maintenance/programmes.html", page="maintenance", section="programmes")


@blueprint.get("/maintenance/programmes/<programme>")
def programme(programme: str) -> ResponseReturnValue:
    """The editor of one programme."""
    return render_template("maintenance/programme.html", page="maintenance", section="programmes", programme=programme)


@blueprint.get("/maintenance/services/worker.js")
def worker() -> Response:
    """The checklists' service worker: it may see the pages below the folder that it is served from, and no others."""
    response = current_app.send_static_file("js/maintenance/worker.js")
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/maintenance/services/<service>")
def service(service: str) -> ResponseReturnValue:
    """The checklist of one service."""
    return render_template("maintenance/service.html", page="maintenance", section="fleet", service=service)
