"""Recorded values as an Excel workbook, written row by row into a file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tagdb.samples.export import Row

__all__ = ["write_sheet"]

#: rows of a sheet, by the format (ECMA-376)
_MOST = 1_048_576


def write_sheet(path: Path, rows: Iterable[Row]) -> int:
    """Write rows, the first of them the head, which is repeated on every further sheet; how many rows it were.

    Raises OSError.
    """
    import xlsxwriter  # which every process that knows of history would load at its start

    # constant_memory: each row goes to the disk when the next begins
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    count = 0
    try:
        with xlsxwriter.Workbook(str(path), options) as book:
            bold = book.add_format({"bold": True})
            head: Row | None = None
            sheet, line = None, 0
            for row in rows:
                if head is None:
                    head = row
                    continue
                if sheet is None or line == _MOST:
                    sheet, line = book.add_worksheet(), 1
                    sheet.freeze_panes(1, 1)
                    sheet.set_column(0, 0, 25)
                    sheet.write_row(0, 0, head, bold)
                sheet.write_row(line, 0, row)
                line, count = line + 1, count + 1
    except xlsxwriter.exceptions.FileCreateError as problem:
        raise OSError(str(problem)) from None
    return count
