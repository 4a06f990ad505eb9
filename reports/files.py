"""A report as a file: HTML, CSV, or a workbook for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from reports.facts import GensetFacts, Report
from reports.page import html_of, remarks_of
from reports.words import COLUMNS, moment, say

__all__ = ["FORMATS", "file_of"]

#: suffix -> type of the content
FORMATS = {
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_MORE = (
    ("fuel", "fuel", 1, 1.0), ("specific", "specific", 4, 1.0), ("hours_at_end", "hours_at_end", 2, 1.0),
    ("energy_at_end", "energy_at_end_kwh", 1, 1.0), ("known", "known", 2, 100.0),
)  # fmt: skip


def file_of(report: Report, form: str, language: str) -> bytes:
    """The content of a file. KeyError for a form that is not among FORMATS."""
    return {"html": _html, "csv": _csv, "xlsx": _xlsx}[form](report, language)


def _html(report: Report, language: str) -> bytes:
    return html_of(report, language).encode()


def _csv(report: Report, language: str) -> bytes:
    """Semicolons and commas in Russian, as spreadsheets there expect them; with a byte order mark."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter="," if language == "en" else ";", lineterminator="\r\n")
    for row in _rows(report, language):
        writer.writerow([_plain(cell, language) for cell in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _plain(cell: Any, language: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        text = f"{cell:.4f}".rstrip("0").rstrip(".")
        return text if language == "en" else text.replace(".", ",")
    return str(cell)


def _rows(report: Report, language: str) -> Iterator[list[Any]]:
    def t(key: str) -> str:
        return say(language, key)

    span = [moment(at, report.zone, language) for at in (report.start, report.end)]
    yield [t(report.kind), _own(report.title, language), report.period]
    yield [t("period"), *span, report.zone]
    yield [t("made"), moment(report.made_at, report.zone, language)]
    yield []
    yield [t("gensets"), *(_own(one.title, language) for one in report.gensets), t("total")]
    for word, field, digits, factor in (*COLUMNS, *_MORE):
        label = t(word) + _unit(word, report, language)
        cells = [_rounded(getattr(one, field), digits, factor) for one in report.gensets]
        yield [label, *cells, _rounded(_site(report, field), digits, 1.0)]
    yield [t("peak_at"), *(moment(one.peak_at, report.zone, language) for one in report.gensets)]
    yield []
    yield [t("alarms"), t("raised")]
    for priority, count in report.alarms.items():
        yield [f"{priority} {t(f'priority.{priority}')}", count]
    yield []
    yield [t("frequent"), t("genset"), t("raised")]
    for alarm in report.most_frequent:
        yield [_own(alarm.label, language), alarm.device, alarm.count]
    if any(one.maintenance for one in report.gensets):
        yield []
        left = [say(language, f"left.{unit}", n="").strip() for unit in "hd"]
        yield [t("maintenance"), t("genset"), t("service"), *left]
        yield from (_maintenance(one, language) for one in report.gensets if one.maintenance)
    if remarks := remarks_of(report, language):
        yield []
        yield [t("remarks")]
        yield from ([line] for line in remarks)


def _unit(word: str, report: Report, language: str) -> str:
    units = {one.fuel_unit for one in report.gensets if one.fuel_unit}
    if word not in ("fuel", "specific") or len(units) != 1:
        return ""
    unit = say(language, units.pop())
    return f", {unit}" if word == "fuel" else f", {unit}/{'kWh' if language == 'en' else 'кВт·ч'}"


def _maintenance(one: GensetFacts, language: str) -> list[Any]:
    due = one.maintenance
    assert due is not None  # noqa: S101  asked for by the caller
    state = say(language, f"maint.{due.state}")
    service = _own(due.title, language) or due.next
    return [state, _own(one.title, language), service, _rounded(due.left_h, 1, 1.0), _rounded(due.left_days, 1, 1.0)]


def _site(report: Report, field: str) -> float | None:
    if field == "specific":
        return report.specific
    if field == "fuel" and report.fuel_unit is None:
        return None
    return report.total(field) if field in ("energy_kwh", "run_h", "starts", "fuel") else None


def _rounded(value: float | None, digits: int, factor: float) -> float | None:
    return None if value is None else round(float(value) * factor, digits + 1)


def _own(words: Any, language: str) -> str:
    return str(words.get(language) or words.get("en") or "")


def _xlsx(report: Report, language: str) -> bytes:
    import xlsxwriter  # which every process that knows of reports would load at its start

    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True})
    sheet = book.add_worksheet(report.period)
    bold = book.add_format({"bold": True})
    # an optional place after the comma leaves the comma behind: "12,346." for a whole number
    whole, broken = (book.add_format({"num_format": form}) for form in ("#,##0", "#,##0.0##"))
    heads = {say(language, word) for word in ("gensets", "alarms", "frequent", "maintenance", "remarks", report.kind)}
    for line, row in enumerate(_rows(report, language)):
        head = bool(row) and row[0] in heads
        for column, cell in enumerate(row):
            if isinstance(cell, float | int):
                sheet.write_number(line, column, cell, whole if cell == int(cell) else broken)
            elif cell is not None:
                sheet.write_string(line, column, cell, bold if head else None)
    sheet.set_column(0, 0, 38)
    sheet.set_column(1, 12, 18)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    book.close()
    return data.getvalue()
