"""Orders: what is done, what was so already, what is refused and why; shelving, suppression, out of service."""

from dataclasses import replace

import pytest

from runtime.scan.alarms import AlarmEngine, AlarmState, Verdict
from runtime.scan.alarms.reasons import REASONS, words_of
from tagdb import Quality
from tests.runtime.scan.alarms.plant import Plant

STOP, TRIP, WARN = "mkz.gpu1.stop", "mkz.gpu1.trip", "mkz.gpu1.warn"
STANDING = {"en": "standing still", "ru": "стоит"}
MAINS_OUT = {"en": "the mains are out", "ru": "сети нет"}


def test_acknowledging_twice_is_done_once(running: Plant) -> None:
    running.set(stop=1)
    running.scan()
    orders = running.engine.orders
    verdicts = [orders.acknowledge([STOP], who, "", running.now)[0] for who in ("anna", "boris")]
    assert [(outcome.verdict, outcome.reason["en"]) for outcome in verdicts] == [
        (Verdict.DONE, ""),
        (Verdict.ALREADY, "it was acknowledged by anna"),
    ]
    assert running.scan() == ["stop: acknowledge > acknowledged"]
    ((_, occurrence),) = running.engine.open()
    assert occurrence.who == "anna"


def test_an_id_acknowledges_only_what_was_seen(running: Plant) -> None:
    orders = running.engine.orders
    running.set(stop=1)
    running.scan()
    ((_, first),) = running.engine.open()
    orders.acknowledge([first.id], "anna", "", running.now)
    running.set(stop=0)
    running.scan()
    running.set(stop=1)
    running.scan()
    (outcome,) = orders.acknowledge([first.id], "anna", "", running.now)
    assert (outcome.verdict, outcome.reason["en"], outcome.occurrence) == (Verdict.REFUSED, "it has ended", first.id)
    assert running.state("stop") == "unacknowledged"


def test_several_a_device_and_all(running: Plant) -> None:
    running.set(stop=1, trip=1, warn=1)
    running.write({"mkz.gpu2.stop": 1})
    running.scan()
    orders = running.engine.orders
    several = orders.acknowledge([STOP, "mkz.gpu1.none", "mkz.gpu1.unknown"], "anna", "", running.now)
    assert [(outcome.ok, outcome.reason["en"]) for outcome in several] == [
        (True, ""),
        (False, "there is no such alarm"),
        (False, "the alarm is not raised"),
    ]
    device = orders.acknowledge_device("mkz.gpu1", "anna", "", running.now)
    assert {outcome.key for outcome in device} == {TRIP, WARN}
    assert [outcome.key for outcome in orders.acknowledge_all("anna", "", running.now)] == ["mkz.gpu2.stop"]
    assert orders.acknowledge_all("anna", "", running.now) == []


@pytest.mark.parametrize("jump_s", [0.0, -86400.0, 86400.0])
def test_shelving_ends_by_itself_whatever_the_wall_clock_does(running: Plant, jump_s: float) -> None:
    running.set(stop=1)
    running.scan()
    orders = running.engine.orders
    assert orders.shelve(STOP, 60.0, "sensor is being changed", "anna", running.now).ok
    assert running.scan() == ["stop: shelve > shelved"]
    running.clock.wall_offset += jump_s
    (shelf,) = orders.shelves(running.now)
    assert (shelf.who, shelf.reason) == ("anna", "sensor is being changed")
    assert shelf.until == pytest.approx(running.now.time + 59.9)
    assert running.scan(59.0) == []
    assert running.scan(1.0) == ["stop: unshelve > unacknowledged"]
    assert running.log[-1].why == {"en": "its time is over", "ru": "время истекло"}
    assert orders.shelves(running.now) == []


def test_a_shelved_alarm_is_kept_up_to_date_without_being_announced(running: Plant) -> None:
    orders = running.engine.orders
    orders.shelve(STOP, 60.0, "test", "anna", running.now)
    running.set(stop=1)
    assert running.scan() == ["stop: shelve > shelved", "stop: raise > shelved"]
    (refused,) = orders.acknowledge([STOP], "anna", "", running.now)
    assert refused.reason["en"] == "the alarm is shelved"
    running.set(stop=0)
    assert running.scan() == ["stop: return > shelved"]
    assert orders.unshelve(STOP, "anna", running.now).ok
    assert running.scan() == ["stop: unshelve > normal"]
    assert running.engine.touched()[-1].cleared_at is not None
    assert orders.unshelve(STOP, "anna", running.now).verdict is Verdict.ALREADY


