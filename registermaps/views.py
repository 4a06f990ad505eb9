"""What a controller model offers to trends and reports: presets of points, and which points a report reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from registermaps.label import Label

__all__ = ["ReportPoints", "TrendPreset"]


@dataclass(frozen=True, slots=True)
class TrendPreset:
    """Points that are worth seeing together."""

    name: str
    label: Label
    #: names of points of the device
    points: tuple[str, ...] = ()
    #: names below the site (``total.load_p``) that rules may make; shown where they exist
    site: tuple[str, ...] = ()
    #: span of time to begin with, seconds
    span_s: float = 3600.0


@dataclass(frozen=True, slots=True)
class ReportPoints:
    """Which points a report reads; "" and () where the controller has none."""

    #: counter of produced energy
    energy: str = ""
    #: parts of the engine-hours counter, which are added up: hours, minutes
    run_time: tuple[str, ...] = ()
    #: counter of starts
    starts: str = ""
    #: active power now, and the same in percent of the rating
    power: str = ""
    load: str = ""
    #: counter of fuel, and the rate that stands in for it where it says nothing
    fuel: str = ""
    fuel_rate: str = ""
    #: bit that says that the genset carries load
    running: str = ""
    #: bits of which any makes the genset unavailable
    outage: tuple[str, ...] = ()
    #: counter -> value at which it runs over to 0, in its own unit
    ends: Mapping[str, float] = field(default_factory=dict)
