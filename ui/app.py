"""The Flask application put together: services, blueprints, errors and security headers."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response, request

from reports import ReportSettings
from tagdb.accounts import Accounts
from tagdb.audit import AuditTrail
from ui import (
    account_pages,
    alarm_orders,
    alarms,
    api,
    audit,
    commands,
    devices,
    journal,
    locks,
    login,
    metrics,
    openapi,
    pages,
    profile,
    recorded,
    recorded_files,
    report_files,
    rules,
    runtime_state,
    users,
)
from ui.alarm_feed import AlarmFeed
from ui.alarm_list import AlarmList
from ui.errors import register_errors
from ui.feed import Feed
from ui.guard import register_guard
from ui.json_form import JsonForm
from ui.live import register_live
from ui.maintenance import BLUEPRINTS, install_room
from ui.memory import Memory
from ui.past import Past
from ui.plant import Plant
from ui.services import Services

__all__ = ["create_app"]

#: everything comes from this server, and no script or style stands in a page
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_PLANT = (
    pages, api, devices, commands, locks, alarms, alarm_orders, journal, recorded, recorded_files, rules, runtime_state,
    metrics, openapi, report_files,
)  # fmt: skip
_ACCOUNTS = (account_pages, login, profile, users, audit)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def create_app(
    run_dir: Path,
    language: str = "ru",
    demo: bool = False,
    history: str = "",
    photos: Path | None = None,
    accounts: Accounts | None = None,
    reports: ReportSettings | None = None,
) -> Flask:
    """The UI over the run-time files in ``run_dir``. The feed stands still until ``feed.start()`` or ``feed.step()``.

    ``language``: of pages before a user chooses one. ``demo``: mark every page, whatever the directory says.
    ``history``: URL of the journal, the past alarms and maintenance; "" = there is none. ``photos``: folder of the
    photos of maintenance; None = none are taken. ``accounts``: who may; None = nobody. ``reports``: None = none are
    made.
    """
    app = Flask(__name__)
    app.config.update(LANGUAGE=language, DEMO=demo, MAX_CONTENT_LENGTH=64 << 10)
    app.json = JsonForm(app)
    plant, memory = Plant(run_dir), Memory()
    alarm_list = AlarmList(plant)
    trail = AuditTrail(accounts.settings.audit, "pages") if accounts else None
    app.extensions["scada"] = Services(
        plant, Feed(plant, memory), memory, alarm_list, AlarmFeed(alarm_list, plant), Past(history), accounts, trail,
        reports,
    )  # fmt: skip
    register_guard(app)
    for room in (*_PLANT, *_ACCOUNTS):
        app.register_blueprint(room.blueprint)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    install_room(app, history, demo, photos)
    register_live(app)
    register_errors(app)
    app.after_request(_secure)
    return app


def _secure(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    # What was seen by somebody who has logged out must not come back from a cache, whatever its kind.
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
