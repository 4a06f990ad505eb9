"""The model as a whole, moved by hand."""

from collections.abc import Callable

import pytest

from runtime.simulator import Plant
from runtime.simulator.breaker import SwitchState
from runtime.simulator.genset import Genset
from runtime.simulator.mains import MainsState
from runtime.simulator.modes import Mode
from runtime.simulator.sequence import GensetState


def until(plant: Plant, condition: Callable[[], bool], seconds: float) -> float:
    """Step until it holds; fails when it takes longer."""
    for tenth in range(round(seconds * 10)):
        if condition():
            return tenth / 10
        plant.step(0.1)
    pytest.fail(f"did not happen within {seconds} s of plant time")


def sets(plant: Plant, site: str = "mkz") -> list[Genset]:
    return list(plant.sites[site].gensets.values())


def test_the_first_set_of_each_site_runs_on_load_from_the_start(plant: Plant) -> None:
    for site in ("mkz", "yakz"):
        first, second = sets(plant, site)
        assert first.sequence.state is GensetState.RUNNING
        assert second.sequence.state is GensetState.STANDBY
    plant.step(5.0)
    assert 60 < sets(plant)[0].generator.kw < 160


def test_within_the_first_minute_a_set_starts_and_a_warning_comes(plant: Plant) -> None:
    second = sets(plant)[1]
    until(plant, lambda: second.sequence.state is not GensetState.STANDBY, 20)
    until(plant, lambda: any("warning_battery_undervolt" in genset.alarms.all for genset in sets(plant)), 40)
    until(plant, lambda: second.sequence.state is GensetState.RUNNING, 60)


def test_a_set_stops_when_the_load_goes_and_comes_back_with_it(plant: Plant) -> None:
    second = sets(plant)[1]
    until(plant, lambda: second.sequence.state is GensetState.RUNNING, 120)
    until(plant, lambda: second.sequence.state is GensetState.COOLING, 300)
    until(plant, lambda: second.sequence.state is GensetState.STANDBY, 120)
    assert second.starts > 1500
    until(plant, lambda: second.sequence.state is GensetState.CRANKING, 300)


def test_running_sets_share_the_load_evenly(plant: Plant) -> None:
    first, second = sets(plant)
    until(plant, lambda: second.running, 120)
    plant.step(20.0)
    assert first.generator.kw == pytest.approx(second.generator.kw, abs=3.0)


@pytest.mark.parametrize("site", ["mkz", "yakz"])
def test_what_is_consumed_is_delivered(plant: Plant, site: str) -> None:
    where = plant.sites[site]
    for _ in range(200):
        plant.step(1.0)
        assert where.mains_kw + where.sets_kw == pytest.approx(where.load.kw, abs=0.01)


def test_synchronising_turns_the_phase_past_the_bus_and_closes_near_it(plant: Plant) -> None:
    second = sets(plant)[1]
    until(plant, lambda: second.breaker.state is SwitchState.SYNCHRONISING, 120)
    phases = []
    while second.breaker.state is SwitchState.SYNCHRONISING:
        phases.append(second.generator.phase_deg)
        plant.step(0.1)
    assert 4.0 < len(phases) / 10 < 30.0
    assert max(phases) - min(phases) > 180.0
    assert min(phases[-1], 360.0 - phases[-1]) < 10.0


def test_the_phase_of_a_closed_set_wraps_to_just_below_360(plant: Plant) -> None:
    first = sets(plant)[0]
    seen = set()
    for _ in range(100):
        plant.step(0.1)
        seen.add(first.generator.phase_deg > 180.0)
    assert seen == {True, False}


def test_temperatures_have_inertia(plant: Plant) -> None:
    second = sets(plant)[1]
    until(plant, lambda: second.engine.fired, 60)
    cold = second.engine.coolant_c
    plant.step(1.0)
    assert second.engine.coolant_c - cold < 1.0
    plant.step(120.0)
    assert second.engine.coolant_c > cold + 15.0


def test_counters_grow_with_running(plant: Plant) -> None:
    first, second = sets(plant)
    before = (first.run_s, first.kwh, second.run_s)
    plant.step(3.0)
    assert first.run_s - before[0] == pytest.approx(3.0)
    assert 0.04 < first.kwh - before[1] < 0.15
    assert second.run_s == before[2]


