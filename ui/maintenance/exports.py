"""The log and the months to come, for people and programs: JSON, CSV, YAML."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from tagdb.maintenance import DAY_S, MaintenanceStore
from tagdb.spreadsheet import harmless
from ui.encode import iso
from ui.language import Language, api_language, say
from ui.maintenance.board import service_head
from ui.maintenance.calendar import coming
from ui.maintenance.fleet import board_of
from ui.maintenance.room import room

__all__ = ["blueprint"]

blueprint = Blueprint("maintenance_exports", __name__)

_COLUMNS = (
    "device", "level", "title", "kind", "done_at", "done_hours", "signed_at", "signed_by", "note", "corrects", "void",
    "id",
)  # fmt: skip
_LONGEST_DAYS = 800


@blueprint.get("/api/maintenance/log")
def log() -> ResponseReturnValue:
    """Signed lines of all engines or of one (``device``), the last signed first."""
    with room().asked() as store:
        return jsonify(log=_lines(store, api_language(request)))


@blueprint.get("/api/maintenance/log.csv")
def log_csv() -> Response:
    """The same as a sheet; with semicolons in Russian, as spreadsheets there expect them."""
    language = api_language(request)
    with room().asked() as store:
        rows = _lines(store, language)
    page = io.StringIO()
    writer = csv.writer(page, delimiter=";" if language is Language.RU else ",", lineterminator="\r\n")
    writer.writerow([say(language, f"maint.csv.{name}") for name in _COLUMNS])
    writer.writerows([[_cell(row[name]) for name in _COLUMNS] for row in rows])
    return _file("﻿" + page.getvalue(), "text/csv", "maintenance-log.csv")


@blueprint.get("/api/maintenance/log.yaml")
def log_yaml() -> Response:
    """The same with every answer of every checklist, as YAML."""
    with room().asked() as store:
        rows = _lines(store, api_language(request))
        said = store.answers(request.args.get("device") or None)
        for row in rows:
            row["items"] = [item.to_json() | {"time": iso(item.time)} for item in said.get(row["id"], ())]
    # JSON in lines is YAML, too, and both are read by what there is
    lines = [f"- {json.dumps(row, ensure_ascii=False)}" for row in rows]
    return _file(
        "\n".join(["log:", *lines]) + "\n" if lines else "log: []\n", "application/yaml", "maintenance-log.yaml"
    )


@blueprint.get("/api/maintenance/calendar")
def calendar() -> ResponseReturnValue:
    """What was done and what is expected between two moments (``days`` back and ahead): one event each."""
    ahead, back = (min(_LONGEST_DAYS, max(0, _days(name, usual))) for name, usual in (("ahead", 120), ("back", 45)))
    language = api_language(request)
    with room().asked() as store:
        board = board_of(store)
        done = [
            row for row in _lines(store, language)
            if row["kind"] == "service" and row["done_at"] and row["done_at"] >= (iso(board.now - back * DAY_S) or "")
        ]  # fmt: skip
    events = [event for engine in board.engines.values() for event in coming(board, engine, ahead, language)]
    return jsonify(
        time=iso(board.now),
        done=[
            {key: row[key] for key in ("id", "device", "level", "title", "done_at", "signed_by")}
            | board.places(row["device"], language)
            for row in done
        ],
        coming=sorted(events, key=lambda event: (event["time"], event["device"])),
    )


def _lines(store: MaintenanceStore, language: Language) -> list[dict[str, Any]]:
    texts = {version.id: version for code in store.programmes() for version in store.versions(code)}
    records = store.log(request.args.get("device") or None)
    for record in records:
        if record.text_id and record.text_id not in texts:  # of a programme that was deleted
            texts[record.text_id] = store.text(record.text_id)
    return [service_head(record, texts.get(record.text_id or 0), language) for record in reversed(records)]


def _cell(value: Any) -> Any:
    return "" if value is None else harmless(value)


def _days(name: str, usual: int) -> int:
    text = request.args.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 6 else usual


def _file(text: str, mime: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(text, mimetype=mime, headers=headers)
