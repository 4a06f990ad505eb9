"""REST of the journal: pages of it, and the whole as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from tagdb import Kind
from tagdb.history import Entry
from ui.encode import display, iso
from ui.language import Language, api_language
from ui.plant import View
from ui.services import services
from ui.span import after_id, before_id, journal_filter, page_limit

__all__ = ["blueprint"]

blueprint = Blueprint("journal", __name__)


@blueprint.get("/api/journal")
def journal() -> ResponseReturnValue:
    """A page of the journal, newest first."""
    which, limit = journal_filter(request.args), page_limit(request.args)
    before, after = before_id(request.args), after_id(request.args)
    with services().past.asked() as history:
        entries = history.journal(which, limit, before, after)
    view, language = services().plant.seen(), api_language(request)
    following = entries[-1].id if len(entries) == limit else None
    return jsonify(entries=[_row(entry, view, language) for entry in entries], next=following)


@blueprint.get("/api/journal.csv")
def journal_csv() -> ResponseReturnValue:
    """The journal as a sheet, as it is read; with semicolons in Russian, as spreadsheets there expect them."""
    which = journal_filter(request.args)
    delimiter = ";" if api_language(request) is Language.RU else ","
    with services().past.asked() as history:
        pieces = history.journal_csv(which, bom=True, delimiter=delimiter)
        first = next(pieces)  # a history that cannot be read is told before the answer begins
    headers = {"Content-Disposition": 'attachment; filename="journal.csv"', "Cache-Control": "no-store"}
    return Response(_encoded(chain([first], pieces)), mimetype="text/csv", headers=headers)


def _encoded(pieces: Iterator[str]) -> Iterator[bytes]:
    for piece in pieces:
        yield piece.encode("utf-8")


def _row(entry: Entry, view: View | None, language: Language) -> dict[str, Any]:
    row = entry.to_json()
    tag = None if view is None else view.tags.get(entry.event.key)
    if view is not None and tag is not None and tag.kind is Kind.ENUM:
        # the journal keeps the words of one language beside the codes
        codes = {name: entry.event.data.get(name) for name in ("before", "after")}
        row |= {name: display(tag, code, view.directory, language) for name, code in codes.items() if _is_code(code)}
    why = entry.event.data.get("why")
    if isinstance(why, Mapping) and why:
        row["comment"] = str(why.get(str(language)) or entry.event.comment)
    return row | {"time": iso(entry.event.time), "source_time": iso(entry.event.source_time)}


def _is_code(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
