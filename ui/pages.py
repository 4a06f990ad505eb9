"""The pages: each is a frame in the chosen language; its module in ``static/js`` fills it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tagdb import VERSION
from ui.api import find_tag
from ui.commands import known_device
from ui.language import Language, page_language, say, texts
from ui.plant import NoRuntime
from ui.services import services
from ui.who import csrf_token, page_rights, standing

__all__ = ["blueprint"]

blueprint = Blueprint("pages", __name__)


@blueprint.app_context_processor
def frame() -> dict[str, Any]:
    """What every page needs."""
    language = page_language(request)
    title, demo = "", bool(current_app.config["DEMO"])
    with suppress(NoRuntime):  # the page opens all the same, and says so
        known = services().plant.view().directory
        title, demo = known.title[language], demo or known.demo
    return {
        "language": language,
        "languages": list(Language),
        "t": lambda key, **parts: say(language, key, **parts),
        "texts": texts(language),
        "plant_title": title,
        "demo": demo,
        "version": VERSION,
        "who": _who(),
        "csrf": csrf_token(),
    }


def _who() -> dict[str, Any] | None:
    """Whoever looks at the page; None = nobody who may."""
    found = standing()
    if found is None:
        return None
    actor = found.actor
    rights = [str(right) for right in page_rights()]
    return {"name": actor.name, "role": actor.role.word, "kind": found.kind, "rights": rights,
            "demo": found.kind in ("demo", "visitor")}  # fmt: skip


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """The tag browser."""
    return render_template("tags.html", page="tags")


@blueprint.get("/tags")
def tags() -> ResponseReturnValue:
    """The tag browser, by its other name."""
    query = request.query_string.decode("ascii", "replace")
    return redirect(url_for("pages.home") + (f"?{query}" if query else ""))


@blueprint.get("/tags/<name>")
def tag(name: str) -> ResponseReturnValue:
    """One tag."""
    with suppress(NoRuntime):  # its page shows that there is no runtime
        find_tag(services().plant.view(), name)
    return render_template("tag.html", page="tags", name=name)


@blueprint.get("/trends")
def trends() -> ResponseReturnValue:
    """Tags over time."""
    return render_template("trends.html", page="trends", history=services().past.configured)


@blueprint.get("/reports")
def reports() -> ResponseReturnValue:
    """Shift, day and month reports."""
    return render_template("reports.html", page="reports", made=services().reports is not None)


@blueprint.get("/devices/<name>")
def device(name: str) -> ResponseReturnValue:
    """One controller with its control panel."""
    with suppress(NoRuntime):  # its page shows that there is no runtime
        known_device(name)
    return render_template("device.html", page="devices", name=name)


@blueprint.get("/devices")
def devices() -> ResponseReturnValue:
    """Controllers and links."""
    return render_template("devices.html", page="devices")


@blueprint.get("/alarms")
def alarms() -> ResponseReturnValue:
    """Alarms: open, shelved, past, and their health."""
    return render_template("alarms.html", page="alarms")


@blueprint.get("/journal")
def journal() -> ResponseReturnValue:
    """The journal."""
    return render_template("journal.html", page="journal")


@blueprint.get("/runtime")
def runtime() -> ResponseReturnValue:
    """The scan's statistics."""
    return render_template("runtime.html", page="runtime", tab="runtime")


@blueprint.get("/rules")
def rules() -> ResponseReturnValue:
    """The rules: state, cost, faults."""
    return render_template("rules.html", page="runtime", tab="rules")
