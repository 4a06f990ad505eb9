"""What the due arithmetic needs of one engine, as the store last had it; the scan's rule and the pages are given it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tagdb.maintenance.due import Assessment, Done, assess, hours_per_day
from tagdb.maintenance.programme import Programme

__all__ = ["DevicePlan"]


@dataclass(frozen=True, slots=True)
class DevicePlan:
    """One engine."""

    device: str
    programme: Programme | None = None
    #: level -> when it was last done
    done: Mapping[str, Done] = field(default_factory=dict)
    #: hours that were added to the meter by hand
    offset_h: float = 0.0
    #: (Unix seconds, meter hours without offset) of the last weeks
    points: Sequence[tuple[float, float]] = ()

    def per_day(self) -> float | None:
        """Engine hours a day over the last weeks; None until there is a day to tell from."""
        return hours_per_day(self.points)

    def assess(self, hours: float | None, now: float, per_day: float | None = None) -> Assessment:
        """The state of every level; ``hours``: with the offset."""
        return assess(self.programme, self.done, hours, now, per_day)