def test_shelving_again_sets_the_time_anew(running: Plant) -> None:
    orders = running.engine.orders
    orders.shelve(STOP, 10.0, "test", "anna", running.now)
    assert orders.shelve(STOP, 10.0, "test", "anna", running.now).verdict is Verdict.ALREADY
    orders.shelve(STOP, 100.0, "longer", "boris", running.now)
    assert running.scan(50.0) == ["stop: shelve > shelved", "stop: shelve > shelved"]
    assert running.scan(51.0) == ["stop: unshelve > normal"]


@pytest.mark.parametrize(
    ("key", "seconds", "reason", "why"),
    [
        (STOP, 60.0, " ", "a reason is needed"),
        (STOP, 0.0, "test", "the time must be above 0 and at most 7 days"),
        (STOP, 8 * 86400.0, "test", "the time must be above 0 and at most 7 days"),
        ("mkz.gpu9.stop", 60.0, "test", "there is no such alarm"),
    ],
)
def test_shelving_is_refused(running: Plant, key: str, seconds: float, reason: str, why: str) -> None:
    outcome = running.engine.orders.shelve(key, seconds, reason, "anna", running.now)
    assert (outcome.ok, outcome.reason["en"]) == (False, why)
    assert running.scan() == []


def test_acknowledgement_does_not_outlive_shelving(running: Plant) -> None:
    running.set(stop=1)
    running.scan()
    orders = running.engine.orders
    orders.acknowledge([STOP], "anna", "", running.now)
    orders.shelve(STOP, 60.0, "test", "anna", running.now)
    orders.unshelve(STOP, "anna", running.now)
    running.scan()
    assert running.state("stop") == "unacknowledged"


def test_unshelved_while_the_input_is_bad_is_unsafe(running: Plant) -> None:
    running.set(stop=1)
    running.scan()
    running.engine.orders.shelve(STOP, 60.0, "test", "anna", running.now)
    running.set(Quality.STALE, stop=1)
    assert running.scan() == ["stop: shelve > shelved"]
    running.engine.orders.unshelve(STOP, "anna", running.now)
    assert running.scan() == ["stop: unshelve > unsafe"]


def test_out_of_service_lasts_until_it_is_put_back(running: Plant) -> None:
    orders = running.engine.orders
    assert orders.take_out(STOP, "", "anna", running.now).reason["en"] == "a reason is needed"
    assert orders.take_out(STOP, "maintenance", "anna", running.now).ok
    assert orders.take_out(STOP, "maintenance", "anna", running.now).verdict is Verdict.ALREADY
    assert orders.shelve(STOP, 60.0, "test", "anna", running.now).reason["en"] == "the alarm is out of service"
    running.set(stop=1)
    assert running.scan() == ["stop: out-of-service > out-of-service", "stop: raise > out-of-service"]
    assert running.scan(10 * 86400.0) == []
    (shelf,) = orders.shelves(running.now)
    assert (shelf.until, shelf.reason) == (None, "maintenance")
    assert orders.put_back(STOP, "anna", running.now).ok
    assert running.scan() == ["stop: in-service > unacknowledged"]


def test_taking_a_shelved_alarm_out_of_service_ends_the_shelving(running: Plant) -> None:
    orders = running.engine.orders
    orders.shelve(STOP, 60.0, "test", "anna", running.now)
    orders.take_out(STOP, "maintenance", "anna", running.now)
    running.scan(3600.0)
    assert running.state("stop") == "out-of-service"


def suppressible(plant: Plant) -> None:
    plant.definitions = [
        replace(row, suppressed_by="mkz.gpu1.maintenance") if row.key in (STOP, TRIP) else row
        for row in plant.definitions
    ]
    plant.engine.install(plant.definitions, plant.store.tags, plant.now)


def test_suppressed_by_design_while_a_tag_is_set(running: Plant) -> None:
    suppressible(running)
    running.set(stop=1)
    running.scan()
    running.set(maintenance=1)
    assert running.scan() == ["stop: suppress > suppressed", "trip: suppress > suppressed"]
    assert running.log[-1].why["ru"] == "mkz.gpu1.maintenance", "what the tag is called"
    assert running.log[-1].cause == "mkz.gpu1.maintenance"
    running.set(trip=1, stop=0)
    assert sorted(running.scan()) == ["stop: return > suppressed", "trip: raise > suppressed"]
    running.set(Quality.STALE, maintenance=0)
    assert running.scan() == []
    running.set(maintenance=0)
    assert running.scan() == ["stop: unsuppress > normal", "trip: unsuppress > unacknowledged"]


