"""How much room is left where the program writes: the tightest of all places decides."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

__all__ = ["DiskSpace"]


class DiskSpace:
    """Some folders, which need not exist yet."""

    def __init__(self, folders: Iterable[Path], low_pct: float, full_pct: float) -> None:
        """``low_pct``, ``full_pct``: free space in percent below which it is told."""
        self._folders = tuple(dict.fromkeys(folders))
        self._low_pct, self._full_pct = low_pct, full_pct
        self._low = self._full = False

    def values(self) -> dict[str, float | str]:
        """Of the tightest place: free percent and megabytes (without those kept for root), folder, whether that is low.

        Empty where no place can be looked at. What is told once is told until a tenth more than the limit is free.
        """
        found = []
        for folder in self._folders:
            room = _room(folder)
            if room is not None:
                found.append((room, str(folder)))
        if not found:
            return {}
        (free_pct, free_mb), place = min(found)
        self._low = free_pct < self._low_pct * (1.1 if self._low else 1.0)
        self._full = free_pct < self._full_pct * (1.1 if self._full else 1.0)
        return {
            "disk.free_pct": round(free_pct, 1), "disk.free_mb": round(free_mb), "disk.place": place,
            "disk.low": self._low, "disk.full": self._full,
        }  # fmt: skip


def _room(folder: Path) -> tuple[float, float] | None:
    for place in (folder, *folder.parents):
        try:
            told = os.statvfs(place)
        except FileNotFoundError:
            continue
        except OSError:
            return None
        usable = told.f_blocks - told.f_bfree + told.f_bavail
        if usable <= 0:
            return None
        return 100.0 * told.f_bavail / usable, told.f_bavail * told.f_frsize / 1e6
    return None
