"""The folder in which finished reports are kept: the figures as JSON, and beside them the files for people.

``day-2026-11-27-mkz.json`` holds the figures, from which every form can be made again; ``.html``, ``.csv`` and
``.xlsx`` are for who looks into the folder. Files are put in place whole.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reports.facts import Report
from reports.files import FORMATS, file_of
from reports.period import Kind

__all__ = ["Kept", "Shelf"]

_NAME = re.compile(r"(shift|day|month)-(\d{4}-\d{2}(?:-\d{2})?(?:-\d)?)-([a-z][a-z0-9_]*)\.json")


@dataclass(frozen=True, slots=True)
class Kept:
    """One report in the folder."""

    kind: Kind
    period: str
    site: str
    #: when the file was written, Unix seconds
    written: float


class Shelf:
    """Reads and writes the folder; nothing is there before the first report."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def list(self) -> list[Kept]:
        """All of them, the newest period first."""
        return sorted(self._entries(), key=lambda kept: (kept.period, kept.kind, kept.site), reverse=True)

    def has(self, kind: Kind, period: str, site: str) -> bool:
        """Whether it is there."""
        return self._path(kind, period, site).exists()

    def read(self, kind: Kind, period: str, site: str) -> Report | None:
        """The figures; None where there are none that can be read."""
        try:
            return Report.from_json(json.loads(self._path(kind, period, site).read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return None

    def put(self, report: Report, language: str) -> Path:
        """Keep a report; the path of its figures, which are written last. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self._path(Kind(report.kind), report.period, report.site)
        for form in FORMATS:
            _replace(path.with_suffix(f".{form}"), file_of(report, form, language))
        _replace(path, (json.dumps(report.to_json(), ensure_ascii=False, indent=1) + "\n").encode())
        return path

    def thin(self, before: float) -> int:
        """Delete what was written before a time; how many reports. Raises OSError."""
        gone = 0
        for kept in self._entries():
            if kept.written < before:
                path = self._path(kept.kind, kept.period, kept.site)
                for suffix in (*FORMATS, "json"):
                    path.with_suffix(f".{suffix}").unlink(missing_ok=True)
                gone += 1
        return gone

    def _entries(self) -> Iterator[Kept]:
        try:
            names = [entry for entry in os.scandir(self.folder) if entry.is_file()]
        except FileNotFoundError:
            return
        for entry in names:
            if match := _NAME.fullmatch(entry.name):
                yield Kept(Kind(match[1]), match[2], match[3], entry.stat().st_mtime)

    def _path(self, kind: Kind, period: str, site: str) -> Path:
        return self.folder / f"{kind}-{period}-{site}.json"


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(data)
    temporary.replace(path)
