"""Texts in CSV files that people open in a spreadsheet, which runs what begins like a formula."""

from __future__ import annotations

from typing import TypeVar

__all__ = ["RUNS", "harmless"]

#: how a text begins that spreadsheets run (OWASP, "CSV Injection")
RUNS = ("=", "+", "-", "@", "\t", "\r")

_T = TypeVar("_T")


def harmless(cell: _T) -> _T | str:
    """A cell as it is, but for a text that would be run, which gets an apostrophe: names and comments are anybody's."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(RUNS) else cell
