"""Kill and restart: nothing lost, nothing doubled."""

import json
from dataclasses import replace
from typing import Any

import pytest

from runtime.scan.alarms import AlarmEngine, row_of
from tagdb import Quality
from tests.runtime.scan.alarms.plant import Plant

STOP = "mkz.gpu1.stop"


def test_open_alarms_survive_and_are_not_doubled(running: Plant) -> None:
    running.set(stop=1, trip=1, warn=1, unknown=5)
    running.scan()
    running.engine.orders.acknowledge(["mkz.gpu1.trip", "mkz.gpu1.unknown"], "anna", "ok", running.now)
    running.set(warn=0)
    running.scan()
    before = [occurrence.to_json() for _, occurrence in running.engine.open()]
    rows = running.restart()
    assert json.loads(json.dumps(rows)) == rows
    assert [occurrence.to_json() for _, occurrence in running.engine.open()] == before
    assert running.scan() == []
    running.set(stop=1, trip=1, warn=0, unknown=5)
    assert running.scan() == []
    assert [occurrence.to_json() for _, occurrence in running.engine.open()] == before
    running.set(unknown=7)
    assert running.scan() == ["unknown: raise-again > unacknowledged"]


def test_what_returned_while_it_was_down_returns_at_the_first_reading(running: Plant) -> None:
    running.set(stop=1)
    running.scan()
    running.restart()
    running.set(stop=0)
    assert running.scan() == ["stop: return > returned-unacknowledged"]


def test_unsafe_survives(running: Plant) -> None:
    running.set(stop=1)
    running.scan()
    running.set(Quality.STALE, stop=1)
    running.scan()
    running.restart()
    assert running.state("stop") == "unsafe"
    running.set(stop=1)
    assert running.scan() == ["stop: resolve > unacknowledged"]


def test_shelving_survives_with_the_time_that_is_left(running: Plant) -> None:
    running.engine.orders.shelve(STOP, 60.0, "test", "anna", running.now)
    running.engine.orders.take_out("mkz.gpu1.trip", "maintenance", "boris", running.now)
    running.scan(20.0)
    rows = running.engine.dump(running.now)
    # The machine was off for 10 seconds, and its monotonic clock began anew.
    running.clock.wall_offset += running.clock.now + 10.0
    running.clock.now = 0.0
    running.engine = AlarmEngine(running.definitions, running.store.tags, running.now, rows)
    shelved, out = running.engine.orders.shelves(running.now)
    assert (shelved.who, shelved.reason, shelved.until) == ("anna", "test", pytest.approx(running.now.time + 30.0))
    assert (out.who, out.until) == ("boris", None)
    assert running.scan(29.0) == []
    assert running.scan(1.5) == ["stop: unshelve > normal"]


def test_ids_are_never_given_twice(running: Plant) -> None:
    running.set(stop=1)
    running.scan()
    first = running.log[-1].occurrence
    running.set(stop=0)
    running.scan()
    running.engine.orders.acknowledge([STOP], "anna", "", running.now)
    running.scan()
    running.clock.wall_offset -= 3600.0
    running.restart()
    running.set(stop=1)
    running.scan()
    assert running.log[-1].occurrence > first


def test_an_alarm_that_is_defined_no_more_is_closed_and_told(running: Plant) -> None:
    running.set(stop=1)
    running.scan()
    running.restart([row for row in running.definitions if row.key != STOP])
    assert running.scan() == ["stop: removed > normal"]
    assert running.engine.open() == []
    (record,) = running.engine.touched()
    assert record.cleared_at is not None


def test_changed_rows_make_the_same_as_a_dump(running: Plant) -> None:
    kept: dict[str, object] = {}

    def store() -> None:
        kept[""] = {"key": "", "last_id": running.engine.last_id}
        for key, alarm in running.engine.changed().items():
            row = row_of(key, alarm, running.now)
            if row.get("gone"):
                kept.pop(key, None)
            else:
                kept[key] = row

    def same() -> bool:
        return kept == {row["key"]: row for row in running.engine.dump(running.now)}

    running.set(stop=1, unknown=3)
    running.scan()
    store()
    assert same()
    running.set(unknown=2)
    running.scan()
    running.engine.orders.acknowledge([STOP, "mkz.gpu1.unknown"], "anna", "", running.now)
    store()
    assert same()
    running.set(stop=0)
    running.engine.suppress("mkz.gpu1.trip", "rule:x", {"en": "why", "ru": "почему"}, running.now)
    running.scan()
    store()
    assert same()
    assert set(kept) == {"", "mkz.gpu1.unknown", "mkz.gpu1.trip"}
    assert running.engine.changed() == {}


def test_suppression_survives_until_its_tag_is_read(running: Plant) -> None:
    running.definitions = [
        replace(row, suppressed_by="mkz.gpu1.maintenance") if row.key == STOP else row for row in running.definitions
    ]
    running.engine.install(running.definitions, running.store.tags, running.now)
    running.set(maintenance=1, stop=1)
    running.scan()
    running.restart()
    running.set(stop=1)
    assert running.scan() == []
    running.set(maintenance=0)
    assert running.scan() == ["stop: unsuppress > unacknowledged"]


def test_a_lost_device_is_still_lost_after_a_restart(running: Plant) -> None:
    running.set(comm_state=3)
    running.scan()
    running.engine.orders.acknowledge(["mkz.gpu1.comm_state"], "anna", "", running.now)
    running.scan()
    running.restart()
    running.set(comm_state=0)
    assert running.scan() == []
    assert running.scan(60.0) == []
    running.set(comm_state=3)
    assert running.scan() == []
    assert running.state("comm_state") == "acknowledged"
    running.set(comm_state=1)
    running.scan()
    assert running.scan(5.1) == ["comm_state: return > normal"]


def test_rows_of_an_older_program_are_understood(running: Plant) -> None:
    running.set(stop=1)
    running.scan()
    rows = running.engine.dump(running.now)
    for name in ("value", "trusted", "suppressions"):
        rows[1].pop(name)
    rows[1]["occurrence"] |= {"of another version": 1}
    engine = AlarmEngine(running.definitions, running.store.tags, running.now, rows)
    assert [occurrence.key for _, occurrence in engine.open()] == [STOP]


@pytest.mark.parametrize(
    ("kept", "cause"),
    [
        ({"suppressions": {"suppress:x:mkz.gpu1": "Стоит / Stands"}}, "suppress:x:mkz.gpu1"),
        ({"suppression": "Стоит / Stands", "suppressed_by": "mkz.gpu1.maintenance"}, "mkz.gpu1.maintenance"),
    ],
)
def test_reasons_of_one_text_for_both_languages_are_understood(running: Plant, kept: Any, cause: str) -> None:
    running.engine.suppress(STOP, "x", {"en": "Stands", "ru": "Стоит"}, running.now)
    rows = running.engine.dump(running.now)
    del rows[1]["suppressions"]
    rows[1] |= kept
    engine = AlarmEngine(running.definitions, running.store.tags, running.now, rows, {cause: {STOP}})
    ((definition, reasons),) = engine.suppressed()
    assert (definition.key, reasons) == (STOP, {cause: {"en": "Стоит / Stands", "ru": "Стоит / Stands"}})
