"""The engine over scripted scans: raise, acknowledge, return; quality; delays; first readings; reload."""

from dataclasses import replace

import numpy as np
import pytest

from runtime.scan import Moment
from runtime.scan.alarms import AlarmDefinition, AlarmEngine, Priority, Test, definitions_of
from tagdb import Directory, Kind, Quality, Refresh, Tag, TagStore
from tests.runtime.scan.alarms.plant import Plant


def test_raise_acknowledge_return(running: Plant) -> None:
    running.set(power_total=120.5)
    running.set(stop=1, source_time=55.0)
    assert running.scan() == ["stop: raise > unacknowledged"]
    ((definition, occurrence),) = running.engine.open()
    assert definition.priority is Priority.CRITICAL
    assert (occurrence.value_raised, occurrence.source_time, occurrence.first_out) == (True, 55.0, True)
    assert occurrence.snapshot == {"mkz.gpu1.power_total": {"value": 120.5, "quality": 192}}
    assert running.scan() == []
    (outcome,) = running.engine.orders.acknowledge([occurrence.id], "anna", "seen", running.now)
    assert (outcome.ok, outcome.occurrence) == (True, occurrence.id)
    assert running.scan() == ["stop: acknowledge > acknowledged"]
    assert (running.log[-1].who, running.log[-1].comment) == ("anna", "seen")
    running.set(stop=0)
    assert running.scan() == ["stop: return > normal"]
    assert running.engine.open() == []
    (record,) = running.engine.touched()
    assert record is occurrence
    assert record.raised_at < record.acknowledged_at < record.returned_at == record.cleared_at
    assert (record.who, record.value_returned) == ("anna", False)


def test_return_before_acknowledgement(running: Plant) -> None:
    running.set(trip=1)
    running.scan()
    running.set(trip=0)
    assert running.scan() == ["trip: return > returned-unacknowledged"]
    running.set(trip=1)
    assert running.scan() == ["trip: raise-again > unacknowledged"]
    ((_, occurrence),) = running.engine.open()
    assert (occurrence.again, occurrence.returned_at) == (1, None)
    assert occurrence.last_raised_at == running.now.time > occurrence.raised_at
    running.set(trip=0)
    running.scan()
    running.engine.orders.acknowledge(["mkz.gpu1.trip"], "anna", "", running.now)
    assert running.scan() == ["trip: acknowledge > normal"]


def test_set_at_start_is_told_as_such(plant: Plant) -> None:
    assert plant.scan() == []
    plant.set(stop=1, trip=0)
    assert plant.scan() == ["stop: present-at-start > unacknowledged"]
    ((_, occurrence),) = plant.engine.open()
    assert (occurrence.present_at_start, occurrence.first_out) == (True, False)
    plant.set(trip=1)
    assert plant.scan() == ["trip: raise > unacknowledged"]


def test_a_missed_poll_is_no_transition(running: Plant) -> None:
    running.set(stop=1)
    running.scan()
    running.set(Quality.LAST_KNOWN, stop=1, trip=0)
    assert running.scan() == []
    running.set(stop=1, trip=0)
    assert running.scan() == []


def test_bad_quality_keeps_it_open_as_unsafe(running: Plant) -> None:
    running.set(stop=1, trip=1)
    running.scan()
    running.engine.orders.acknowledge(["mkz.gpu1.trip"], "anna", "", running.now)
    running.scan()
    running.set(Quality.NOT_CONNECTED, stop=1, trip=1, warn=0)
    assert running.scan() == ["stop: unsafe > unsafe", "trip: unsafe > unsafe"]
    assert running.log[-1].comment == "not connected"
    ids = [occurrence.id for _, occurrence in running.engine.open()]
    running.set(stop=1, trip=1, warn=0)
    assert running.scan() == ["stop: resolve > unacknowledged", "trip: resolve > acknowledged"]
    assert [occurrence.id for _, occurrence in running.engine.open()] == ids
    running.set(Quality.STALE, stop=1, trip=1)
    running.scan()
    running.set(stop=0, trip=0)
    assert sorted(running.scan()) == ["stop: resolve > returned-unacknowledged", "trip: resolve > normal"]
    assert [occurrence.value_returned for _, occurrence in running.engine.open()] == [False]


