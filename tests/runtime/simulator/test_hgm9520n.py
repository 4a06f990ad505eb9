"""Coils and settings of the genset's controller."""

import pytest

from runtime.simulator import FaultError, Plant
from runtime.simulator.controller import Verdict
from runtime.simulator.genset import Genset
from runtime.simulator.hgm9520n import GensetController
from runtime.simulator.modes import Mode
from runtime.simulator.sequence import GensetState

MODES = {"mode_test": 8, "mode_auto": 9, "mode_manual": 10, "mode_stop": 11}


@pytest.fixture
def controller(plant: Plant) -> GensetController:
    found = plant.controllers["mkz.gpu1"]
    assert isinstance(found, GensetController)
    return found


@pytest.fixture
def genset(controller: GensetController) -> Genset:
    return controller.genset


def shown(controller: GensetController, bit: int) -> bool:
    controller.publish()
    return bool(controller.bank.words[0] >> bit & 1)


@pytest.mark.parametrize(("coil", "mode"), [(1, Mode.STOP), (3, Mode.AUTO), (4, Mode.MANUAL)])
def test_mode_coils_show_in_word_0(controller: GensetController, coil: int, mode: Mode) -> None:
    assert controller.write_coil(coil, True) is Verdict.OK
    for name, bit in MODES.items():
        assert shown(controller, bit) == (name == mode), name


def test_off_as_sent_by_those_who_pulse_does_nothing(controller: GensetController, genset: Genset) -> None:
    assert controller.write_coil(1, False) is Verdict.OK
    assert genset.mode is Mode.AUTO


def test_start_and_stop_by_coils(plant: Plant, controller: GensetController, genset: Genset) -> None:
    controller.write_coil(4, True)
    controller.write_coil(7, True)
    plant.step(30.0)
    assert not genset.closed
    controller.write_coil(6, True)
    plant.step(30.0)
    assert genset.running
    controller.write_coil(1, True)
    plant.step(120.0)
    assert genset.sequence.state is GensetState.STANDBY
    assert controller.bank.words[260] == GensetState.STANDBY
    controller.write_coil(0, True)
    plant.step(5.0)
    assert genset.sequence.state is GensetState.STANDBY, "start works in manual mode only"
    controller.write_coil(4, True)
    controller.write_coil(0, True)
    plant.step(2.0)
    assert controller.bank.words[260] == GensetState.PREHEAT


def test_fast_stop(plant: Plant, controller: GensetController, genset: Genset) -> None:
    controller.write_coil(15, True)
    plant.step(0.1)
    assert genset.sequence.state is GensetState.ETS


def test_alarm_reset_is_without_effect_where_it_is_not_enabled(
    plant: Plant, controller: GensetController, genset: Genset
) -> None:
    plant.fault("mkz.gpu1", "no-remote-reset")
    plant.fault("mkz.gpu1", "trip")
    controller.write_coil(17, True)
    assert genset.alarms.active == {"trip_reverse_power"}
    plant.fault("mkz.gpu1", "clear")
    controller.write_coil(17, True)
    assert genset.alarms.active == set()


def test_alarms_set_the_summary_bits_and_are_counted(plant: Plant, controller: GensetController) -> None:
    assert not shown(controller, 0)
    plant.fault("mkz.gpu1", "alarm=shutdown_overspeed")
    plant.fault("mkz.gpu1", "alarm=block_gas_leak")
    assert [shown(controller, bit) for bit in (0, 1, 2, 7)] == [True, True, False, True]
    assert controller.bank.words[1] == 0b10
    assert controller.bank.words[511] == 2
    plant.fault("mkz.gpu1", "clear")
    assert not shown(controller, 0)
    assert controller.bank.words[1] == 0


def test_a_bit_that_no_cause_is_known_for_is_an_alarm_too(plant: Plant, controller: GensetController) -> None:
    plant.fault("mkz.gpu1", "word=70:0x8000")
    assert controller.bank.words[70] == 0x8000
    assert shown(controller, 0)
    assert shown(controller, 6), "it is in a word of the class safety trip"
    plant.step(1.0)
    assert controller.bank.words[70] == 0x8000
    plant.fault("mkz.gpu1", "clear")
    assert controller.bank.words[70] == 0


def test_a_point_is_held_until_cleared(plant: Plant, controller: GensetController) -> None:
    plant.fault("mkz.gpu1", "set=power_total:75.5")
    assert list(controller.bank.read(180, 2)) == [755, 0]
    plant.step(5.0)
    assert list(controller.bank.read(180, 2)) == [755, 0]
    plant.fault("mkz.gpu1", "clear")
    assert list(controller.bank.read(180, 2)) != [755, 0]


def test_an_open_sensor_shows_no_data_and_a_warning(plant: Plant, controller: GensetController) -> None:
    plant.fault("mkz.gpu1", "sensor-open=coolant_temp")
    assert controller.bank.words[220] == 32766
    assert controller.bank.words[92] == 1 << 7
    assert shown(controller, 2)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("alarm=shutdown_boredom", "the map 'hgm9520n' of 'mkz.gpu1' has no point 'shutdown_boredom' to hold"),
        ("set=power:1", "the map 'hgm9520n' of 'mkz.gpu1' has no point 'power' to hold"),
        ("alarm=warning_gas_laek", "the map 'hgm9520n' of 'mkz.gpu1' has no point 'warning_gas_laek' to hold "
         "(did you mean 'warning_gas_leak'?)"),
        ("set=power_total:much", "fault 'set': found 'much', expected a number"),
        ("word=70000:1", "fault 'word': found '70000:1', expected two numbers from 0 to 65535"),
        ("old-firmware", "fault 'old-firmware' needs an HGM9560, and 'mkz.gpu1' is none"),
    ],
)
def test_faults_that_do_not_fit(plant: Plant, fault: str, message: str) -> None:
    with pytest.raises(FaultError) as caught:
        plant.fault("mkz.gpu1", fault)
    assert str(caught.value).startswith(message)


def test_power_settings_are_seen_in_the_targets_and_overwritten(plant: Plant, controller: GensetController) -> None:
    plant.step(0.5)
    assert controller.write_register(4368, 333) is Verdict.OK
    controller.publish()
    assert controller.bank.words[160] == 333
    plant.step(2.0)
    assert controller.bank.words[160] != 333


def test_what_it_does_not_know(controller: GensetController) -> None:
    assert controller.write_register(4368, 1001) is Verdict.ILLEGAL_VALUE
    assert controller.write_register(4400, 1) is Verdict.SILENT
    assert controller.write_coil(90, True) is Verdict.SILENT
    assert controller.read_coils(0, 8) is None


def test_there_is_no_clock_on_this_model(controller: GensetController) -> None:
    assert list(controller.bank.read(225, 7)) == [65535, 32767, 65535, 32767, 65535, 0, 0]
