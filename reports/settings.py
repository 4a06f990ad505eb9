"""Where reports are kept, which are made by the clock, and what time it is at each site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from reports.period import Kind, zone_of

__all__ = ["ReportSettings"]


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """``[reports]``, and ``time_zone`` of the sites."""

    folder: Path
    #: made when their period is over
    kinds: Sequence[Kind] = (Kind.SHIFT, Kind.DAY, Kind.MONTH)
    #: when shifts begin, in order
    shifts: Sequence[time] = (time(8), time(20))
    #: how long after the end of a period its report is made, seconds: what is late is still recorded meanwhile
    delay_s: float = 120.0
    #: reports older than so many days are deleted; 0 = never
    keep_days: int = 0
    #: of the files
    language: str = "ru"
    #: zone of the installation, and of the sites that have another
    zone: str = "UTC"
    zones: Mapping[str, str] = field(default_factory=dict)

    def zone_at(self, site: str) -> ZoneInfo:
        """The zone of a site."""
        return zone_of(self.zones.get(site, self.zone))

    def to_json(self) -> dict[str, Any]:
        """As plain JSON, for another process."""
        return {
            "folder": str(self.folder),
            "kinds": [str(kind) for kind in self.kinds],
            "shifts": [f"{shift:%H:%M}" for shift in self.shifts],
            "delay_s": self.delay_s,
            "keep_days": self.keep_days,
            "language": self.language,
            "zone": self.zone,
            "zones": dict(self.zones),
        }

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> ReportSettings:
        """The inverse of ``to_json``."""
        data = dict(row)
        data["folder"] = Path(data["folder"])
        data["kinds"] = tuple(Kind(kind) for kind in data["kinds"])
        data["shifts"] = tuple(time.fromisoformat(shift) for shift in data["shifts"])
        return cls(**data)