def test_unsafe_can_be_acknowledged(running: Plant) -> None:
    running.set(stop=1)
    running.scan()
    running.set(Quality.STALE, stop=1)
    running.scan()
    (outcome,) = running.engine.orders.acknowledge(["mkz.gpu1.stop"], "anna", "", running.now)
    assert outcome.ok
    assert running.scan() == ["stop: acknowledge > unsafe"]
    running.set(stop=1)
    assert running.scan() == ["stop: resolve > acknowledged"]


def test_raised_while_disconnected_is_no_first_out(running: Plant) -> None:
    running.set(Quality.NOT_CONNECTED, stop=0, trip=0)
    running.scan()
    running.set(trip=1, stop=1)
    assert running.scan() == ["stop: raise > unacknowledged", "trip: raise > unacknowledged"]
    leader, follower = (occurrence for _, occurrence in running.engine.open())
    assert (leader.first_out, follower.group) == (False, leader.id)


def test_an_unknown_word_is_raised_with_its_raw_value_and_again_with_further_bits(running: Plant) -> None:
    running.set(unknown=0x8001)
    assert running.scan() == ["unknown: raise > unacknowledged"]
    assert running.log[-1].value == 0x8001
    running.engine.orders.acknowledge(["mkz.gpu1.unknown"], "anna", "", running.now)
    running.scan()
    running.set(unknown=0x8000)
    assert running.scan() == []
    running.set(unknown=0x8010)
    assert running.scan() == ["unknown: raise-again > unacknowledged"]
    assert running.log[-1].value == 0x8010
    running.set(unknown=0)
    assert running.scan() == ["unknown: return > returned-unacknowledged"]


def test_lost_connection_is_one_alarm_and_the_devices_open_ones_wait(running: Plant) -> None:
    running.set(stop=1)
    running.scan()
    running.text("mkz.gpu1.comm_error", "no answer")
    for _ in range(3):  # it comes and goes
        running.set(comm_state=3)
        running.set(Quality.NOT_CONNECTED, stop=1, trip=0, warn=0)
        running.scan()
        running.set(comm_state=1)
        running.set(stop=1, trip=0, warn=0)
        running.scan(2.0)
    comm = [step.event for step in running.log if step.key == "mkz.gpu1.comm_state"]
    assert comm == ["raise"]
    lost = next(occurrence for definition, occurrence in running.engine.open() if definition.kind == "comm")
    assert lost.snapshot["mkz.gpu1.comm_error"]["value"] == "no answer"
    assert [step.event for step in running.log if step.key == "mkz.gpu1.stop"] == ["raise", "unsafe"]
    running.set(trip=1)  # what is new is not held back
    assert running.scan() == ["trip: raise > unacknowledged"]
    back = running.scan(5.0) + running.scan()
    assert sorted(back) == ["comm_state: return > returned-unacknowledged", "stop: resolve > unacknowledged"]


def test_counted_troubles_of_the_runtime(running: Plant) -> None:
    running.write({"scada.scan.overruns": 7})
    assert running.scan() == ["scada.scan.overruns: raise > unacknowledged"]
    assert running.scan(30.0) == []
    running.write({"scada.scan.overruns": 8})
    assert running.scan() == []
    assert running.scan() == []
    assert running.scan(50.0) == []
    assert running.scan(50.0) == ["scada.scan.overruns: return > returned-unacknowledged"]