def test_the_sets_carry_the_site_when_the_mains_fails(plant: Plant) -> None:
    site = plant.sites["mkz"]
    plant.fault("mkz", "mains-fail")
    plant.step(4.0)
    assert site.mains.state is MainsState.ABNORMAL
    assert site.mains.reasons() == {"mains_abnormal", "mains_undervolt", "mains_blackout"}
    assert not site.tie.mains_breaker.closed
    assert site.mains_kw == 0.0
    assert sets(plant)[0].generator.kw == pytest.approx(site.load.kw, rel=0.1)
    assert site.bus_volts > 380.0
    plant.fault("mkz", "mains-return")
    until(plant, lambda: site.mains.state is MainsState.NORMAL_DELAY, 5)
    until(plant, lambda: site.tie.mains_breaker.closed, 40)
    assert site.parallel


def test_overspeed_shuts_down_and_the_other_set_takes_over(plant: Plant) -> None:
    first, second = sets(plant)
    plant.step(1.0)
    plant.fault("mkz.gpu1", "overspeed")
    until(plant, lambda: "shutdown_overspeed" in first.alarms.active, 5)
    plant.step(1.0)
    assert not first.closed
    assert first.sequence.state is GensetState.ETS
    until(plant, lambda: second.running, 80)


def test_lost_oil_pressure_shuts_down(plant: Plant) -> None:
    plant.fault("mkz.gpu1", "low-oil")
    until(plant, lambda: "shutdown_low_oil_pressure" in sets(plant)[0].alarms.active, 10)


def test_an_engine_that_never_fires_gives_up(plant: Plant) -> None:
    plant.fault("mkz.gpu2", "no-start")
    until(plant, lambda: "shutdown_crank_failure" in sets(plant)[1].alarms.active, 120)


def test_a_trip_opens_the_breaker_and_leaves_the_engine_running(plant: Plant) -> None:
    first = sets(plant)[0]
    plant.fault("mkz.gpu1", "trip")
    plant.step(3.0)
    assert not first.closed
    assert first.engine.rpm > 1400


def test_an_alarm_stays_until_it_is_reset_and_its_cause_has_gone(plant: Plant) -> None:
    first = sets(plant)[0]
    plant.fault("mkz.gpu1", "low-oil")
    plant.step(10.0)
    plant.fault("mkz.gpu1", "clear")
    plant.step(5.0)
    assert "shutdown_low_oil_pressure" in first.alarms.active
    first.reset_alarms()
    plant.step(1.0)
    assert not first.alarms.active


def test_in_manual_mode_the_operator_starts_closes_and_stops(plant: Plant) -> None:
    plant.fault("mkz", "quiet")
    second = sets(plant)[1]
    second.set_mode(Mode.MANUAL)
    second.start()
    until(plant, lambda: second.sequence.state is GensetState.WAITING_FOR_LOAD, 90)
    plant.step(20.0)
    assert not second.closed, "in manual mode nobody closes for him"
    second.close_breaker()
    until(plant, lambda: second.running, 30)
    second.stop()
    until(plant, lambda: second.sequence.state is GensetState.COOLING, 40)
    assert second.mode is Mode.STOP


def test_a_fast_stop_neither_unloads_nor_cools(plant: Plant) -> None:
    first = sets(plant)[0]
    plant.step(2.0)
    first.fast_stop()
    plant.step(0.1)
    assert not first.closed
    assert first.sequence.state is GensetState.ETS


def test_a_quiet_site_has_no_troubles_of_its_own(plant: Plant) -> None:
    plant.fault("mkz", "quiet")
    for _ in range(300):
        plant.step(1.0)
        assert not any(genset.alarms.all for genset in sets(plant))


def test_load_modes_of_the_bus_tie(plant: Plant) -> None:
    tie = plant.sites["mkz"].tie
    tie.p_pct = 50.0
    assert [setattr(tie, "load_mode", mode) or tie.gensets_kw(200.0, 2) for mode in (0, 1, 2)] == [160.0, 40.0, 200.0]
