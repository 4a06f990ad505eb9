"""Maintenance over the whole program: a simulated plant that runs fast, alarms once each, restarts, reloads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from programmes import standard_programme
from runtime.settings import load_settings
from runtime.simulator.hgm9520n import GensetController
from tagdb import Channel, Quality
from tagdb.history import JournalFilter, open_history
from tagdb.maintenance import MaintenanceStore
from tests.support.demo import LivePlant, demo_ini, live_plant
from tests.support.running import Running, running_program, wait_until

GPU = "mkz.gpu1"
#: a thousand engine hours in a minute are 60,000 times as fast as the clock
SPEED = 60000.0


@pytest.fixture
def ini(tmp_path: Path) -> Path:
    quick = {"map = hgm9520n": "map = hgm9520n\nperiods = fast:0.3 slow:0.3 alarms:0.3"}
    return demo_ini(tmp_path, **quick, **{"speed = 1": f"speed = {SPEED:g}"})


@pytest.fixture
def plant(ini: Path) -> Iterator[LivePlant]:
    with live_plant(ini, moving=False) as plant:
        yield plant


@contextmanager
def driven(plant: LivePlant) -> Iterator[None]:
    """The engine of the genset turns at the plant's speed, its physics standing still."""
    done = threading.Event()

    def work() -> None:
        while not done.wait(0.1):
            plant.call(lambda: add_hours(plant, 0.1 * SPEED / 3600))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def add_hours(plant: LivePlant, hours: float) -> None:
    controller = plant.plant.controllers[GPU]
    assert isinstance(controller, GensetController)
    controller.genset.run_s += hours * 3600
    controller.publish()


def alarms(running: Running) -> dict[str, dict[str, Any]]:
    rows = Channel(running.run_dir.channel).call("alarms")["alarms"]
    return {row["key"]: row for row in rows if row["key"].startswith(f"maintenance:{GPU}:")}


def enter(store: MaintenanceStore, running: Running, ago: float) -> float:
    """All levels were done so many hours before now; the hours of now."""
    running.wait_for(f"{GPU}.maint_meter", 1)
    hours = float(running.value(f"{GPU}.maint_hours") or 0)
    store.enter("initial-1", GPU, "to4", 1.0, hours - ago, "Иванов", 2.0)
    Channel(running.run_dir.channel).call("maintenance-changed")
    return hours


def test_hundreds_of_engine_hours_raise_each_alarm_once_and_a_service_ends_them(
    ini: Path, plant: LivePlant, tmp_path: Path
) -> None:
    url = load_settings(ini).history.url
    store = MaintenanceStore(url, demo=True)
    store.seed([standard_programme()], 1.0)
    store.adopt([GPU], "standard", 1.0)
    with running_program(ini, tmp_path / "run") as running:
        begun = enter(store, running, 195.0)
        running.wait_for(f"{GPU}.maint_state", 2)
        with driven(plant):
            wait_until(lambda: f"maintenance:{GPU}:to1:overdue" in alarms(running), "TO-1 is overdue", 60)
            wait_until(lambda: float(running.value(f"{GPU}.maint_hours") or 0) > begun + 65, "10 h more", 60)
        told = alarms(running)[f"maintenance:{GPU}:to1:overdue"]
        assert (told["priority"], told["site"], told["device"]) == (2, "mkz", GPU)
        assert told["label"]["ru"].startswith("ТО-1: просрочено, превышение")
        assert running.value(f"{GPU}.maint_state") == 5
        now = float(running.value(f"{GPU}.maint_hours") or 0)
        store.enter("service-1", GPU, "to1", 3.0, now, "Иванов", 4.0)
        Channel(running.run_dir.channel).call("maintenance-changed", device=GPU, event="service-sign", who="Иванов")
        running.wait_for(f"{GPU}.maint_state", 2)
        assert running.value(f"{GPU}.maint_next") == "to2 + to1", "TO-1 has not put off TO-2"
    with running_program(ini, tmp_path / "run") as running:
        running.wait_for(f"{GPU}.maint_state", 2)
        assert float(running.value(f"{GPU}.maint_hours") or 0) >= now, "the meter has not fallen over a restart"
    history = open_history(url, read_only=True)
    raised = {
        step: len(history.journal(JournalFilter(key=f"maintenance:{GPU}:to1:{step}", event=("raise",))))
        for step in ("warning", "critical", "overdue")
    }
    assert raised == {"warning": 1, "critical": 1, "overdue": 1}
    signed = history.journal(JournalFilter(category=("maintenance",), event=("service-sign",)))
    assert [(entry.event.device, entry.event.who) for entry in signed] == [(GPU, "Иванов")]


def test_engines_are_adopted_keep_their_hours_and_a_replaced_counter_is_told(
    ini: Path, plant: LivePlant, tmp_path: Path
) -> None:
    store = MaintenanceStore(load_settings(ini).history.url, demo=True)
    with running_program(ini, tmp_path / "run") as running:
        running.wait_for(f"{GPU}.maint_meter", 1)
        wait_until(lambda: len(store.log()) > 4, "the demo's log")
        assert store.log("yakz.gpu2") == [], "one is left for the visitor"
        running.wait_for("yakz.gpu2.maint_state", 1)
        assert set(store.devices()) == {"mkz.gpu1", "mkz.gpu2", "yakz.gpu1", "yakz.gpu2"}, "no bus-tie controller"
        before = running.value(f"{GPU}.maint_hours")
        plant.fault(GPU, "offline")
        extra = "\n[device yakz.gpu3]\nmap = hgm9520n\nlink = tcp://127.0.0.1:9\n"
        ini.write_text(ini.read_text(encoding="utf-8") + extra, encoding="utf-8")
        assert running.program is not None
        running.program.reloader.reload()
        wait_until(lambda: "yakz.gpu3" in store.devices(), "the genset that a reload added")
        running.wait_for(f"{GPU}.maint_hours", Quality.LAST_KNOWN, 40)
        assert (running.value(f"{GPU}.maint_meter"), running.value(f"{GPU}.maint_hours")) == (2, before)
        plant.call(lambda: add_hours(plant, -5000))
        plant.fault(GPU, "clear")
        running.wait_for(f"{GPU}.maint_meter", 3, 40)
        assert running.value(f"{GPU}.maint_hours") == before
