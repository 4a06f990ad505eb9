"""A report out of what was recorded: counters, states, powers and alarms of a site in a period.

Pure but for the questions to the history: the clock is an argument, and the same history gives the same report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from reports.counter import Counted, Floats, Times, counted, joined
from reports.facts import AlarmCount, GensetFacts, MaintenanceFacts, Report
from reports.period import Period
from reports.span import Spans, all_of, any_of, known_spans, length, mean_while, true_spans
from tagdb import DeviceInfo, Directory, ReportInfo, Words
from tagdb.history import AlarmFilter, History
from tagdb.samples import Curve, Samples

__all__ = ["make_report"]

_HOURS = {"h": 1.0, "min": 1 / 60, "s": 1 / 3600}
_FREQUENT = 10
_MINUTE_MS = 60_000
#: shutdowns and lost orders to diagnostics
PRIORITIES = (1, 2, 3, 4, 5)


def make_report(
    directory: Directory, samples: Samples, history: History | None, site: str, period: Period, now: float,
    services: Mapping[str, Mapping[str, Words]] | None = None,
) -> Report:  # fmt: skip
    """The report of a site. Raises HistoryGone; KeyError for an unknown site.

    Args:
        now: Unix seconds.
        services: device -> level of its maintenance programme -> what it is called.
    """
    title = {known.name: known.title for known in directory.sites}[site]
    roles = {report.map: report for report in directory.reports}
    devices = [device for device in directory.devices if device.site == site and device.map in roles]
    alarms, frequent = _alarms(history, site, period) if history else ({}, [])
    return Report(
        kind=str(period.kind),
        period=period.name,
        zone=str(period.start.tzinfo),
        start=period.start.timestamp(),
        end=period.end.timestamp(),
        made_at=now,
        until=samples.until() / 1000,
        plant=directory.title,
        site=site,
        title=title,
        gensets=[
            _genset(directory, samples, device, roles[device.map], period, (services or {}).get(device.name, {}))
            for device in devices
        ],
        alarms=alarms,
        most_frequent=frequent,
        demo=directory.demo,
    )


def _genset(
    directory: Directory, samples: Samples, device: DeviceInfo, roles: ReportInfo, period: Period,
    services: Mapping[str, Words],
) -> GensetFacts:  # fmt: skip
    reader = _Reader(directory, samples, device, period)
    energy, run, starts = reader.count([roles.energy], roles), reader.hours(roles), reader.count([roles.starts], roles)
    scale = 1000.0 if reader.unit(roles.energy) == "MWh" else 1.0
    energy_kwh = None if energy.total is None else energy.total * scale
    availability = reader.availability(roles.outage)
    running = reader.spans(roles.running)
    peak, peak_at = reader.peak(roles.power)
    load, _ = reader.peak(roles.load)
    fuel, unit, estimated = reader.fuel(roles)
    total, known = reader.share(running)
    remarks = [
        (name, what, count)
        for name, one in (("energy", energy), ("run_time", run), ("starts", starts))
        for what, count in (("reset", one.resets), ("rollover", one.rollovers), ("preset", one.presets))
        if count
    ]
    return GensetFacts(
        device=device.name,
        title=device.title,
        energy_kwh=energy_kwh,
        run_h=run.total,
        starts=starts.total,
        available=availability[0],
        known=availability[1],
        on_load=total if known else None,
        mean_kw=energy_kwh / run.total if energy_kwh is not None and run.total else None,
        mean_load_pct=reader.mean(roles.load, running),
        peak_kw=peak,
        peak_at=peak_at,
        peak_load_pct=load,
        fuel=fuel,
        fuel_unit=unit,
        fuel_estimated=estimated,
        hours_at_end=run.last,
        energy_at_end_kwh=None if energy.last is None else energy.last * scale,
        maintenance=reader.maintenance(services),
        remarks=tuple(remarks),
    )


class _Reader:
    """Asks the history about the points of one device."""

    def __init__(self, directory: Directory, samples: Samples, device: DeviceInfo, period: Period) -> None:
        self._tags = {tag.name: tag for tag in directory.tags if tag.device == device.name}
        self._samples, self._device, self._span = samples, device.name, period.span

    def unit(self, point: str) -> str:
        tag = self._tags.get(f"{self._device}.{point}")
        return tag.unit if tag else ""

    def curve(self, point: str) -> Curve | None:
        name = f"{self._device}.{point}"
        if not point or name not in self._tags:
            return None
        return self._samples.curves([name], *self._span).get(name)

    def readings(self, point: str) -> tuple[Times, Floats]:
        curve = self.curve(point)
        if curve is None:
            return np.empty(0, np.int64), np.empty(0)
        good = curve.valid()
        return curve.time[good], curve.numbers()[good]

    def count(self, points: Sequence[str], roles: ReportInfo) -> Counted:
        parts = [self.readings(point) for point in points]
        return counted(*joined(parts), *self._span, roles.ends.get(points[0]))

    def hours(self, roles: ReportInfo) -> Counted:
        parts = []
        for point in roles.run_time:
            time, value = self.readings(point)
            parts.append((time, value * _HOURS.get(self.unit(point), 1.0)))
        return counted(*joined(parts), *self._span)

    def spans(self, point: str) -> tuple[Spans, Spans]:
        """When a bit was set, and when it was known whether it was."""
        curve = self.curve(point)
        if curve is None:
            return np.empty((0, 2), np.int64), np.empty((0, 2), np.int64)
        return true_spans(curve, *self._span), known_spans(curve, *self._span)

    def share(self, spans: tuple[Spans, Spans]) -> tuple[float, float]:
        """Share of the known time in which it was set, and of the period that is known."""
        took, known = (length(one) for one in spans)
        start, end = self._span
        return (took / known if known else 0.0), known / (end - start)

    def availability(self, points: Sequence[str]) -> tuple[float | None, float]:
        curves = [curve for point in points if (curve := self.curve(point)) is not None]
        if not curves:
            return None, 0.0
        start, end = self._span
        known = all_of([known_spans(curve, start, end) for curve in curves], start, end)
        out = any_of([true_spans(curve, start, end) for curve in curves], start, end)
        total = length(known)
        if not total:
            return None, 0.0
        return 1.0 - length(all_of([known, out], start, end)) / total, total / (end - start)

    def peak(self, point: str) -> tuple[float | None, float | None]:
        name = f"{self._device}.{point}"
        if not point or name not in self._tags:
            return None, None
        start, end = self._span
        series = self._samples.series([name], start, end, max(2, (end - start) // _MINUTE_MS)).get(name)
        if series is None:
            return None, None
        if series.curve is not None:
            curve = series.curve.between(start, end)
            time, value = curve.time, np.where(curve.valid(), curve.numbers(), np.nan)
        else:
            assert series.buckets is not None  # noqa: S101  a series has one or the other
            time, value = series.buckets.time, series.buckets.high
        inside = (time < end) & ~np.isnan(value)
        if not inside.any():
            return None, None
        best = int(np.argmax(np.where(inside, value, -np.inf)))
        factor = 1000.0 if self.unit(point) == "MW" else 1.0
        return float(value[best]) * factor, max(start, int(time[best])) / 1000

    def mean(self, point: str, running: tuple[Spans, Spans]) -> float | None:
        name = f"{self._device}.{point}"
        if not point or name not in self._tags:
            return None
        start, end = self._span
        series = self._samples.series([name], start, end, max(2, (end - start) // _MINUTE_MS)).get(name)
        return None if series is None else mean_while(series, running[0], start, end)

    def fuel(self, roles: ReportInfo) -> tuple[float | None, str, bool]:
        used = self.count([roles.fuel], roles)
        if used.total is not None:
            return used.total, self.unit(roles.fuel), False
        name = f"{self._device}.{roles.fuel_rate}"
        if not roles.fuel_rate or name not in self._tags:
            return None, "", False
        start, end = self._span
        found = self._samples.statistics([name], start, end).get(name)
        if found is None or not len(found) or found.mean[0] != found.mean[0]:
            return None, "", False
        hours = float(found.good[0]) * (end - start) / 3_600_000
        unit = self.unit(roles.fuel_rate)
        return float(found.mean[0]) * hours, unit.removesuffix("/h"), True

    def maintenance(self, services: Mapping[str, Words]) -> MaintenanceFacts | None:
        names = {key: f"{self._device}.maint_{key}" for key in ("state", "next", "left_h", "left_days")}
        if names["state"] not in self._tags:
            return None
        at = min(self._span[1] - 1, self._samples.until())
        held: dict[str, Any] = {name: one.value for name, one in self._samples.at(names.values(), at).items()}
        state = held.get(names["state"])
        if state is None:
            return None
        following = str(held.get(names["next"]) or "")
        levels = following.split(" + ") if following else []
        title = {one: " + ".join(services.get(level, {}).get(one, level) for level in levels) for one in ("en", "ru")}
        return MaintenanceFacts(int(state), following, held.get(names["left_h"]), held.get(names["left_days"]), title)


def _alarms(history: History, site: str, period: Period) -> tuple[dict[str, int], list[AlarmCount]]:
    which = AlarmFilter(since=period.start.timestamp(), until=period.end.timestamp(), site=site)
    by_priority = history.alarm_counts(which, "priority")
    counts = {str(priority): int(by_priority.get(priority, 0)) for priority in PRIORITIES}
    frequent = []
    for key, count in list(history.alarm_counts(which, "key").items())[:_FREQUENT]:
        newest = history.alarms(AlarmFilter(since=which.since, until=which.until, site=site, key=str(key)), 1)
        if newest:
            one = newest[0]
            frequent.append(AlarmCount(str(key), one.device, one.label, one.priority, int(count)))
    return counts, frequent
