"""The scan rule of maintenance: engines' meters run on, what is due becomes tags and alarms.

Stage: after the site's rules, before the alarms are evaluated. A function of tags, plans and moments; the plans come
from the store, between two scans.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from runtime.scan.alarms import AlarmDefinition
from runtime.scan.clock import Moment
from runtime.scan.maintenance.alarms import STEPS, definitions, key_of, message
from runtime.scan.maintenance.meter import Meter, MeterEvent, MeterState, Reading
from runtime.scan.rule import Rule
from tagdb import Batch, Directory, Quality, TagStore, Value
from tagdb.maintenance import DAY_S, Assessment, DevicePlan, Severity

__all__ = ["MaintenanceRule", "Report", "engines_of"]

#: how an alarm's condition is told, see ``AlarmEngine.report``
Report = Callable[[str, bool, int, Moment, Mapping[str, Value] | None, Value], None]

#: each engine is looked at so often; the assessment is made anew when its hours changed, or after a minute
_PERIOD_S, _AGAIN_S = 1.0, 60.0
#: a simulated plant that runs fast is looked at more often: at most so many engine hours pass unseen
_UNSEEN_H = 5.0
#: below this an engine does not run by itself (it is cranked with some 200)
_RUNNING_RPM = 300.0


def engines_of(directory: Directory) -> list[str]:
    """Devices that have an engine: those with a counter of hours, a speed, and the tags of maintenance."""
    needed = ("run_hours", "engine_speed", "maint_hours")
    names = {tag.name for tag in directory.tags if tag.name.endswith(needed)}
    return [device.name for device in directory.devices if all(f"{device.name}.{point}" in names for point in needed)]


@dataclass(slots=True)
class _Engine:
    name: str
    meter: Meter
    plan: DevicePlan
    #: monotonic time of the next look, and of the last assessment with the hours that it was made with
    due_at: float
    assessed_at: float = -1e18
    assessed_h: float | None = None
    #: what the meter was last kept as
    kept: dict[str, Any] = field(default_factory=dict)
    kept_at: float = -1e18


class MaintenanceRule:
    """All engines of one plant. Only the scan thread calls it, but for the constructor."""

    def __init__(self, rate: float = 1.0, forgets: bool = False) -> None:
        """``rate``, ``forgets``: of a simulated plant, see :class:`Meter`."""
        self._rate, self._forgets = rate, forgets
        self._period_s = min(_PERIOD_S, _UNSEEN_H * 3600.0 / rate)
        self._engines: dict[str, _Engine] = {}
        self._tags: dict[str, object] = {}
        self._report: Report | None = None
        self._keys: set[str] = set()
        self._plans: Mapping[str, DevicePlan] = {}
        #: meters as they were kept; None = not known yet: until then no meter runs, or it would begin anew
        self._restored: Mapping[str, Mapping[str, Any]] | None = None
        self._events: list[tuple[str, MeterEvent]] = []
        self.rule = Rule("maintenance", self._run)

    def connect(self, report: Report) -> None:
        """Where conditions are told."""
        self._report = report

    def install(self, directory: Directory) -> None:
        """Take a new tag set over; engines that stay keep their meters."""
        self._tags = {tag.name: tag for tag in directory.tags}
        before = self._engines
        self._engines = {}
        for number, name in enumerate(engines_of(directory)):
            kept = (self._restored or {}).get(name)
            engine = before.get(name) or _Engine(
                name, Meter(self._rate, kept, self._forgets), DevicePlan(name), due_at=0.0
            )
            engine.plan = self._plans.get(name, engine.plan)
            # not all in one scan
            engine.due_at = 0.1 * (number % 10)
            engine.assessed_at = -1e18
            self._engines[name] = engine
        names = [f"{name}.{point}" for name in self._engines for point in _OUTPUTS]
        self.rule.outputs = tuple(names)

    def restore(self, kept: Mapping[str, Mapping[str, Any]]) -> None:
        """The meters as they were when the program ended; from then on they run."""
        self._restored = kept
        for name, engine in self._engines.items():
            engine.meter = Meter(self._rate, kept.get(name), self._forgets)

    def set_plans(self, plans: Mapping[str, DevicePlan]) -> None:
        """What the store says of programmes and services."""
        self._plans = plans
        for name, engine in self._engines.items():
            engine.plan = plans.get(name, DevicePlan(name))
            engine.assessed_at = -1e18

    def definitions(self) -> list[AlarmDefinition]:
        """The alarms of the plans in force; the engine must know them before the next scan."""
        found = definitions((engine.plan for engine in self._engines.values()), self._tags)
        self._keys = {one.key for one in found}
        return found

    @property
    def keys(self) -> frozenset[str]:
        """Keys of the alarms that the engine was last given."""
        return frozenset(self._keys)

    def confirm(self, device: str) -> bool:
        """Somebody compared a meter with its engine; False where there is no such engine."""
        engine = self._engines.get(device)
        if engine is not None:
            engine.meter.confirm()
        return engine is not None

    def events(self) -> list[tuple[str, MeterEvent]]:
        """What happened to meters since this was last asked, with the device."""
        events, self._events = self._events, []
        return events

    def changed_meters(self, now: Moment, every_s: float = 60.0) -> dict[str, dict[str, Any]]:
        """Meters to be kept: those that changed, each once in ``every_s``."""
        found = {}
        for name, engine in self._engines.items():
            if now.monotonic - engine.kept_at < every_s or engine.meter.hours is None:
                continue
            engine.kept_at = now.monotonic
            if (row := engine.meter.dump()) != engine.kept:
                engine.kept = found[name] = row
        return found

    def meter_hours(self) -> dict[str, float]:
        """Hours of every meter without offsets."""
        return {name: one.meter.hours for name, one in self._engines.items() if one.meter.hours is not None}

    def shown_hours(self) -> dict[str, float]:
        """Engine hours as they are shown: with the offsets."""
        return {name: hours + self._engines[name].plan.offset_h for name, hours in self.meter_hours().items()}

    def _run(self, store: TagStore, now: Moment) -> None:
        if self._restored is None:
            return
        for engine in self._engines.values():
            if engine.due_at <= now.monotonic:
                engine.due_at = max(engine.due_at + self._period_s, now.monotonic + self._period_s / 2)
                self._look(engine, store, now)

    def _look(self, engine: _Engine, store: TagStore, now: Moment) -> None:
        event = engine.meter.step(_reading(engine.name, store), now)
        if event is not None:
            self._events.append((engine.name, event))
        meter = engine.meter
        hours = None if meter.hours is None else meter.hours + engine.plan.offset_h
        trusted = meter.state is not MeterState.LAST_KNOWN
        self._set(store, now, engine.name, "maint_meter", float(meter.state))
        self._set(store, now, engine.name, "maint_hours", hours, trusted)
        self._set(store, now, engine.name, "maint_offset_h", engine.plan.offset_h)
        self._set(store, now, engine.name, "maint_counted_h", round(meter.counted, 3))
        self._set(store, now, engine.name, "maint_difference_h", round(meter.difference, 3))
        if hours != engine.assessed_h or now.monotonic - engine.assessed_at >= _AGAIN_S:
            engine.assessed_at, engine.assessed_h = now.monotonic, hours
            per_day = engine.plan.per_day()
            self._tell(engine, engine.plan.assess(hours, now.time, per_day), per_day, store, now, trusted)

    def _tell(
        self, engine: _Engine, found: Assessment, per_day: float | None, store: TagStore, now: Moment, trusted: bool
    ) -> None:
        name, following = engine.name, found.next
        self._set(store, now, name, "maint_state", float(found.severity))
        self._set(store, now, name, "maint_per_day", per_day)
        self._set(store, now, name, "maint_left_h", following.left_h if following else None, trusted)
        days = None if not following or following.expected is None else (following.expected - now.time) / DAY_S
        if following and following.left_days is not None:
            days = following.left_days if days is None else min(days, following.left_days)
        self._set(store, now, name, "maint_left_days", days, trusted)
        tag = store.tags[f"{name}.maint_next"]
        text = " + ".join([following.level.id, *following.absorbs]) if following else ""
        store.apply(
            Batch(np.array([tag.slot], np.intp), np.zeros(1), np.full(1, Quality.GOOD, np.uint16), now.time,
                  np.inf, texts=[(0, text)], source="maintenance"),
            now.time,
        )  # fmt: skip
        if self._report is None:
            return
        names = {level.level.id: level.level.title for level in found.levels}
        for state in found.levels:
            told = Severity.OK if state.absorbed_by else state.severity
            for step in STEPS:
                key = key_of(name, state.level.id, step)
                if key in self._keys:
                    words = message(state, names) if step is told else None
                    self._report(key, step is told, Quality.GOOD, now, words, None)

    def _set(
        self, store: TagStore, now: Moment, device: str, point: str, value: float | None, trusted: bool = True
    ) -> None:
        quality = Quality.NO_DATA if value is None else Quality.GOOD if trusted else Quality.LAST_KNOWN
        store.set(f"{device}.{point}", float("nan") if value is None else value, quality, now.time)


_OUTPUTS = (
    "maint_state", "maint_next", "maint_left_h", "maint_left_days", "maint_hours", "maint_offset_h", "maint_per_day",
    "maint_counted_h", "maint_difference_h", "maint_meter",
)  # fmt: skip


def _reading(device: str, store: TagStore) -> Reading:
    hours, running = _good(store, f"{device}.run_hours"), _good(store, f"{device}.engine_speed")
    if f"{device}.run_minutes" in store and hours is not None:
        minutes = _good(store, f"{device}.run_minutes")
        hours = None if minutes is None else hours + minutes / 60.0
    read_at = float(store.source_time[store.tags[f"{device}.run_hours"].slot])
    return Reading(hours, None if running is None else running > _RUNNING_RPM, read_at)


def _good(store: TagStore, name: str) -> float | None:
    """Only what the controller itself said: a forced value is nobody's engine hours."""
    slot = store.tags[name].slot
    value = float(store.cell[slot])
    return value if store.quality[slot] == Quality.GOOD and value == value else None


def meters_of(retained: Iterable[tuple[str, Any]], prefix: str) -> dict[str, Any]:
    """Rows of the history's retained state that are meters, by device."""
    return {key.removeprefix(prefix): row for key, row in retained if key.startswith(prefix)}
