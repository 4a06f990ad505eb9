"""From checked rows of ``trends:`` and ``report:`` to presets and report points; what names nothing is noted.

Part of the third stage of reading a map.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from registermaps.build import label
from registermaps.errors import did_you_mean
from registermaps.model import Point, PointType
from registermaps.pointtypes import TYPES
from registermaps.shape import Row
from registermaps.views import ReportPoints, TrendPreset

__all__ = ["build_report", "build_trends"]

#: more lines than this cannot be told apart
MOST_LINES = 12
_UNITS = {
    "energy": ("kWh", "MWh"), "run_time": ("h", "min", "s"), "power": ("kW", "MW"), "load": ("%",), "starts": ("",),
}  # fmt: skip
_BITS = ("running", "outage")


def build_trends(
    rows: Mapping[str, Row] | None, points: Mapping[str, Point], refused: set[str]
) -> Iterator[TrendPreset]:
    """Every preset that is sound, in the order of the file. ``refused``: points with faults of their own."""
    for name, row in (rows or {}).items():
        chosen = tuple(row["points"] or ())
        for point in _known(row, "points", chosen, points, refused):
            if point.type is PointType.ASCII:
                row.fault("points", f"points: '{point.name}' is a text, which no trend can draw")
        _once(row, "points", chosen)
        _once(row, "site", tuple(row["site"] or ()))
        count = len(chosen) + len(row["site"] or ())
        if not 1 <= count <= MOST_LINES and not row.refused:
            row.fault("points", f"points: found {count}, expected 1 to {MOST_LINES}")
        if row.ok:
            yield TrendPreset(name, label(row), chosen, tuple(row["site"] or ()), row["span"])


def build_report(row: Row | None, points: Mapping[str, Point], refused: set[str]) -> ReportPoints | None:
    """What reports read; None where the map says nothing about it."""
    if row is None:
        return None
    values: dict[str, str | tuple[str, ...]] = {}
    ends: dict[str, float] = {}
    for key, value in row.values.items():
        several = isinstance(value, list | tuple)
        names = tuple(value) if several else (value,) if value else ()
        _once(row, key, names)
        for point in _known(row, key, names, points, refused):
            units = _UNITS.get(key)
            if units and point.unit not in units:
                expected = " or ".join(f"'{unit}'" for unit in units)
                row.fault(key, f"{key}: '{point.name}' is in '{point.unit}', expected {expected}")
            if (key in _BITS) != (point.type is PointType.BIT):
                row.fault(key, f"{key}: '{point.name}' is of type {point.type.value}, expected "
                          f"{'a bit' if key in _BITS else 'a number'}")  # fmt: skip
            if key in ("energy", "starts", "fuel") and point.type in (PointType.U16, PointType.U32):
                ends[point.name] = (TYPES[point.type].raw_high + 1) * point.scale
        values[key] = names if several else names[0] if names else ""
    if not row.ok:
        return None
    return ReportPoints(**values, ends=ends)  # type: ignore[arg-type]


def _known(
    row: Row, key: str, names: tuple[str, ...], points: Mapping[str, Point], refused: set[str]
) -> Iterator[Point]:
    for name in names:
        if name in points:
            yield points[name]
        elif name not in refused:
            row.fault(key, f"{key}: unknown point '{name}'{did_you_mean(name, list(points))}")


def _once(row: Row, key: str, names: tuple[str, ...]) -> None:
    for name in sorted({name for name in names if names.count(name) > 1}):
        row.fault(key, f"{key}: '{name}' stands there twice")
