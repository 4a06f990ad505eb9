"""The audit trail as CSV for Excel and others, and as JSON lines that another program can verify."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime

from tagdb.audit.book import AuditLine
from tagdb.audit.chain import FIELDS, canonical
from tagdb.spreadsheet import harmless

__all__ = ["csv_of", "json_of"]

#: tells Excel that the file is UTF-8
_BOM = "\N{BYTE ORDER MARK}"
_PIECE = 200


def csv_of(lines: Iterable[AuditLine], bom: bool = True, delimiter: str = ";") -> Iterator[str]:
    """A heading, then a row for each line; a text for every 200 of them. Times are ISO 8601, UTC."""
    buffer = io.StringIO()
    sheet = csv.writer(buffer, delimiter=delimiter)
    buffer.write(_BOM if bom else "")
    sheet.writerow(("number", *FIELDS, "hash"))
    for count, line in enumerate(lines, 1):
        cells = [str(getattr(line, name)) for name in FIELDS[1:]]
        sheet.writerow((line.number, _iso(line.time), *map(harmless, cells), line.hash))
        if count % _PIECE == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def json_of(lines: Iterable[AuditLine]) -> Iterator[str]:
    """One canonical JSON object a line, with both hashes, and the time in microseconds as it was hashed."""
    for line in lines:
        yield canonical(asdict(line) | {"time": round(line.time * 1e6)}) + "\n"


def _iso(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
