"""REST of reports: those that are kept, and any on demand as HTML, CSV or a workbook."""

from __future__ import annotations

import time
from contextlib import suppress
from http import HTTPStatus

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from registermaps import did_you_mean
from reports import FORMATS, STYLE, Kind, Report, ReportSettings, Shelf, ended, file_of, make_report, parse_period
from tagdb import Words
from tagdb.maintenance import Refused
from ui.encode import iso
from ui.errors import ApiError
from ui.language import api_language
from ui.maintenance.room import room
from ui.plant import View
from ui.services import services

__all__ = ["blueprint"]

blueprint = Blueprint("report_files", __name__)

#: a report is a page of its own: no script, and the one style that stands in it
_POLICY = f"default-src 'none'; style-src '{STYLE}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@blueprint.get("/api/reports")
def kept() -> ResponseReturnValue:
    """The reports that are kept, and what may be asked for."""
    settings, view, now = _settings(), services().plant.view(), time.time()
    sites = [
        {
            "site": site.name,
            "title": site.title,
            "zone": str(settings.zone_at(site.name)),
            "last": {
                str(kind): period[0].name
                for kind in Kind
                if (period := ended(kind, now, settings.zone_at(site.name), settings.shifts))
            },
        }
        for site in view.directory.sites
    ]
    rows = [
        {"kind": str(one.kind), "period": one.period, "site": one.site, "written": iso(one.written)}
        for one in Shelf(settings.folder).list()
    ]
    shifts = [f"{shift:%H:%M}" for shift in settings.shifts]
    return jsonify(reports=rows, sites=sites, shifts=shifts, made=[str(kind) for kind in settings.kinds])


@blueprint.get("/api/reports/<kind>/<period>/<site>.<form>")
def report(kind: str, period: str, site: str, form: str) -> ResponseReturnValue:
    """One report: as it was kept, or made now; ``?fresh=1`` makes it now in any case."""
    settings, view = _settings(), services().plant.view()
    if form not in FORMATS:
        raise ApiError(HTTPStatus.BAD_REQUEST, "bad-format", f"format '{form}': expected {', '.join(FORMATS)}")
    if kind not in tuple(Kind):
        raise ApiError(HTTPStatus.BAD_REQUEST, "bad-kind", f"kind '{kind}': expected {', '.join(Kind)}")
    sites = [known.name for known in view.directory.sites]
    if site not in sites:
        raise ApiError(HTTPStatus.NOT_FOUND, "unknown-site", f"there is no site '{site}'{did_you_mean(site, sites)}")
    found = None if request.args.get("fresh") else Shelf(settings.folder).read(Kind(kind), period, site)
    found = found or _made(settings, view, Kind(kind), period, site)
    data = file_of(found, form, str(api_language(request)))
    headers = {"Cache-Control": "no-store"}
    if form == "html":
        headers["Content-Security-Policy"] = _POLICY
    else:
        headers["Content-Disposition"] = f'attachment; filename="{kind}-{found.period}-{site}.{form}"'
    return Response(data, content_type=FORMATS[form], headers=headers)


def _made(settings: ReportSettings, view: View, kind: Kind, name: str, site: str) -> Report:
    now = time.time()
    try:
        period = parse_period(kind, name, settings.zone_at(site), settings.shifts)
    except ValueError as problem:
        raise ApiError(HTTPStatus.BAD_REQUEST, "bad-period", f"period: {problem}") from None
    if period.start.timestamp() >= now:
        raise ApiError(HTTPStatus.BAD_REQUEST, "bad-period", f"period '{name}' has not begun yet")
    past = services().past
    with past.values() as samples, past.asked() as history:
        return make_report(view.directory, samples, history, site, period, now, _services())


def _services() -> dict[str, dict[str, Words]]:
    """What the levels of maintenance are called; a report is made without them, too."""
    with suppress(ApiError, Refused), room().asked() as store:
        return store.level_titles()
    return {}


def _settings() -> ReportSettings:
    settings = services().reports
    if settings is None:
        raise ApiError(HTTPStatus.SERVICE_UNAVAILABLE, "no-reports", "no reports are made here")
    return settings
