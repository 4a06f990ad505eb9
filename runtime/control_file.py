"""Tag-outs over a restart, and which tags were forced before it: one small JSON file, replaced whole and synced.

Kept beside the history rather than in it: a lock must hold when the database is away.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["ControlFile", "Kept"]

log = logging.getLogger("scada.control")

#: who holds the locks that stand in for a file nobody can read
_PROGRAM = "scada"


@dataclass(frozen=True, slots=True)
class Kept:
    """What the file held."""

    tag_outs: Sequence[Mapping[str, Any]]
    #: forces that were in force when the program ended
    forces: Sequence[Mapping[str, Any]]


class ControlFile:
    """Read at the start, written at every change by whoever made it, before it is answered."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def load(self, devices: Iterable[str], time: float) -> Kept:
        """What was kept; nothing where there is no file.

        A file that cannot be read may have held locks: then every device is locked, until an administrator has looked.
        """
        try:
            body = json.loads(self._path.read_text(encoding="utf-8"))
            tag_outs, forces = list(body["tag_outs"]), list(body["forces"])
            _check(tag_outs, {"device": str, "who": str, "reason": str, "since": (int, float)})
            _check(forces, {"tag": str, "value": (int, float), "who": str, "reason": str, "until": (int, float)})
        except FileNotFoundError:
            return Kept([], [])
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            log.critical("%s cannot be read (%s): every device is locked against commands", self._path, error)
            with contextlib.suppress(OSError):
                self._path.replace(self._path.with_suffix(".damaged"))
            why = f"the file of tag-outs could not be read ({self._path.name}); an administrator takes this back"
            kept = Kept([{"device": d, "who": _PROGRAM, "reason": why, "since": time} for d in devices], [])
            with contextlib.suppress(OSError):  # or the next start would find no file, and no locks
                self.save(kept)
            return kept
        return Kept(tag_outs, forces)

    def save(self, kept: Kept) -> None:
        """Replace it. Raises OSError."""
        body = json.dumps({"tag_outs": kept.tag_outs, "forces": kept.forces}, ensure_ascii=False, indent=1)
        with self._lock:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}")
            with temporary.open("w", encoding="utf-8") as file:
                file.write(body + "\n")
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(0o600)
            temporary.replace(self._path)
            folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)  # a lock outlasts a power cut only when its name is on the disk, too
            finally:
                os.close(folder)


def _check(rows: list[Any], wanted: Mapping[str, type | tuple[type, ...]]) -> None:
    """Raises ValueError for a row without one of the keys, or with something else there."""
    for row in rows:
        for key, kind in wanted.items():
            if not isinstance(row, dict) or isinstance(row.get(key), bool) or not isinstance(row.get(key), kind):
                raise ValueError(f"a row without {key}, or with something else there")