def test_a_refused_configuration_is_an_alarm_until_one_is_taken(running: Plant) -> None:
    running.text("scada.config.error", "")
    assert running.scan() == []
    running.text("scada.config.error", "scada.ini:3: ...")
    assert running.scan() == ["scada.config.error: raise > unacknowledged"]
    assert running.log[-1].value == "scada.ini:3: ..."
    running.text("scada.config.error", "")
    assert running.scan() == ["scada.config.error: return > returned-unacknowledged"]


def delayed(plant: Plant, **changes: float) -> None:
    plant.definitions = [
        replace(definition, **changes) if definition.key == "mkz.gpu1.warn" else definition
        for definition in plant.definitions
    ]
    plant.engine.install(plant.definitions, plant.store.tags, plant.now)


@pytest.mark.parametrize("jump_s", [0.0, -86400.0, 86400.0])
def test_delays_run_on_the_monotonic_clock(running: Plant, jump_s: float) -> None:
    delayed(running, on_delay_s=5.0, off_delay_s=3.0)
    running.set(warn=1)
    assert running.scan() == []
    running.clock.wall_offset += jump_s
    assert running.scan(4.9) == []
    assert running.scan(0.2) == ["warn: raise > unacknowledged"]
    running.set(warn=0)
    assert running.scan() == []
    running.clock.wall_offset -= jump_s
    assert running.scan(2.9) == []
    running.set(warn=1)
    assert running.scan() == []
    running.set(warn=0)
    assert running.scan() == []
    assert running.scan(2.9) == []
    assert running.scan(0.2) == ["warn: return > returned-unacknowledged"]
    occurrence = running.engine.touched()[-1]
    assert occurrence.returned_at >= occurrence.raised_at


def test_a_short_condition_is_not_raised(running: Plant) -> None:
    delayed(running, on_delay_s=5.0)
    running.set(warn=1)
    running.scan()
    running.set(warn=0)
    assert running.scan(3.0) == []
    assert running.scan(10.0) == []


def test_bad_quality_ends_a_delay(running: Plant) -> None:
    delayed(running, on_delay_s=5.0)
    running.set(warn=1)
    running.scan()
    running.set(Quality.STALE, warn=1)
    assert running.scan(10.0) == []
    running.set(warn=1)
    assert running.scan() == []
    assert running.scan(5.1) == ["warn: raise > unacknowledged"]


def test_latched_stays_until_it_is_reset(running: Plant) -> None:
    delayed(running, latched=True)
    running.set(warn=1)
    running.scan()
    running.set(warn=0)
    assert running.scan() == ["warn: return > latched"]
    orders = running.engine.orders
    assert orders.reset("mkz.gpu1.warn", "anna", running.now).reason["en"] == "it must be acknowledged first"
    orders.acknowledge(["mkz.gpu1.warn"], "anna", "", running.now)
    assert orders.reset("mkz.gpu1.warn", "anna", running.now).ok
    assert running.scan() == ["warn: acknowledge > latched", "warn: reset > normal"]


def test_rules_report(running: Plant) -> None:
    rule = AlarmDefinition("rule:hot:mkz.gpu1", "mkz", "mkz.gpu1", {"en": "hot"}, Priority.HIGH, "rule", on_delay_s=2.0)
    engine = running.engine
    engine.install([*running.definitions, rule], running.store.tags, running.now)

    def report(active: bool, quality: int = 192, value: float = 0.0) -> list[str]:
        engine.report(rule.key, active, quality, running.now, {"temp": value}, value)
        return running.scan()

    assert report(False) == []
    assert report(True, value=99.0) == []
    running.clock.now += 2.0
    assert report(True, value=101.0) == ["rule:hot:mkz.gpu1: raise > unacknowledged"]
    ((_, occurrence),) = engine.open()
    assert (occurrence.value_raised, occurrence.message_values) == (101.0, {"temp": 101.0})
    assert report(False, Quality.LAST_KNOWN) == []
    assert report(True, Quality.STALE) == ["rule:hot:mkz.gpu1: unsafe > unsafe"]
    assert report(True) == ["rule:hot:mkz.gpu1: resolve > unacknowledged"]
    assert report(False) == ["rule:hot:mkz.gpu1: return > returned-unacknowledged"]
    with pytest.raises(KeyError):
        engine.report("mkz.gpu1.stop", True, 192, running.now)
    with pytest.raises(KeyError):
        engine.report("rule:gone", True, 192, running.now)


