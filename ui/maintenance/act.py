"""The act of a service: what was done, by whom, at how many hours; as a page to print and as PDF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from tagdb.maintenance import ServiceRecord
from ui.language import Language, api_language, page_language, say
from ui.maintenance.photos import file_of
from ui.maintenance.room import room
from ui.maintenance.services import service_json
from ui.services import services

__all__ = ["blueprint"]

blueprint = Blueprint("maintenance_act", __name__)


@blueprint.get("/maintenance/services/<service>/act")
def page(service: str) -> ResponseReturnValue:
    """The act as a page that prints well."""
    act = _act(service, page_language(request))
    return render_template("maintenance/act.html", page="maintenance", section="", act=act)


@blueprint.get("/api/maintenance/services/<service>/act.pdf")
def pdf(service: str) -> Response:
    """The act as PDF, with its photos; ``zone``: minutes east of UTC, otherwise the site's zone."""
    from ui.maintenance.act_paper import ActPaper  # with it fpdf: a third of what the pages' start would cost

    language = api_language(request)
    act = _act(service, language)
    pictures = [(row["caption"], path) for row in act["photos"] if (path := file_of(row["id"])) is not None]
    body = ActPaper(act, pictures, language).bytes()
    name = f"act-{act['device']}-{act['level']}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, mimetype="application/pdf", headers=headers)


def _act(service: str, language: Language) -> dict[str, Any]:
    """Everything that stands in an act, in words of the language."""
    with room().asked() as store:
        row = service_json(store, store.service(service), language)
        later = _corrections(service, store.log(row["device"]))
    view, zone = services().plant.seen(), _zone(row["site"])
    sites = {site.name: site.title[language] for site in view.directory.sites} if view else {}
    titles = {}
    for section in row["sections"]:
        for task in section["tasks"]:
            task["words"] = _said(task, language)
            titles[task["task"]] = task["title"]
    return row | {
        "plant": view.directory.title[language] if view else "",
        "site_title": sites.get(row["site"], row["site"]),
        "started": _local(row["started_at"], zone),
        "done": _local(row["done_at"], zone),
        "signed": _local(row["signed_at"], zone),
        "hours_text": _figure(row["done_hours"], language),
        "corrections": [_corrected(one, zone, language) for one in later],
        "consumables": _used(row, language),
        "photos": [photo | {"caption": titles.get(photo["task"], "")} for photo in row["photos"]],
    }


def _corrections(service: str, log: Sequence[ServiceRecord]) -> list[ServiceRecord]:
    """All corrections of an entry in their order: of itself, of its correction, and so on."""
    chain, found = {service}, []
    for one in log:
        if one.corrects in chain:
            chain.add(one.id)
            found.append(one)
    return found


def _corrected(one: ServiceRecord, zone: tzinfo, language: Language) -> dict[str, str]:
    """What a correction says: that the work was not done, or when and at how many hours it was."""
    if one.void:
        what = say(language, "maint.correct.void")
    else:
        done = f"{say(language, 'maint.act.done')}: {_local(one.done_at, zone)}"
        what = f"{done}, {say(language, 'maint.act.hours')}: {_figure(one.done_hours, language)}"
    return {"who": one.signed_by, "time": _local(one.signed_at, zone), "note": one.note, "what": what}


def _said(task: dict[str, Any], language: Language) -> dict[str, str]:
    """An answer in words: a mark, and what there is to say about it."""
    item = task["item"]
    if item is None or not item["answer"]:
        return {"mark": "☐", "text": say(language, "maint.answer.none"), "who": ""}
    parts = [say(language, f"maint.answer.{item['answer']}")]
    if item["reason"]:
        parts[0] += f": {item['reason']}"
    if item["value"]:
        parts.append(f"{item['value']} {task['measure']}".strip())
    if item["note"]:
        parts.append(item["note"])
    mark = {"done": "☑", "not_done": "☒", "na": "—"}[item["answer"]]
    return {"mark": mark, "text": "; ".join(parts), "who": item["who"]}


def _used(row: Mapping[str, Any], language: Language) -> list[dict[str, Any]]:
    """Consumables of all tasks, each once with its sum."""
    sums: dict[tuple[str, str], float] = {}
    for section in row["sections"]:
        for task in section["tasks"]:
            for one in (task["item"] or {}).get("consumables", ()):
                key = (one.get(language) or one.get("ru") or one.get("en") or "", one.get("unit") or "")
                sums[key] = sums.get(key, 0.0) + float(one["quantity"])
    return [
        {"title": title, "quantity": f"{amount:g}".replace(".", _point(language)), "unit": unit}
        for (title, unit), amount in sums.items()
    ]


def _figure(hours: float | None, language: Language) -> str:
    return "—" if hours is None else f"{hours:.1f}".replace(".", _point(language))


def _point(language: Language) -> str:
    return "," if language is Language.RU else "."


def _zone(site: str) -> tzinfo:
    """What was asked for, or the site's own: an act must say the same wherever it is printed."""
    if text := request.args.get("zone", ""):
        minutes = int(text) if text.lstrip("-").isdecimal() and len(text) < 6 else 0
        return timezone(timedelta(minutes=minutes)) if abs(minutes) < 24 * 60 else UTC
    reports = services().reports
    return reports.zone_at(site) if reports else UTC


def _local(time: str | float | None, zone: tzinfo) -> str:
    """A time of the API as people write it, with how far the zone is from UTC."""
    if time is None:
        return "—"
    moment = datetime.fromtimestamp(time, UTC) if isinstance(time, float) else datetime.fromisoformat(time)
    local = moment.astimezone(zone)
    offset = f"{local:%z}" if local.utcoffset() else ""
    return f"{local:%d.%m.%Y %H:%M} (UTC{offset[:3]}{':' if offset else ''}{offset[3:5]})"