def test_suppression_waits_for_the_end_of_shelving(running: Plant) -> None:
    suppressible(running)
    running.set(stop=1)
    running.scan()
    running.engine.orders.shelve(STOP, 60.0, "test", "anna", running.now)
    running.set(maintenance=1)
    running.scan()
    assert running.state("stop") == "shelved"
    running.scan(60.0)
    assert running.state("stop") == "suppressed"


def test_a_reload_without_the_suppressing_tag_ends_suppression(running: Plant) -> None:
    plain = running.definitions
    suppressible(running)
    running.set(maintenance=1)
    running.scan()
    running.engine.install(plain, running.store.tags, running.now)
    assert running.scan() == ["stop: unsuppress > normal", "trip: unsuppress > normal"]


def test_a_rule_suppresses(running: Plant) -> None:
    running.set(stop=1)
    running.scan()
    running.engine.suppress(STOP, "rule:blackout", MAINS_OUT, running.now)
    running.engine.suppress(STOP, "rule:blackout", MAINS_OUT, running.now)
    assert running.scan() == ["stop: suppress > suppressed"]
    running.engine.suppress(STOP, "rule:blackout", {}, running.now)
    assert running.scan() == ["stop: unsuppress > unacknowledged"]


def test_reset_says_why_not(running: Plant) -> None:
    orders = running.engine.orders
    assert orders.reset(STOP, "anna", running.now).verdict is Verdict.ALREADY
    running.set(stop=1)
    running.scan()
    assert orders.reset(STOP, "anna", running.now).reason["en"] == "the alarm is not latched, it is not acknowledged"
    assert orders.reset("none", "anna", running.now).reason["en"] == "there is no such alarm"


def test_every_reason_is_told_in_both_languages(running: Plant) -> None:
    orders = running.engine.orders
    running.set(stop=1)
    running.scan()
    orders.acknowledge([STOP], "анна", "", running.now)
    again = orders.acknowledge([STOP], "boris", "", running.now)[0]
    assert (again.code, again.reason["ru"]) == ("acknowledged-by", "её уже квитировал анна")
    assert orders.reset(STOP, "anna", running.now).reason["ru"] == "авария не зафиксирована: квитирована"
    for code, words in REASONS.items():
        assert set(words) == {"en", "ru"}, code
        assert all(words_of(code, {"who": "w", "days": "7"}, AlarmState.UNACK).values())


def test_a_latched_alarm_that_still_holds_cannot_be_reset(running: Plant) -> None:
    running.definitions = [replace(row, latched=True) if row.key == STOP else row for row in running.definitions]
    running.restart()
    running.online()
    running.set(stop=1)
    running.scan()
    running.engine.orders.acknowledge([STOP], "anna", "", running.now)
    assert running.engine.orders.reset(STOP, "anna", running.now).code == "still-active"


def test_two_that_suppress_must_both_end(running: Plant) -> None:
    running.set(stop=1)
    running.scan()
    running.engine.suppress(STOP, "rule:a", STANDING, running.now)
    running.engine.suppress(STOP, "rule:b", MAINS_OUT, running.now)
    assert running.scan() == ["stop: suppress > suppressed"]
    alarm = running.engine.alarm(STOP)
    assert alarm is not None
    assert alarm.suppression == {"en": "standing still; the mains are out", "ru": "стоит; сети нет"}
    running.engine.suppress(STOP, "rule:a", {}, running.now)
    assert running.scan() == []
    running.engine.suppress(STOP, "rule:b", {}, running.now)
    assert running.scan() == ["stop: unsuppress > unacknowledged"]
    assert (running.log[-1].cause, running.log[-1].why) == ("rule:b", MAINS_OUT), "which of them ended last"


def test_suppression_by_a_rule_survives_a_restart_and_ends_with_the_rule(running: Plant) -> None:
    running.engine.suppress(STOP, "rule:a", STANDING, running.now)
    rows = running.engine.dump(running.now)
    engine = AlarmEngine(running.definitions, running.store.tags, running.now, rows, {"rule:a": {STOP}})
    alarm = engine.alarm(STOP)
    assert alarm is not None
    assert (alarm.state, alarm.suppression) == (AlarmState.SUPPRESSED, STANDING)
    engine.install(running.definitions, running.store.tags, running.now)
    assert alarm.state is AlarmState.NORMAL
