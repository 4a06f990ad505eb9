"""Where every engine stands: the rows of the fleet page, of a device's page and of the calendar.

The same arithmetic as in the scan's rule, over the same store; the hours are those of the tags or, without a runtime,
the last that were written down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tagdb import DeviceInfo, Quality
from tagdb.maintenance import (
    DevicePlan,
    DeviceRecord,
    LevelState,
    MaintenanceStore,
    ServiceRecord,
    Severity,
    Version,
)
from ui.encode import iso
from ui.language import Language
from ui.plant import View

__all__ = ["Board", "Engine", "level_row", "service_head"]

_METERS = ("waiting", "good", "last-known", "held", "check")


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine, as far as its tags and the store tell."""

    record: DeviceRecord
    plan: DevicePlan
    version: Version | None
    info: DeviceInfo | None
    #: engine hours with the offset; None = not known
    hours: float | None
    #: "waiting", "good", "last-known", "held" or "check"
    meter: str
    #: our own count of running time, and its difference to the controller's; None = no runtime
    counted: float | None
    difference: float | None


class Board:
    """Reads everything once, for one request."""

    def __init__(self, store: MaintenanceStore, view: View | None, now: float) -> None:
        self.now, self._view = now, view
        plans, programmes = store.plans(now), store.programmes()
        infos = {device.name: device for device in view.directory.devices} if view else {}
        self.open = store.open_services()
        self.engines: dict[str, Engine] = {}
        for name, record in store.devices().items():
            if view is not None and name not in infos:
                continue  # taken out of the configuration; its log stays
            plan = plans.get(name, DevicePlan(name))
            self.engines[name] = self._engine(record, plan, programmes.get(record.programme or ""), infos.get(name))

    def row(self, engine: Engine, language: Language) -> dict[str, Any]:
        """One engine as JSON."""
        per_day = engine.plan.per_day()
        found = engine.plan.assess(engine.hours, self.now, per_day)
        info, version = engine.info, engine.version
        following = found.next
        return {
            "device": engine.record.device,
            "site": engine.record.device.partition(".")[0],
            "title": info.title[language] if info else engine.record.device,
            "programme": None if version is None else programme_head(version, language),
            "revision": engine.record.revision,
            "hours": _rounded(engine.hours, 2),
            "meter": engine.meter,
            "counted_h": engine.counted,
            "difference_h": engine.difference,
            "offset_h": engine.plan.offset_h,
            "per_day": _rounded(per_day, 1),
            "state": found.severity.word,
            "next": level_row(following, found.levels, language) if following else None,
            "levels": [level_row(one, found.levels, language) for one in found.levels],
            "unknown": list(found.unknown),
            "open": [service_head(one, version, language) for one in self.open if one.device == engine.record.device],
        }

    def places(self, device: str, language: Language) -> dict[str, str]:
        """What a device and its site are called; their names, where they are not configured any more."""
        site = device.partition(".")[0]
        known = self._view.directory if self._view else None
        titles = {one.name: one.title[language] for one in known.sites} if known else {}
        titles |= {one.name: one.title[language] for one in known.devices} if known else {}
        return {"device_title": titles.get(device, device), "site_title": titles.get(site, site)}

    def rows(self, language: Language) -> list[dict[str, Any]]:
        """All engines, in the order of the configuration."""
        order = {device.name: place for place, device in enumerate(self._view.directory.devices)} if self._view else {}
        engines = sorted(self.engines.values(), key=lambda one: (order.get(one.record.device, 0), one.record.device))
        return [self.row(engine, language) for engine in engines]

    def _engine(
        self, record: DeviceRecord, plan: DevicePlan, version: Version | None, info: DeviceInfo | None
    ) -> Engine:
        view, name = self._view, record.device
        hours = _tag(view, name, "maint_hours")
        if hours is not None:
            # what was added by hand a moment ago is not in the runtime's tag yet
            hours += plan.offset_h - (_tag(view, name, "maint_offset_h") or 0.0)
        meter = _METERS[int(_tag(view, name, "maint_meter") or 0)]
        if hours is None and plan.points:
            hours, meter = plan.points[-1][1] + plan.offset_h, "last-known"
        counted, difference = _tag(view, name, "maint_counted_h"), _tag(view, name, "maint_difference_h")
        return Engine(record, plan, version, info, hours, meter, counted, difference)


def programme_head(version: Version, language: Language) -> dict[str, Any]:
    """A programme in a list."""
    programme = version.programme
    return {
        "code": programme.code,
        "title": programme.title.get(language) or programme.code,
        "version": version.number,
    }


def level_row(one: LevelState, levels: Sequence[LevelState], language: Language) -> dict[str, Any]:
    """One level as JSON."""
    titles: Mapping[str, str] = {each.level.id: each.level.title.get(language) or each.level.id for each in levels}
    last = one.last
    return {
        "level": one.level.id,
        "title": titles[one.level.id],
        "state": one.severity.word,
        "every_h": one.level.every_h,
        "every_days": one.level.every_days,
        "last": None if last is None else {
            "hours": last.hours, "time": iso(last.time), "entry": last.entry,
            "level": last.level, "title": titles.get(last.level, last.level),
        },
        "due_h": _rounded(one.due_h, 2),
        "due_time": iso(one.due_time),
        "left_h": _rounded(one.left_h, 2),
        "left_days": _rounded(one.left_days, 1),
        "expected": iso(one.expected),
        "progress": _rounded(one.progress, 4),
        "absorbed_by": one.absorbed_by,
        "absorbs": [{"level": name, "title": titles[name]} for name in one.absorbs],
        "overdue": one.severity is Severity.OVERDUE,
    }  # fmt: skip


def service_head(record: ServiceRecord, version: Version | None, language: Language) -> dict[str, Any]:
    """One line of the log as JSON, without its items."""
    level = version.programme.level(record.level) if version else None
    return {
        "id": record.id,
        "device": record.device,
        "level": record.level,
        "title": (level.title.get(language) if level else None) or record.level,
        "kind": record.kind,
        "state": record.state,
        "started_at": iso(record.started_at),
        "started_by": record.started_by,
        "done_at": iso(record.done_at),
        "done_hours": record.done_hours,
        "signed_at": iso(record.signed_at),
        "signed_by": record.signed_by,
        "note": record.note,
        "corrects": record.corrects,
        "void": record.void,
        "answered": sum(1 for item in record.items if item.answer.answer),
    }


def _tag(view: View | None, device: str, point: str) -> float | None:
    """A tag's value also when it is only the last known one."""
    tag = view.tags.get(f"{device}.{point}") if view else None
    if view is None or tag is None or view.snapshot.quality[tag.slot] >= Quality.BAD:
        return None
    value = view.value(tag)
    return None if value is None or isinstance(value, str) else float(value)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
