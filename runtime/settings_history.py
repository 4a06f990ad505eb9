"""Where journal, alarms and values are kept, as ``scada.ini`` says it: section [history]."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runtime.ini import Faults, IniFile

__all__ = ["HistorySettings", "history_settings"]


@dataclass(frozen=True, slots=True)
class HistorySettings:
    """Where journal, alarms and values are kept, and how long: ``[history]``."""

    #: as ``tagdb.history.open_history`` takes it; "" = nowhere
    url: str
    spool: Path
    #: False: values are not recorded
    values: bool = True
    flush_s: float = 1.0
    longest_gap_s: float = 3600.0
    values_spool_bytes: int = 256_000_000
    #: tier ("raw", "minute", "hour", "day") -> days
    keep_days: Mapping[str, int] = field(default_factory=lambda: {"raw": 90, "minute": 400, "hour": 1830, "day": 7320})
    disk_limit_bytes: int = 20_000_000_000
    #: folder of the photos of maintenance
    photos: Path = Path("var/photos")


def history_settings(
    values: Mapping[str, Any], folder: Path, demo: bool, ini: IniFile, faults: Faults
) -> HistorySettings:
    """What a demo records never stands beside what a real plant does."""
    name = "demo-history" if demo else "history"
    url = values["url"] or f"sqlite:///{(folder / 'var' / name).absolute()}.sqlite3"
    if url == "none":
        url = ""
    elif not url.startswith(("sqlite:///", "postgresql://")):
        section = ini.of_kind("history")[0]
        message = f"key 'url': found '{url}', expected sqlite:////path, postgresql://user@host/db or none"
        faults.add(section.items["url"][1], section.title, message)
    spool = folder / values["spool"] if values["spool"] else folder / "var" / f"{name}-spool"
    days = {tier: values[f"{tier}_days"] for tier in ("raw", "minute", "hour", "day")}
    sizes = (values[key] * 1_000_000 for key in ("values_spool_mb", "disk_limit_mb"))
    spool_bytes, limit_bytes = sizes
    photos = folder / (values["photos"] or f"var/{'demo-photos' if demo else 'photos'}")
    return HistorySettings(
        url, spool, values["values"], values["flush_ms"], values["longest_gap_s"], spool_bytes, days, limit_bytes,
        photos,
    )
