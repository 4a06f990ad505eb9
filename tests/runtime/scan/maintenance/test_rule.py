"""The maintenance rule over tags of a small plant: meters, what is due, and each alarm once for a due point."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programmes import standard_programme
from runtime.maintenance_tags import maintenance_rows
from runtime.scan import Moment
from runtime.scan.alarms import AlarmEngine
from runtime.scan.maintenance import MaintenanceRule
from tagdb import Batch, DeviceInfo, Directory, Kind, Quality, Tag, TagStore
from tagdb.maintenance import DevicePlan, Done, Level, LogEntry, Programme, last_done

START = 1.8e9
STANDARD = standard_programme()
GPU = "mkz.gpu1"


def directory() -> Directory:
    rows: list[dict[str, Any]] = [
        {"name": f"{GPU}.{name}", "kind": Kind.INT, "site": "mkz", "device": GPU, "group": "x", "label": {}}
        for name in ("run_hours", "run_minutes", "engine_speed")
    ]
    rows += maintenance_rows(GPU, "mkz", {"run_hours", "engine_speed"})
    tags = [Tag(slot=n, text_row=n if row["kind"] is Kind.TEXT else -1, **row) for n, row in enumerate(rows)]
    device = DeviceInfo(GPU, "mkz", {"en": "Genset 1", "ru": "ГПУ-1"}, "m", {}, "l", 1)
    return Directory(1, {}, False, 0.1, tags, devices=[device])


@dataclass
class Plant:
    """One genset, its rule and the alarm engine, at a clock that is moved by hand."""

    programme: Programme = STANDARD
    at: float = 0.0
    hours: float = 1000.0
    #: engine time against the clock
    rate: float = 1.0
    entries: list[LogEntry] = field(default_factory=list)
    #: (event, key) of all steps
    told: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        known = directory()
        self.store = TagStore()
        self.store.install(known.tags)
        self.rule = MaintenanceRule(self.rate)
        self.rule.install(known)
        self.rule.restore({})
        self.engine = AlarmEngine([], self.store.tags, self.now)
        self.rule.connect(self.engine.report)
        self.plan()

    @property
    def now(self) -> Moment:
        return Moment(START + self.at, self.at)

    def plan(self, offset: float = 0.0) -> None:
        done = last_done(self.programme, self.entries)
        self.rule.set_plans({GPU: DevicePlan(GPU, self.programme, done, offset)})
        self.engine.install(self.rule.definitions(), self.store.tags, self.now)

    def do(self, level: str, hours: float | None = None) -> None:
        number = len(self.entries)
        at = self.hours if hours is None else hours
        self.entries.append(LogEntry(f"s{number}", level, at, START + self.at, number=number))
        self.plan()

    def run(self, hours: float, step_s: float = 1800.0, quality: Quality = Quality.GOOD) -> None:
        for _ in range(max(1, round(hours * 3600 / step_s))):
            self.at += step_s
            self.hours += step_s / 3600
            self.scan(quality)

    def scan(self, quality: Quality = Quality.GOOD) -> None:
        tags = self.store.tags
        minutes = int(self.hours * 60 + 1e-6)
        slots = np.array([tags[f"{GPU}.{name}"].slot for name in ("run_hours", "run_minutes", "engine_speed")])
        cells = np.array([minutes // 60, minutes % 60, 1500], float)
        batch = Batch(slots, cells, np.full(3, quality, np.uint16), START + self.at, self.at)
        self.store.apply(batch, START + self.at)
        self.rule.rule.evaluate(self.store, self.now)
        assert self.rule.rule.fault == ""
        for step in self.engine.evaluate(self.store, self.now):
            self.told.append((str(step.event), step.key.removeprefix(f"maintenance:{GPU}:")))

    def value(self, point: str) -> Any:
        return self.store.value(f"{GPU}.{point}")

    @property
    def raised(self) -> list[str]:
        return [key for event, key in self.told if event in ("raise", "raise-again", "present-at-start")]


def test_an_engine_without_a_log_is_unknown_and_nothing_fires() -> None:
    plant = Plant(hours=16908.0)
    plant.run(300)
    assert (plant.value("maint_state"), plant.value("maint_next"), plant.value("maint_left_h")) == (1, "", None)
    assert plant.value("maint_hours") == pytest.approx(17208, abs=0.1)
    assert plant.told == []


def test_warning_critical_overdue_each_once_then_the_service_ends_them() -> None:
    plant = Plant()
    plant.do("to4")
    plant.run(199)
    assert (plant.told, plant.value("maint_state"), plant.value("maint_next")) == ([], 2, "to1")
    plant.run(150)
    assert plant.raised == ["to1:warning", "to1:critical", "to1:overdue"]
    assert plant.value("maint_state") == 5
    assert plant.value("maint_left_h") == pytest.approx(-99, abs=0.6)
    message = plant.engine.alarm(f"maintenance:{GPU}:to1:overdue")
    assert message is not None
    assert message.occurrence is not None
    assert message.occurrence.message_values["ru"] == "ТО-1: просрочено с 1250 ч"
    plant.do("to1", 1345.0)
    plant.run(1)
    assert plant.told[-1] == ("return", "to1:overdue")
    assert (plant.value("maint_next"), plant.value("maint_left_h")) == ("to2 + to1", 1500 - plant.hours)
    plant.run(200)
    # TO-1 has not put off TO-2, which does TO-1
    assert plant.raised[3:] == ["to2:warning", "to2:critical", "to2:overdue"]


def test_no_step_is_passed_over_where_a_plant_runs_fast() -> None:
    plant = Plant(rate=180_000.0)
    plant.do("to4")
    for _ in range(60):
        plant.at += 0.1
        plant.hours += 5.0
        plant.scan()
    assert plant.raised == ["to1:warning", "to1:critical", "to1:overdue"]


def test_without_readings_the_last_known_hours_count_and_say_so() -> None:
    plant = Plant()
    plant.do("to4")
    plant.run(210)
    hours = plant.value("maint_hours")
    plant.run(100, quality=Quality.NOT_CONNECTED)
    assert (plant.value("maint_hours"), plant.value("maint_meter")) == (hours, 2)
    assert plant.store.sample(f"{GPU}.maint_hours").quality is Quality.LAST_KNOWN
    assert plant.raised == ["to1:warning"]
    plant.run(1)
    assert plant.raised == ["to1:warning", "to1:overdue"], "what was due meanwhile is told when it is known"


def test_an_offset_moves_what_is_due() -> None:
    plant = Plant()
    plant.do("to4")
    plant.run(100)
    plant.plan(offset=120.0)
    plant.run(1)
    assert plant.raised == ["to1:warning"]
    assert plant.value("maint_hours") == pytest.approx(1221, abs=0.6)


def test_a_calendar_level_without_hours_is_told_too() -> None:
    programme = Programme("c", {}, (Level("year", {"en": "Year", "ru": "Год"}, None, 30.0),))
    plant = Plant(programme)
    plant.rule.set_plans({GPU: DevicePlan(GPU, programme, {"year": Done(None, START)})})
    plant.engine.install(plant.rule.definitions(), plant.store.tags, plant.now)
    plant.run(17 * 24, 3600.0, Quality.NOT_CONNECTED)
    assert plant.raised == ["year:warning"], "no hours, no title missing, nothing optional is needed"
    assert plant.value("maint_left_days") == pytest.approx(13, abs=0.1)


def test_a_forced_counter_is_nobodys_engine_hours() -> None:
    plant = Plant()
    plant.run(1)
    before = plant.value("maint_hours")
    plant.hours, plant.at = 5000, plant.at + 60
    plant.scan(Quality.FORCED)
    assert plant.value("maint_hours") == before
    assert plant.value("maint_meter") == 2


@settings(max_examples=40, deadline=None)
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("run"), st.floats(1.0, 300.0)),
            st.tuples(st.just("do"), st.sampled_from(["to1", "to2", "to3", "to4"])),
            st.tuples(st.just("bad"), st.sampled_from([0, 1, 65000, 32766])),
            st.tuples(st.just("silent"), st.floats(1.0, 100.0)),
        ),
        max_size=25,
    )
)
def test_no_due_point_fires_twice_and_none_is_missed(steps: list[tuple[str, Any]]) -> None:
    plant = Plant()
    plant.do("to4")
    plant.scan()
    since = 0
    for kind, what in steps:
        if kind == "run":
            plant.run(what, 3600.0)
        elif kind == "silent":
            plant.run(what, 3600.0, Quality.NOT_CONNECTED)
        elif kind == "bad":
            true, plant.hours = plant.hours, float(what)
            plant.at += 10
            plant.scan()
            plant.hours = true
        else:
            plant.do(what)
            since = len(plant.told)
        plant.at += 61
        plant.scan()
        raised = [key for event, key in plant.told[since:] if event in ("raise", "raise-again", "present-at-start")]
        assert len(raised) == len(set(raised)), "twice for one due point"
        done = last_done(STANDARD, plant.entries)
        for level in STANDARD.levels:
            if plant.hours >= (done[level.id].hours or 0) + (level.every_h or 0) + 0.1:
                active = {
                    key.split(":")[2] for key in plant.rule.keys
                    if key.endswith(":overdue") and (alarm := plant.engine.alarm(key)) and alarm.holds
                }  # fmt: skip
                assert active & {upper.id for upper in STANDARD.levels if level.id in STANDARD.closure(upper.id)}, (
                    f"{level.id} is missed"
                )
