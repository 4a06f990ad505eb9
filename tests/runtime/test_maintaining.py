"""The clerk between store and scan: a database that is away, what outlives a restart, what is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runtime.admission import Admission
from runtime.assembly import Assembly, load
from runtime.maintaining import RETAINED, Maintaining
from runtime.outputs import Refusal
from runtime.scan import Moment
from runtime.settings import HistorySettings, Settings
from tagdb import Batch, Quality, TagStore
from tagdb.accounts import Actor, Role
from tagdb.history import HistoryWriter, JournalFilter, open_history
from tagdb.maintenance import MaintenanceStore
from tests.support.clock import ManualClock
from tests.support.demo import ROOT

GPU = "mkz.gpu1"


@pytest.fixture(scope="module")
def demo() -> Assembly:
    return load(ROOT / "scada.ini")


class AnyGate(Admission):
    """Admits everybody; what it is asked is tested with it."""

    def __init__(self) -> None:
        self.noted: list[str] = []

    def admit(self, actor: Any, right: Any, action: str, site: str = "", target: str = "") -> Actor:
        self.noted.append(f"{right} at {site} for {target}")
        return Actor(actor["name"], Role.OPERATOR)

    def note(self, actor: Actor, action: str, target: str, **more: Any) -> None:
        self.noted.append(f"{actor.name} did {action}")


class Desk:
    """A plant whose first genset shows hours, with its clerk called by hand."""

    def __init__(self, demo: Assembly, folder: Path, url: str, clock: ManualClock) -> None:
        self.settings: Settings = replace(demo.settings, demo=False, history=HistorySettings(url, folder / "spool"))
        self.demo, self.clock, self.folder = demo, clock, folder
        self.store = TagStore()
        self.store.install(demo.directory.tags)
        self.writer = HistoryWriter(url, folder / "spool")
        self.installed = 0
        self.start()

    def start(self) -> None:
        self.maintaining = Maintaining(self.settings, self.demo.directory, self.clock, self.writer)
        self.maintaining.rule.fault = ""
        self.reports: list[tuple[str, bool]] = []
        self.known = {one.key for one in self.maintaining.definitions}

        def report(key: str, active: bool, *_: Any) -> None:
            self.reports.append((key, active))

        engine = type("Engine", (), {"report": staticmethod(report)})()
        alarming: Any = type("Alarming", (), {"engine": engine})()
        self.maintaining.connect(alarming, self.install, lambda work: work(self.now))

    @property
    def now(self) -> Moment:
        return Moment(self.clock.time(), self.clock.monotonic())

    def install(self, now: Moment) -> None:
        self.installed += 1
        self.known = {one.key for one in self.maintaining.definitions}

    def run(self, hours: float, seconds: float = 60.0) -> None:
        self.clock.now += seconds
        tags = self.store.tags
        slots = np.array([tags[f"{GPU}.{name}"].slot for name in ("run_hours", "run_minutes", "engine_speed")])
        cells = np.array([int(hours), round(hours % 1 * 60), 1500], float)
        good = np.full(3, Quality.GOOD, np.uint16)
        self.store.apply(Batch(slots, cells, good, self.clock.time(), self.clock.now), self.clock.time())
        self.maintaining.rule.evaluate(self.store, self.now)
        assert self.maintaining.rule.fault == ""
        self.maintaining.hand_on(self.now)
        self.writer.step()

    def look(self) -> None:
        self.maintaining._look()

    def value(self, point: str) -> Any:
        return self.store.value(f"{GPU}.{point}")


@pytest.fixture
def make(demo: Assembly, tmp_path: Path) -> Callable[..., Desk]:
    return lambda url="": Desk(demo, tmp_path, url or f"sqlite:///{tmp_path}/h.sqlite3", ManualClock())


def test_engines_are_adopted_and_a_service_ends_what_is_due(make: Callable[..., Desk]) -> None:
    desk = make()
    store = MaintenanceStore(desk.settings.history.url, demo=False)
    assert set(store.devices()) == {"mkz.gpu1", "mkz.gpu2", "yakz.gpu1", "yakz.gpu2"}
    assert f"maintenance:{GPU}:to1:overdue" in desk.known, "known before the first scan"
    store.enter("initial-1", GPU, "to4", 1.0, 1000.0, "x", 2.0)
    desk.look()
    assert desk.installed == 0, "the same alarms: nothing is installed anew"
    desk.run(1260.0)
    assert (f"maintenance:{GPU}:to1:overdue", True) in desk.reports
    assert desk.value("maint_state") == 5
    store.enter("service-1", GPU, "to1", 3.0, 1255.0, "x", 4.0)
    desk.look()
    desk.run(1260.0)
    assert desk.value("maint_left_h") == 240.0
    store.assign(GPU, None, 1)
    desk.look()
    assert desk.installed == 1
    assert f"maintenance:{GPU}:to1:overdue" not in desk.known


def test_meters_outlive_a_restart_and_wait_for_a_database_that_is_away(
    make: Callable[..., Desk], tmp_path: Path
) -> None:
    desk = make()
    desk.run(1000.0)
    desk.run(1000.5, 1800.0)
    kept = open_history(desk.settings.history.url).retained()
    assert kept[f"{RETAINED}{GPU}"]["hours"] == 1000.5
    place = tmp_path / "h.sqlite3"
    desk.writer.close()
    for file in tmp_path.glob("h.sqlite3*"):
        file.rename(tmp_path / f"away-{file.name}")
    place.mkdir()  # nothing can be opened there
    desk.start()
    desk.run(3.0)  # another controller meanwhile
    assert desk.store.sample(f"{GPU}.maint_meter").value in (None, 1), "no meter runs while the old one is not known"
    assert desk.value("maint_hours") == 1000.5
    place.rmdir()
    for file in tmp_path.glob("away-*"):
        file.rename(tmp_path / file.name.removeprefix("away-"))
    desk.look()
    desk.run(3.1)
    assert (desk.value("maint_hours"), desk.value("maint_meter")) == (1000.5, 3)


def test_without_a_history_meters_run_and_nothing_is_due(make: Callable[..., Desk], demo: Assembly) -> None:
    desk = make()
    desk.settings = replace(desk.settings, history=HistorySettings("", Path("none")))
    desk.start()
    desk.run(500.0)
    assert (desk.value("maint_hours"), desk.value("maint_state")) == (500.0, 0)
    desk.look()


def test_what_the_pages_write_is_in_the_journal_and_a_checked_meter_is_signed(make: Callable[..., Desk]) -> None:
    desk, gate = make(), AnyGate()
    verbs = desk.maintaining.verbs(gate)
    verbs["maintenance-changed"](device=GPU, event="service-sign", text={"en": "TO-1", "ru": "ТО-1"}, who="Иванов")
    verbs["maintenance-confirm"](device=GPU, actor={"name": "Петров"})
    with pytest.raises(Refusal, match="knows no device"):
        verbs["maintenance-confirm"](device="mkz.shpr", actor={"name": "Петров"})
    desk.writer.step()
    rows = open_history(desk.settings.history.url).journal(JournalFilter(category=("maintenance",)))
    assert [(row.event.event, row.event.site, row.event.who) for row in rows] == [
        ("meter-confirmed", "mkz", "Петров"), ("service-sign", "mkz", "Иванов"),
    ]  # fmt: skip
    assert gate.noted[:2] == [f"maintain at mkz for {GPU}", "Петров did maintenance.meter"]


def test_where_the_meters_stand_is_written_down_for_the_forecast(make: Callable[..., Desk]) -> None:
    desk = make()
    store = MaintenanceStore(desk.settings.history.url, demo=False)
    hours = 1000.0
    for _ in range(3):
        desk.run(hours)
        desk.look()
        desk.clock.now += 86400.0
        hours += 12.0
    assert [value for _, value in store.plans(desk.clock.time())[GPU].points] == [1000.0, 1012.0, 1024.0]
    desk.run(hours)
    assert desk.value("maint_per_day") == pytest.approx(12.0, abs=0.1)
