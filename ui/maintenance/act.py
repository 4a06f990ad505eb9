"""The act of a service: what was done, by whom, at how many hours; as a page to print and as PDF."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

from ui.language import Language, api_language, page_language, say
from ui.maintenance.room import room
from ui.maintenance.services import service_json
from ui.services import services

__all__ = ["blueprint"]

blueprint = Blueprint("maintenance_act", __name__)

_FONTS = Path(__file__).parents[1] / "fonts"
_GREY = (90, 90, 90)


@blueprint.get("/maintenance/services/<service>/act")
def page(service: str) -> ResponseReturnValue:
    """The act as a page that prints well."""
    act = _act(service, page_language(request))
    return render_template("maintenance/act.html", page="maintenance", section="", act=act)


@blueprint.get("/api/maintenance/services/<service>/act.pdf")
def pdf(service: str) -> Response:
    """The act as PDF; times in the zone whose offset ``zone`` gives in minutes east of UTC."""
    language = api_language(request)
    act = _act(service, language)
    body = _Paper(act, language).bytes()
    name = f"act-{act['device']}-{act['level']}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, mimetype="application/pdf", headers=headers)


def _act(service: str, language: Language) -> dict[str, Any]:
    """Everything that stands in an act, in words of the language."""
    with room().asked() as store:
        row = service_json(store, store.service(service), language)
        corrections = [
            {"who": one.signed_by, "time": _local(one.signed_at), "note": one.note, "void": one.void,
             "hours": one.done_hours}
            for one in store.log(row["device"]) if one.corrects == service
        ]  # fmt: skip
    view = services().plant.seen()
    for section in row["sections"]:
        for task in section["tasks"]:
            task["words"] = _said(task, language)
    return row | {
        "plant": view.directory.title[language] if view else "",
        "site_title": next((s.title[language] for s in view.directory.sites if s.name == row["site"]), row["site"])
        if view
        else row["site"],
        "started": _local(row["started_at"]),
        "done": _local(row["done_at"]),
        "signed": _local(row["signed_at"]),
        "hours_text": _figure(row["done_hours"], language),
        "corrections": corrections,
        "consumables": _used(row),
    }


def _said(task: dict[str, Any], language: Language) -> dict[str, str]:
    """An answer in words: a mark, and what there is to say about it."""
    item = task["item"]
    if item is None or not item["answer"]:
        return {"mark": "—", "text": say(language, "maint.answer.none"), "who": ""}
    parts = [say(language, f"maint.answer.{item['answer']}")]
    if item["reason"]:
        parts[0] += f": {item['reason']}"
    if item["value"]:
        parts.append(f"{item['value']} {task['measure']}".strip())
    if item["note"]:
        parts.append(item["note"])
    mark = {"done": "☑", "not_done": "☒", "na": "—"}[item["answer"]]
    return {"mark": mark, "text": "; ".join(parts), "who": item["who"]}


def _used(row: dict[str, Any]) -> list[dict[str, Any]]:
    """Consumables of all tasks, each once with its sum."""
    sums: dict[tuple[str, str], float] = {}
    for section in row["sections"]:
        for task in section["tasks"]:
            for one in (task["item"] or {}).get("consumables", ()):
                key = (one.get("ru") or one.get("en") or "", one.get("unit") or "")
                sums[key] = sums.get(key, 0.0) + float(one["quantity"])
    return [{"title": title, "quantity": f"{amount:g}", "unit": unit} for (title, unit), amount in sums.items()]


def _figure(hours: float | None, language: Language) -> str:
    if hours is None:
        return "—"
    return f"{hours:.1f}".replace(".", "," if language is Language.RU else ".")


def _zone() -> tzinfo:
    text = request.args.get("zone", "")
    minutes = int(text) if text.lstrip("-").isdecimal() and len(text) < 6 else 0
    return timezone(timedelta(minutes=minutes)) if abs(minutes) < 24 * 60 else UTC


def _local(time: str | float | None) -> str:
    """A time of the API as people write it, in the asked zone, which is named."""
    if time is None:
        return "—"
    moment = datetime.fromtimestamp(time, UTC) if isinstance(time, float) else datetime.fromisoformat(time)
    local = moment.astimezone(_zone())
    return f"{local:%d.%m.%Y %H:%M} ({str(local.tzname()).replace('UTC+00:00', 'UTC')})"


class _Paper:
    """An A4 page after another."""

    def __init__(self, act: dict[str, Any], language: Language) -> None:
        self._act, self._language = act, language
        self._pdf = FPDF(format="A4")
        self._pdf.set_margins(16, 14)
        self._pdf.set_auto_page_break(True, 16)
        self._pdf.add_font("act", "", _FONTS / "DejaVuSans.ttf")
        self._pdf.add_font("act", "B", _FONTS / "DejaVuSans-Bold.ttf")
        self._pdf.set_title(f"{self._say('maint.act')}: {act['device_title']}, {act['title']}")
        self._pdf.add_page()

    def bytes(self) -> bytes:
        """The whole file."""
        self._head()
        for section in self._act["sections"]:
            self._section(section)
        self._rest()
        return bytes(self._pdf.output())

    def _say(self, key: str, **parts: object) -> str:
        return say(self._language, key, **parts)

    def _line(self, text: str, size: float = 9, style: str = "", grey: bool = False, gap: float = 1.0) -> None:
        pdf = self._pdf
        pdf.set_font("act", style, size)
        pdf.set_text_color(*(_GREY if grey else (0, 0, 0)))
        pdf.multi_cell(0, size * 0.5, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        pdf.set_text_color(0, 0, 0)
        pdf.ln(gap)

    def _head(self) -> None:
        act = self._act
        self._line(act["plant"], 8, grey=True)
        self._line(f"{self._say('maint.act')}: {act['title']}", 15, "B")
        facts = (
            ("maint.act.device", f"{act['site_title']}, {act['device_title']} ({act['device']})"),
            ("maint.act.programme", self._programme()),
            ("maint.act.started", f"{act['started']}, {act['started_by']}"),
            ("maint.act.done", act["done"]),
            ("maint.act.hours", act["hours_text"]),
            ("maint.act.signed", f"{act['signed']}, {act['signed_by']}" if act["signed_by"] else "—"),
        )
        self._pdf.set_font("act", "", 9)
        with self._pdf.table(
            col_widths=(34, 66), borders_layout="NONE", first_row_as_headings=False, line_height=5, text_align="LEFT"
        ) as table:
            for key, value in facts:
                row = table.row()
                row.cell(self._say(key), style=FontFace(color=_GREY))
                row.cell(value)
        self._pdf.ln(3)

    def _programme(self) -> str:
        found = self._act["programme"]
        return "—" if found is None else f"{found['title']}, {self._say('maint.version', n=found['version'])}"

    def _section(self, section: dict[str, Any]) -> None:
        self._line(section["title"], 11, "B")
        self._pdf.set_font("act", "", 8)
        with self._pdf.table(
            col_widths=(6, 50, 32, 12), borders_layout="HORIZONTAL_LINES", first_row_as_headings=False, line_height=4.4,
            text_align="LEFT",
        ) as table:  # fmt: skip
            for task in section["tasks"]:
                words = task["words"]
                row = table.row()
                row.cell(words["mark"])
                row.cell(task["title"] + (" *" if task["critical"] else ""))
                row.cell(words["text"])
                row.cell(words["who"])
        self._pdf.ln(3)

    def _rest(self) -> None:
        act = self._act
        self._line(self._say("maint.act.critical"), 8, grey=True)
        if act["consumables"]:
            used = "; ".join(f"{one['title']}: {one['quantity']} {one['unit']}".strip() for one in act["consumables"])
            self._line(f"{self._say('maint.consumables')}: {used}")
        if act["note"]:
            self._line(f"{self._say('maint.note')}: {act['note']}")
        if act["photos"]:
            self._line(f"{self._say('maint.photos')}: {len(act['photos'])}")
        for one in act["corrections"]:
            self._line(f"{self._say('maint.correction')}: {one['time']}, {one['who']}: {one['note']}")
        self._pdf.ln(8)
        for key in ("maint.act.performed", "maint.act.accepted"):
            self._line(f"{self._say(key)}  ______________________  /____________________/", 9, gap=5)
        self._line(f"№ {act['id']}", 7, grey=True)
