"""From the simulated controllers' registers over real sockets to the process image, with the line's faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.field import CommState
from tagdb import Quality
from tests.support.demo import ROOT, LivePlant, demo_ini, live_plant
from tests.support.running import Running, running_program, wait_until
from tests.support.somebody import Somebody


@pytest.fixture(scope="module")
def ini(tmp_path_factory: pytest.TempPathFactory) -> Path:
    quick = {
        "map = hgm9520n": "map = hgm9520n\nperiods = fast:0.3 slow:1 alarms:0.3",
        "map = hgm9560": "map = hgm9560\nperiods = fast:0.6 slow:2 alarms:0.6",
        "line = 9600-8N2": "line = 9600-8N2\ntimeout_ms = 300\nquarantine_ms = 200",
    }
    return demo_ini(tmp_path_factory.mktemp("site"), **quick)


@pytest.fixture(scope="module")
def plant(ini: Path) -> Iterator[LivePlant]:
    with live_plant(ini, moving=False) as plant:
        yield plant


@pytest.fixture(scope="module")
def running(ini: Path, plant: LivePlant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_program(ini, tmp_path_factory.mktemp("run") / "run") as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_faulty(plant: LivePlant) -> Iterator[None]:
    yield
    for target in ("mkz", "yakz", "mkz.gpu1", "mkz.gpu2", "mkz.shpr", "yakz.gpu1", "yakz.shpr"):
        plant.fault(target, "clear")


def test_every_tag_is_read_within_seconds(running: Running) -> None:
    names = [tag.name for tag in running.directory().tags]

    def all_read() -> bool:
        return not [name for name in names if running.sample(name).quality is Quality.INITIAL]

    running.wait_for("yakz.shpr.battery_volt", Quality.GOOD)
    wait_until(all_read, "every tag read once")
    counts = Counter(running.sample(name).quality for name in names)
    assert counts[Quality.GOOD] > 2800
    assert set(counts) <= {Quality.GOOD, Quality.NO_DATA}, "a plant at rest has nothing wrong but absent sensors"


def test_a_register_reaches_its_tag(running: Running, plant: LivePlant) -> None:
    plant.fault("mkz.gpu1", "set=coolant_temp:-17")
    running.wait_for("mkz.gpu1.coolant_temp", -17)
    sample = running.sample("mkz.gpu1.coolant_temp")
    assert (sample.quality, sample.raw) == (Quality.GOOD, 0x10000 - 17)
    plant.fault("mkz.shpr", "set=mains_p_total:-123.4")
    running.wait_for("mkz.shpr.mains_p_total", -123.4)


def test_an_alarm_opens_the_gate_and_closes_it_again(running: Running, plant: LivePlant) -> None:
    running.wait_for("mkz.gpu2.warning_gas_leak", False)
    plant.fault("mkz.gpu2", "alarm=warning_gas_leak")
    running.wait_for("mkz.gpu2.warning_gas_leak", True)
    assert running.value("mkz.gpu2.alarm_common") is True
    plant.fault("mkz.gpu2", "clear")
    running.wait_for("mkz.gpu2.alarm_common", False)
    running.wait_for("mkz.gpu2.warning_gas_leak", False)


def test_an_unknown_alarm_bit_shows_as_such(running: Running, plant: LivePlant) -> None:
    plant.fault("mkz.gpu2", "alarm=warning_gas_leak")  # opens the gate
    plant.fault("mkz.gpu2", f"word={91 + 9}:{0x4001}")
    running.wait_for("mkz.gpu2.warning_unknown_9", 0x4001)


def test_mains_words_are_read_whether_or_not_there_is_an_alarm(running: Running, plant: LivePlant) -> None:
    assert running.value("yakz.shpr.alarm_common") is False
    plant.fault("yakz.shpr", f"word=44:{0x80}")
    running.wait_for("yakz.shpr.mains_state_mains_blackout", True)
    plant.fault("yakz.shpr", "clear")
    running.wait_for("yakz.shpr.mains_state_mains_blackout", False)


@pytest.mark.parametrize(
    ("fault", "lowest"),
    [("drop=0.4", 411), ("corrupt=0.4", 421), ("garbage=0.5", 431), ("foreign=0.5", 441), ("duplicate=0.5", 451),
     ("late", 461)],
)  # fmt: skip
def test_a_bad_line_never_brings_a_wrong_value(running: Running, plant: LivePlant, fault: str, lowest: int) -> None:
    """Distinct voltages, so that a block taken for another cannot go unnoticed, and others than the test before had."""
    names = [f"{side}_{phase}" for side in ("mains", "busbar") for phase in ("uab", "ubc", "uca")]
    for number, name in enumerate(names):
        plant.fault("mkz.shpr", f"set={name}:{lowest + number}")
    for number, name in enumerate(names):
        running.wait_for(f"mkz.shpr.{name}", lowest + number)
    before = running.value("links.mkz_line.requests")
    plant.fault("mkz.shpr", fault)

    def enough() -> bool:
        for number, name in enumerate(names):
            assert running.value(f"mkz.shpr.{name}") == lowest + number
        return int(running.value("links.mkz_line.requests") or 0) - int(before or 0) >= 12

    wait_until(enough, "some requests over the bad line")
    running.wait_for("mkz.gpu1.comm_state", CommState.ONLINE)  # its neighbours are not touched


def test_a_device_that_goes_silent_is_offline_after_three_cycles_and_comes_back(
    running: Running, plant: LivePlant
) -> None:
    running.wait_for("yakz.gpu1.comm_state", CommState.ONLINE)
    value = running.value("yakz.gpu1.battery_volt")
    # That the value is the last known one meanwhile is seen in tests/runtime/field: here it could come and go unseen.
    plant.fault("yakz.gpu1", "offline")
    running.wait_for("yakz.gpu1.comm_state", CommState.OFFLINE, 30)
    running.wait_for("yakz.gpu1.battery_volt", Quality.NOT_CONNECTED)
    assert running.value("yakz.gpu1.battery_volt") == value, "the last value stays"
    plant.fault("yakz.gpu1", "clear")
    running.wait_for("yakz.gpu1.battery_volt", Quality.GOOD, 30)


def test_a_cut_connection_is_made_again(running: Running, plant: LivePlant) -> None:
    before = int(running.value("links.yakz_line.reconnects") or 0)
    plant.fault("yakz.shpr", "close")

    def reconnected() -> bool:
        return int(running.value("links.yakz_line.reconnects") or 0) > before

    wait_until(reconnected, "a reconnect")
    plant.fault("yakz.shpr", "clear")
    running.wait_for("yakz.shpr.battery_volt", Quality.GOOD, 30)


def test_the_frames_around_a_fault_can_be_had(running: Running, plant: LivePlant) -> None:
    engineer = Somebody(running, "engineer")
    engineer.call("release-frames", link="mkz_line")
    plant.fault("mkz.shpr", "corrupt=1")
    wait_until(lambda: "[crc error]" in engineer.call("frames", link="mkz_line")["text"], "a CRC error in the record")


def test_a_map_edited_while_it_runs(tmp_path: Path) -> None:
    maps = tmp_path / "registermaps"
    maps.mkdir()
    for file in (ROOT / "registermaps/smartgen").glob("*.yaml"):
        (maps / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    ini = demo_ini(
        tmp_path,
        **{f"maps = {ROOT}/registermaps": f"maps = {maps}", "map = hgm9560": "map = hgm9560\nperiods = slow:1"},
    )
    with live_plant(ini, moving=False) as plant, running_program(ini, tmp_path / "run") as running:
        plant.fault("mkz.shpr", "set=battery_volt:27.5")
        running.wait_for("mkz.shpr.battery_volt", 27.5)
        running.wait_for("mkz.gpu1.comm_state", CommState.ONLINE)
        polls = int(running.value("mkz.gpu1.comm_polls") or 0)
        path = maps / "hgm9560.yaml"
        text = path.read_text(encoding="utf-8")
        line = next(line for line in text.splitlines() if line.strip().startswith("battery_volt:"))
        assert "scale: 0.1" in line
        path.write_text(text.replace(line, line.replace("scale: 0.1", "scale: 0.2")), encoding="utf-8")
        running.wait_for("mkz.shpr.battery_volt", 55.0)
        running.wait_for("scada.config.reloads", 1)
        wait_until(lambda: int(running.value("mkz.gpu1.comm_polls") or 0) > polls, "the others are polled on")
        assert running.value("links.mkz_line.reconnects") == 0, "the connection was kept"
        path.write_text(text.replace(line, line.replace("scale: 0.1", "scael: 0.1")), encoding="utf-8")
        running.wait_for("scada.config.refused", 1)
        wait_until(lambda: "unknown key 'scael'" in str(running.value("scada.config.error")), "why it was refused")
        assert running.value("mkz.shpr.battery_volt") == 55.0
