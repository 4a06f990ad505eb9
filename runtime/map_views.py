"""What register maps hold beside their points, as the directory has it: alarm classes, trends, reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from registermaps import Label, RegisterMap
from tagdb import ReportInfo, TrendInfo, Words

__all__ = ["views_of"]


def views_of(maps: Iterable[RegisterMap], classes: Mapping[str, Words]) -> dict[str, Any]:
    """Fields of a directory by name; ``classes``: of alarms that come from no map."""
    maps = list(maps)
    return {
        "alarm_classes": {**classes}
        | {name: _words(label) for map_ in maps for name, label in map_.alarm_classes.items()},
        "trends": [
            TrendInfo(map_.name, trend.name, _words(trend.label), trend.points, trend.site, trend.span_s)
            for map_ in maps
            for trend in map_.trends
        ],
        "reports": [_report(map_) for map_ in maps if map_.report],
    }


def _words(label: Label) -> Words:
    return {"en": label.en, "ru": label.ru}


def _report(map_: RegisterMap) -> ReportInfo:
    points = map_.report
    assert points is not None  # noqa: S101  the caller asks only where there are some
    return ReportInfo(
        map_.name, points.energy, points.run_time, points.starts, points.power, points.load, points.fuel,
        points.fuel_rate, points.running, points.outage, points.ends,
    )  # fmt: skip
