"""Lines of the audit trail that its file does not take just now, kept in a file beside it: one JSON object a line."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tagdb.audit.chain import FIELDS, canonical

__all__ = ["Spool"]


class Spool:
    """Used by one thread."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def keep(self, rows: Sequence[dict[str, Any]]) -> None:
        """Add lines, on disk when this returns; all of them, or none. Raises OSError."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            before = os.fstat(handle).st_size
            # A blank line first: what a crash left half written must not spoil the line behind it.
            data = memoryview(("\n" + "".join(f"{canonical(row)}\n" for row in rows)).encode())
            try:
                while data:
                    data = data[os.write(handle, data) :]  # a disk that is nearly full takes a part
                os.fsync(handle)
            except OSError:
                os.ftruncate(handle, before)
                raise
        finally:
            os.close(handle)

    def read(self) -> list[dict[str, Any]]:
        """What was kept; a line that a crash left half written is left out. Raises OSError."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        rows = []
        for line in text.splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict) and set(FIELDS) <= set(row):
                rows.append(row)
        return rows

    def clear(self) -> None:
        """They are in the trail now. Raises OSError."""
        self.path.unlink(missing_ok=True)