def test_reload_keeps_states_and_removed_alarms_are_closed(running: Plant) -> None:
    running.set(stop=1, warn=1)
    running.scan()
    kept = [definition for definition in running.definitions if definition.key != "mkz.gpu1.warn"]
    running.engine.install(kept, running.store.tags, running.now)
    assert running.scan() == ["warn: removed > normal"]
    assert [definition.key for definition, _ in running.engine.open()] == ["mkz.gpu1.stop"]
    running.engine.install(running.definitions, running.store.tags, running.now)
    assert running.scan() == ["warn: present-at-start > unacknowledged"]


def test_two_definitions_of_one_key_are_refused(running: Plant) -> None:
    with pytest.raises(ValueError, match="one key"):
        running.engine.install(running.definitions * 2, running.store.tags, running.now)


def test_counts_leave_out_what_is_hidden(running: Plant) -> None:
    running.set(stop=1, trip=1, warn=1)
    running.scan()
    orders = running.engine.orders
    orders.acknowledge(["mkz.gpu1.trip"], "anna", "", running.now)
    orders.shelve("mkz.gpu1.warn", 60, "noise", "anna", running.now)
    counts = running.engine.counts()
    assert [counts[priority] for priority in Priority] == [(1, 1), (1, 0), (0, 0), (0, 0), (0, 0)]


def test_the_revision_follows_the_list(running: Plant) -> None:
    before = running.engine.revision
    running.scan()
    assert running.engine.revision == before
    running.set(stop=1)
    running.scan()
    assert running.engine.revision > before


def test_quiet_alarms_tell_nothing_and_all_that_come_at_once_are_told() -> None:
    words = {"en": "", "ru": ""}
    tags = [
        Tag(f"s.d{n // 400}.a{n}", n, Kind.BOOL, "s", f"s.d{n // 400}", "g", words, alarm="warning")
        for n in range(900)
    ]
    directory = Directory(1, words, True, 0.1, tags)
    store = TagStore(4096)
    store.install(tags)
    store.cell[:900], store.quality[:900] = 0.0, 192
    engine = AlarmEngine(definitions_of(directory), store.tags, Moment(0.0, 0.0))
    engine.evaluate(store, Moment(0.0, 0.0))
    assert not engine.evaluate(store, Moment(1.0, 1.0))
    store.cell[:900] = 1.0
    assert len(engine.evaluate(store, Moment(1000.0, 1000.0))) == 900
    assert len({occurrence.id for _, occurrence in engine.open()}) == 900


def test_equal_tests_compare_with_the_operand(running: Plant) -> None:
    lost = next(row for row in running.definitions if row.key == "mkz.gpu2.comm_state")
    assert (lost.test, lost.operand) == (Test.EQUAL, 3.0)
    running.write({"mkz.gpu2.comm_state": 2})
    assert running.scan() == []
    running.write({"mkz.gpu2.comm_state": 3})
    assert running.scan() == ["mkz.gpu2.comm_state: raise > unacknowledged"]


def test_a_gated_block_that_is_only_refreshed_says_nothing_new(running: Plant) -> None:
    running.set(stop=1)
    running.scan()
    slots = np.array([running.store.tags[name].slot for name in ("mkz.gpu1.stop", "mkz.gpu1.trip")], np.intp)
    running.store.refresh(Refresh(slots, running.now.time, running.now.monotonic))
    assert running.scan() == []


def test_not_a_number_is_not_trusted(running: Plant) -> None:
    running.set(stop=1)
    running.scan()
    running.set(stop=float("nan"))
    assert running.scan() == ["stop: unsafe > unsafe"]
