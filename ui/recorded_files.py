"""Recorded values as files: CSV as it is read, and an Excel workbook."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from http import HTTPStatus
from itertools import chain
from pathlib import Path

from flask import Blueprint, Response, request, send_file
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from tagdb.samples import COLUMNS, long_csv, long_rows, pieces, wide_csv, wide_rows, write_sheet
from ui.errors import ApiError
from ui.language import Language, api_language
from ui.recorded import Asked
from ui.services import services

__all__ = ["blueprint"]

blueprint = Blueprint("recorded_files", __name__)

#: rows of a workbook that one request may have made
_MOST_ROWS = 2_000_000


@blueprint.get("/api/history.csv")
def history_csv() -> ResponseReturnValue:
    """Values as a sheet, as they are read; with semicolons in Russian, as spreadsheets there expect them."""
    asked, step = Asked.parse(request.args), _step(request.args)
    delimiter = ";" if api_language(request) is Language.RU else ","
    with services().past.values() as samples:
        if step:
            text = wide_csv(samples, asked.names, asked.start, asked.end, step, delimiter)
        else:
            text = long_csv(samples, asked.names, asked.start, asked.end, delimiter)
        first = next(text)  # a history that cannot be read is told before the answer begins
    headers = {"Content-Disposition": 'attachment; filename="history.csv"', "Cache-Control": "no-store"}
    return Response(_encoded(chain(["\ufeff", first], text)), mimetype="text/csv", headers=headers)


@blueprint.get("/api/history.xlsx")
def history_xlsx() -> ResponseReturnValue:
    """Values as a workbook."""
    asked, step = Asked.parse(request.args), _step(request.args)
    if step and (asked.end - asked.start) // step > _MOST_ROWS:
        raise ApiError(HTTPStatus.BAD_REQUEST, "too-many-rows", f"at most {_MOST_ROWS} rows: choose a larger step")
    with services().past.values() as samples, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.xlsx"
        if step:
            write_sheet(path, wide_rows(samples, asked.names, asked.start, asked.end, step))
        else:
            found = pieces(samples, asked.names, asked.start, asked.end)
            write_sheet(path, chain([COLUMNS], (row for piece in found for row in long_rows(*piece))))
        # opened before the folder goes; the file's space is freed when it was sent
        return send_file(path.open("rb"), _XLSX, as_attachment=True, download_name="history.xlsx")


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _step(args: MultiDict[str, str]) -> int:
    """Milliseconds between two rows of a table; 0 = every value in a row of its own. Raises ApiError 400."""
    text = args.get("step", "")
    if not text:
        return 0
    if not text.isdecimal() or len(text) > 9 or not 1 <= int(text) <= 86_400:
        raise ApiError(HTTPStatus.BAD_REQUEST, "bad-step", f"step '{text}': expected 1 to 86400 seconds")
    return int(text) * 1000


def _encoded(pieces: Iterator[str]) -> Iterator[bytes]:
    for piece in pieces:
        yield piece.encode("utf-8")
