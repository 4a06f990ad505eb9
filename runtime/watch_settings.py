"""What the ini says about alarms of its own choice and about signs of life: sections [alarms] and [heartbeat]."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

__all__ = ["PRIORITIES", "AlarmSettings", "HeartbeatSettings", "parse_priority", "parse_url", "parse_zone"]

PRIORITIES = ("critical", "high", "medium", "low", "diagnostic")


@dataclass(frozen=True, slots=True)
class AlarmSettings:
    """Priorities of the site, and limits of the runtime's own alarms: ``[alarms]``."""

    #: pattern of an alarm -> its priority, in the order of the ini; the last that matches decides
    priorities: Mapping[str, str] = field(default_factory=dict)
    #: how far a controller's clock may be off, seconds; 0 = it is not watched
    clock_drift_s: float = 60.0
    #: time zone the controllers' clocks are set to; "" = the machine's
    clock_zone: str = ""
    #: free space where the program writes, percent, below which an alarm is raised, and a more urgent one
    disk_low_pct: float = 10.0
    disk_full_pct: float = 3.0
    #: pattern -> line in the ini
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, values: Mapping[str, Any], lines: Mapping[str, int]) -> AlarmSettings:
        """From the section's values. ``lines``: pattern -> line."""
        names = ("clock_drift_s", "clock_zone", "disk_low_pct", "disk_full_pct")
        return cls(values.get("priorities", {}), **{name: values[name] for name in names}, lines=lines)


@dataclass(frozen=True, slots=True)
class HeartbeatSettings:
    """Who is told "I am alive", and how often: ``[heartbeat]``."""

    period_s: float = 60.0
    #: http:// or https:// address that is fetched, "" = none
    url: str = ""
    timeout_s: float = 10.0
    #: file that is written, None = none
    file: Path | None = None
    #: time from one entry in the journal to the next, seconds; 0 = none
    journal_s: float = 3600.0

    @classmethod
    def of(cls, values: Mapping[str, Any], folder: Path) -> HeartbeatSettings:
        """From the section's values; relative paths count from ``folder``."""
        file = folder / values["file"] if values["file"] else None
        return cls(values["period_s"], values["url"], values["timeout_ms"], file, values["journal_s"])


def parse_priority(value: str) -> str:
    """One of the priorities; ValueError otherwise."""
    if value not in PRIORITIES:
        raise ValueError(f"one of {', '.join(PRIORITIES)}")
    return value


def parse_url(value: str) -> str:
    """An address to be fetched; ValueError otherwise."""
    scheme, separator, rest = value.partition("://")
    if scheme not in ("http", "https") or not separator or not rest.partition("/")[0] or " " in value:
        raise ValueError("an address such as https://monitor.example/ping/site")
    return value


def parse_zone(value: str) -> str:
    """A time zone by its name; ValueError otherwise."""
    if value == "local":
        return ""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("local, UTC or a name such as Europe/Moscow") from None
    return value
