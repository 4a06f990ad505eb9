"""What reports there are, as ``scada.ini`` says it: section [reports], and the time zones of the sites."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Any

from reports import Kind, ReportSettings, zone_of
from runtime.ini import IniFile

__all__ = ["parse_kinds", "parse_shifts", "parse_site_zone", "report_settings"]


def parse_site_zone(value: str) -> str:
    """An IANA name; ValueError otherwise."""
    zone_of(value)
    return value


def parse_shifts(value: str) -> tuple[time, ...]:
    """Times of day in order, ``08:00 20:00``; ValueError otherwise."""
    try:
        shifts = tuple(time.fromisoformat(word) for word in value.replace(",", " ").split())
        if not 1 <= len(shifts) <= 6 or list(shifts) != sorted(set(shifts)) or any(s.tzinfo for s in shifts):
            raise ValueError
    except ValueError:
        raise ValueError("up to six times of day in order, like 08:00 20:00") from None
    return shifts


def parse_kinds(value: str) -> tuple[Kind, ...]:
    """``shift day month``, or ``none``; ValueError otherwise."""
    words = value.replace(",", " ").split()
    try:
        return () if words == ["none"] else tuple(dict.fromkeys(Kind(word) for word in words))
    except ValueError:
        raise ValueError("some of shift, day, month; or none") from None


def report_settings(
    values: Mapping[str, Any], main: Mapping[str, Any], ini: IniFile, folder: Path, language: str
) -> ReportSettings:
    """``[reports]``, ``[scada] time_zone`` and that of each site; what a demo reports never stands beside a plant's."""
    zones = {}
    for section in ini.of_kind("site"):
        text = section.items.get("time_zone", ("", 0))[0]
        try:
            zones[section.name] = parse_site_zone(text) if text else main["time_zone"]
        except ValueError:
            continue  # told where the section is read
    return ReportSettings(
        folder=(folder / (values["folder"] or f"var/{'demo-' if main['demo'] else ''}reports")).absolute(),
        kinds=values["make"],
        shifts=values["shifts"],
        delay_s=values["delay_min"],
        keep_days=values["keep_days"],
        language=language,
        zone=main["time_zone"],
        zones=zones,
    )
