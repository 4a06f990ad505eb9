"""Maintenance over the whole program: a simulated plant that runs fast, alarms once each, restarts, reloads."""

from __future__ import annotations

import select
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from programmes import standard_programme
from runtime.assembly import Assembly
from runtime.settings import load_settings
from runtime.simulator.hgm9520n import GensetController
from tagdb import Channel, Quality
from tagdb.history import JournalFilter, open_history
from tagdb.maintenance import Answer, MaintenanceStore
from tests.support.demo import LivePlant, demo_ini, live_plant
from tests.support.running import Running, running_program, wait_until

GPU = "mkz.gpu1"
#: a thousand engine hours in a minute are 60,000 times as fast as the clock; with fewer devices it goes faster
SPEED, FAST = 60000.0, 720000.0


@pytest.fixture
def ini(tmp_path: Path) -> Path:
    quick = {"map = hgm9520n": "map = hgm9520n\nperiods = fast:0.3 slow:0.3 alarms:0.3"}
    return demo_ini(tmp_path, **quick, **{"speed = 1": f"speed = {SPEED:g}"})


@pytest.fixture
def plant(ini: Path) -> Iterator[LivePlant]:
    with live_plant(ini, moving=False) as plant:
        yield plant


def add_hours(plant: LivePlant, hours: float) -> None:
    controller = plant.plant.controllers[GPU]
    assert isinstance(controller, GensetController)
    controller.genset.run_s += hours * 3600
    controller.publish()


def alarms(running: Running) -> dict[str, dict[str, Any]]:
    rows = Channel(running.run_dir.channel).call("alarms")["alarms"]
    return {row["key"]: row for row in rows if row["active"] and row["key"].startswith(f"maintenance:{GPU}:")}


#: (counter after so many hours, what is overdue then, done at so many hours): each due point counts from the one before
LEGS = (
    (65.0, "to1", 62.0),  # all was done 190 h before the start
    (315.0, "to2", 314.0),  # TO-1 would be due at 312, and is done with TO-2 at 310
    (570.0, "to1", 566.0),
    (815.0, "to3", 812.0),  # TO-2 at 814 and TO-1 at 816 are done with TO-3 at 810
    (1070.0, "to1", 1065.0),
)


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """An ini of one genset alone, read often."""
    ini = demo_ini(tmp_path)
    text = ini.read_text(encoding="utf-8")
    text = text[: text.index("[device mkz.gpu2]")].replace("[site yakz]\ntitle_ru = ЯКЗ\ntitle_en = YaKZ\n", "")
    ini.write_text(text.rstrip() + "\nperiods = slow:0.2\n", encoding="utf-8")
    return ini


def fast(assembly: Assembly) -> Assembly:
    settings = assembly.settings
    return replace(assembly, settings=replace(settings, simulator=replace(settings.simulator, speed=FAST)))


def drive(plant: LivePlant, running: Running, hours: float) -> None:
    """The counter runs so far, no faster than an engine could, and is seen there."""
    controller = plant.plant.controllers[GPU]
    assert isinstance(controller, GensetController)
    start = running.value(f"{GPU}.maint_hours")
    left = hours
    while left > 0:
        step = min(left, 0.1 * FAST / 3600)
        select.select([], [], [], 0.1)
        plant.call(lambda step=step: add_hours(plant, step))  # type: ignore[misc]
        left -= step
    wanted = float(start or 0) + hours - 0.05
    wait_until(lambda: float(running.value(f"{GPU}.maint_hours") or 0) >= wanted, f"{wanted:g} h are seen", 60)


def overdue(running: Running, level: str) -> None:
    """It is told, by one alarm for all steps and levels."""
    key = f"maintenance:{GPU}:{level}:overdue"
    wait_until(lambda: set(alarms(running)) == {key}, f"{key} alone is told", 60)
    told = alarms(running)[key]
    assert (told["priority"], told["site"], told["device"]) == (2, "mkz", GPU)


def come_due(plant: LivePlant, running: Running, hours: float, level: str) -> None:
    drive(plant, running, hours)
    overdue(running, level)


def serve(store: MaintenanceStore, running: Running, level: str, hours: float) -> None:
    """A service as the pages do it: started, answered, signed, and the runtime is told."""
    number = f"service-{level}-{hours:.0f}"
    store.start(number, GPU, level, "Иванов", time.time())
    for owner, task in store.programme("standard").programme.checklist(level):
        if task.critical:
            name = f"{owner.id}.{task.id}"
            store.answer(number, name, Answer("done"), 0, name, "Иванов", time.time())
    store.sign(number, time.time(), hours, "Иванов", time.time())
    Channel(running.run_dir.channel).call("maintenance-changed", device=GPU, event="service-sign", who="Иванов")
    running.wait_for(f"{GPU}.maint_state", 2, 60)
    wait_until(lambda: not alarms(running), "the alarm has returned", 60)


def test_a_thousand_engine_hours_each_due_point_fires_once_and_its_service_ends_it(one: Path, tmp_path: Path) -> None:
    url = load_settings(one).history.url
    store = MaintenanceStore(url, demo=True)
    store.seed([standard_programme()], 1.0)
    store.adopt([GPU], "standard", 1.0)
    with live_plant(one, moving=False) as plant:
        with running_program(one, tmp_path / "run", fast) as running:
            running.wait_for(f"{GPU}.maint_meter", 1, 60)
            begun = float(running.value(f"{GPU}.maint_hours") or 0)
            store.enter("initial-1", GPU, "to4", 1.0, begun - 190.0, "Иванов", 2.0)
            Channel(running.run_dir.channel).call("maintenance-changed")
            running.wait_for(f"{GPU}.maint_state", 2, 60)
            for before, leg in pairwise(((0.0, "", 0.0), *LEGS[:3])):
                come_due(plant, running, leg[0] - before[0], leg[1])
                if leg is not LEGS[2]:
                    serve(store, running, leg[1], begun + leg[2])
        # the program is started again while TO-1 is overdue: it is so still, and does not fire again
        with running_program(one, tmp_path / "run", fast) as running:
            running.wait_for(f"{GPU}.maint_state", 5, 60)
            assert running.value(f"{GPU}.maint_hours") == pytest.approx(begun + LEGS[2][0], abs=0.1)
            overdue(running, LEGS[2][1])
            serve(store, running, LEGS[2][1], begun + LEGS[2][2])
            for before, leg in pairwise(LEGS[2:]):
                come_due(plant, running, leg[0] - before[0], leg[1])
                serve(store, running, leg[1], begun + leg[2])
    history = open_history(url, read_only=True)
    raised = [
        entry.event.key.removeprefix(f"maintenance:{GPU}:")
        for entry in history.journal(
            JournalFilter(category=("alarm",), event=("raise", "raise-again", "present-at-start"))
        )
        if entry.event.key.startswith(f"maintenance:{GPU}:")
    ]
    fired = [key.partition(":")[0] for key in reversed(raised) if key.endswith(":overdue")]
    assert fired == [level for _, level, _ in LEGS]
    for step in ("warning", "critical"):
        assert sum(key.endswith(step) for key in raised) <= len(LEGS), "never twice for one due point"
    signed = history.journal(JournalFilter(category=("maintenance",), event=("service-sign",)))
    assert len(signed) == len(LEGS)


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
