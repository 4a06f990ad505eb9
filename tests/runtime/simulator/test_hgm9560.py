"""Coils, settings and clock of the bus tie's controller."""

import pytest

from runtime.simulator import Plant
from runtime.simulator.breaker import SwitchState
from runtime.simulator.controller import Verdict
from runtime.simulator.hgm9560 import BusTieController
from runtime.simulator.mains import MainsState
from runtime.simulator.modes import Mode
from runtime.simulator.responder import ask


@pytest.fixture
def controller(plant: Plant) -> BusTieController:
    found = plant.controllers["mkz.shpr"]
    assert isinstance(found, BusTieController)
    return found


def test_toggles_turn_the_breaker_over_with_each_on(plant: Plant, controller: BusTieController) -> None:
    controller.write_coil(4, True)
    controller.write_coil(5, True)
    plant.step(5.0)
    assert controller.bank.words[197] == SwitchState.OPEN
    assert controller.site.bus_volts > 380.0, "the sets carry the consumers"
    controller.write_coil(5, True)
    plant.step(10.0)
    assert controller.bank.words[197] == SwitchState.CLOSED


def test_stop_opens_the_bus_breaker_and_stops_the_sets(plant: Plant, controller: BusTieController) -> None:
    controller.write_coil(1, True)
    plant.step(150.0)
    assert controller.bank.words[193] == SwitchState.OPEN
    assert controller.site.tie.mode is Mode.STOP
    assert all(genset.sequence.state == 0 for genset in controller.site.gensets.values())
    assert controller.site.mains_kw == pytest.approx(controller.site.load.kw)
    controller.write_coil(3, True)
    plant.step(120.0)
    assert controller.site.parallel
    assert next(iter(controller.site.gensets.values())).running


def test_in_manual_mode_start_calls_the_sets(plant: Plant, controller: BusTieController) -> None:
    controller.write_coil(4, True)
    controller.write_coil(0, True)
    plant.step(90.0)
    assert all(genset.running for genset in controller.site.gensets.values())


def test_outputs_hold_their_state_and_are_read_by_function_1(controller: BusTieController) -> None:
    controller.write_coil(20, True)
    assert ask(controller, bytes.fromhex("01 00 13 00 06")) == bytes.fromhex("01 01 02")
    controller.write_coil(20, False)
    assert ask(controller, bytes.fromhex("01 00 13 00 06")) == bytes.fromhex("01 01 00")
    assert ask(controller, bytes.fromhex("01 00 00 00 64")) is None


def test_settings_are_read_back(controller: BusTieController) -> None:
    for address, value in ((4351, 0), (4352, 655), (4354, 300)):
        assert controller.write_register(address, value) is Verdict.OK
    controller.publish()
    assert list(controller.bank.read(4351, 4)) == [0, 655, 0, 300]
    assert controller.write_register(4351, 3) is Verdict.ILLEGAL_VALUE


def test_old_firmware_echoes_and_ignores(plant: Plant, controller: BusTieController) -> None:
    plant.fault("mkz.shpr", "old-firmware")
    before = controller.bank.read(4351, 4)
    request = bytes.fromhex("06 11 00 02 8F")
    assert ask(controller, request) == request
    assert controller.bank.read(4351, 4) == before
    plant.fault("mkz.shpr", "clear")
    ask(controller, request)
    assert controller.bank.words[4352] == 655


def test_its_clock_follows_the_plants_date(plant: Plant, controller: BusTieController) -> None:
    # 2026-03-01 is a Sunday.
    assert list(controller.bank.read(225, 7)) == [0, 0, 12, 1, 3, 26, 0]
    plant.step(75.0)
    assert list(controller.bank.read(225, 3)) == [15, 1, 12]
    plant.fault("mkz.shpr", "clock-drift=86400")
    assert list(controller.bank.read(225, 7)) == [15, 1, 12, 2, 3, 26, 1]


def test_its_clock_can_be_set(controller: BusTieController) -> None:
    assert controller.write_register(227, 9) is Verdict.OK
    assert controller.write_register(230, 30) is Verdict.OK
    assert controller.write_register(229, 13) is Verdict.ILLEGAL_VALUE
    controller.publish()
    assert list(controller.bank.read(225, 6)) == [0, 0, 9, 1, 3, 30]


def test_writing_to_a_counter_presets_it(controller: BusTieController) -> None:
    controller.write_register(203, 1)
    controller.write_register(204, 0)
    assert controller.site.kwh == pytest.approx(0.1)


def test_a_mains_failure_shows_in_words_44_and_195_without_the_common_alarm(
    plant: Plant, controller: BusTieController
) -> None:
    plant.fault("mkz", "quiet")
    plant.fault("mkz", "mains-fail")
    plant.step(5.0)
    assert controller.bank.words[195] == MainsState.ABNORMAL
    assert controller.bank.words[44] == 0b10000101
    assert controller.bank.words[0] & 1 == 0
    assert controller.bank.words[55] == 0
    plant.fault("mkz", "mains-return")
    plant.step(30.0)
    assert controller.bank.words[195] == MainsState.NORMAL
    assert controller.bank.words[44] == 0


def test_the_battery_of_the_cabinet(plant: Plant, controller: BusTieController) -> None:
    plant.fault("mkz.shpr", "battery-low")
    plant.step(1.0)
    assert controller.bank.words[20] == 1
    assert controller.bank.words[0] & 0b101 == 0b101
