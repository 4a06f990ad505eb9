"""Alarms of a run on their way to the history: bursts, copies, and what a restart with other alarms makes of them."""

from __future__ import annotations

from typing import Any

from runtime.scan.alarms.engine import AT_ONCE
from tagdb.history import AlarmRecord, Deferred, Event, Retained, Together
from tests.support.burst import Burst


class Sink:
    """Takes what is posted, as the history's queue does; makes items of it when it is asked."""

    def __init__(self) -> None:
        self.posted: list[Deferred] = []

    def post(self, item: Any) -> None:
        assert isinstance(item, Deferred)
        self.posted.append(item)

    def items(self) -> list[Any]:
        made = [item for deferred in self.posted for item in deferred.make()]
        self.posted.clear()
        return [part for item in made for part in (item.items if isinstance(item, Together) else (item,))]


def of(kind: type, items: list[Any]) -> list[Any]:
    return [item for item in items if isinstance(item, kind)]


def retained(items: list[Any]) -> dict[str, Any]:
    return {row.key: row.value for row in of(Retained, items)}


def test_a_burst_is_spread_over_scans_and_nothing_of_it_is_lost() -> None:
    sink = Sink()
    burst = Burst(sink, {}, 2 * AT_ONCE + 10)  # type: ignore[arg-type]
    burst.scan(0)
    sink.posted.clear()
    raised = []
    for _ in range(3):
        burst.scan(2 * AT_ONCE + 10)
        raised.append(of(Event, sink.items()))
    assert [len(events) for events in raised] == [AT_ONCE, AT_ONCE, 10]
    keys = [event.key for events in raised for event in events]
    assert len(set(keys)) == len(keys) == 2 * AT_ONCE + 10
    assert {event.event for events in raised for event in events} == {"raise"}
    burst.scan(2 * AT_ONCE + 10)
    assert sink.items() == []


def test_what_was_posted_stays_what_it_was() -> None:
    sink = Sink()
    burst = Burst(sink, {}, 3)  # type: ignore[arg-type]
    burst.scan(0)
    sink.items()
    burst.scan(1)
    first, sink.posted = sink.posted, []
    key = "mkz.gpu0.warning_0"
    burst.alarming.engine.orders.acknowledge([key], "anna", "seen", burst.now())
    burst.scan(0)
    later, sink.posted = sink.items(), first
    items = sink.items()
    assert [event.event for event in of(Event, items)] == ["raise"]
    (record,) = of(AlarmRecord, items)
    assert (record.state, record.who, record.returned_at) == ("unacknowledged", "", None)
    row = retained(items)[f"alarm:{key}"]
    assert (row["state"], row["occurrence"]["who"]) == ("unacknowledged", "")
    assert [event.event for event in of(Event, later)] == ["acknowledge", "return"]
    assert of(AlarmRecord, later)[-1].who == "anna"
    assert retained(later)[f"alarm:{key}"] == {"key": key, "gone": True}


def test_a_step_its_record_and_its_retained_row_are_written_together() -> None:
    sink = Sink()
    burst = Burst(sink, {}, 700)  # type: ignore[arg-type]
    burst.scan(0)
    sink.posted.clear()
    burst.scan(700)
    together = [item for deferred in sink.posted for item in deferred.make() if isinstance(item, Together)]
    assert len(together) == 700
    assert sum(deferred.weight for deferred in sink.posted) == 700
    for item in together:
        assert [type(part) for part in item.items] == [Event, AlarmRecord, Retained]
        event, record, row = item.items
        assert isinstance(event, Event)
        assert isinstance(record, AlarmRecord)
        assert isinstance(row, Retained)
        assert f"alarm:{event.key}" == f"alarm:{record.key}" == row.key


def test_an_alarm_that_the_configuration_has_no_more_is_closed_and_told() -> None:
    sink = Sink()
    burst = Burst(sink, {}, 20)  # type: ignore[arg-type]
    burst.scan(0)
    burst.scan(20)
    kept = retained(sink.items())
    again = Burst(sink, kept, 10)  # type: ignore[arg-type]  # half of the devices' alarms are gone
    again.scan(10)
    items = sink.items()
    assert {event.event for event in of(Event, items)} == {"removed"}, "one at each device"
    records = of(AlarmRecord, items)
    assert sorted(record.key for record in records) == sorted(f"mkz.gpu{n % 10}.warning_{n}" for n in range(10, 20))
    for record in records:
        assert (record.state, record.cleared_at is not None) == ("normal", True)
        assert record.label == {"en": "Alarm", "ru": "Авария"}, "as it was called when it was there"
        assert record.kind == "warning"
    assert len(again.alarming.engine.open()) == 10
    rows = retained(items)
    assert all(rows[f"alarm:{record.key}"] == {"key": record.key, "gone": True} for record in records)


def test_the_figures_know_a_burst_at_once() -> None:
    sink = Sink()
    burst = Burst(sink, {}, 900)  # type: ignore[arg-type]
    burst.scan(0)
    burst.scan(900)
    assert burst.alarming.figures(burst.now())["raised"] == 900


WHY = {"en": "The genset stands still", "ru": "Агрегат стоит"}


def test_alarms_that_one_cause_suppresses_at_once_are_one_line_of_the_journal() -> None:
    sink = Sink()
    burst = Burst(sink, {}, 40)  # type: ignore[arg-type]  # four of each device
    burst.scan(0)
    burst.scan(1)  # one is raised: that it is hidden is told by itself
    sink.items()
    here, there = [f"mkz.gpu0.warning_{n}" for n in (0, 10, 20, 30)], ["mkz.gpu1.warning_1"]
    for key in (*here, *there):
        burst.alarming.engine.suppress(key, "suppress:still", WHY, burst.now())
    burst.scan(1)
    items = sink.items()
    events = {event.key: event for event in of(Event, items)}
    assert {key: (event.event, event.device) for key, event in events.items()} == {
        "mkz.gpu0.warning_0": ("suppress", "mkz.gpu0"),
        "suppress:still": ("suppress-several", "mkz.gpu0"),
        "mkz.gpu1.warning_1": ("suppress", "mkz.gpu1"),
    }
    several, one = events["suppress:still"], events["mkz.gpu1.warning_1"]
    assert several.text == {"en": "The genset stands still: 3", "ru": "Агрегат стоит: 3"}
    assert (several.before, several.after, several.who) == ("normal", "suppressed", "design")
    assert several.data["count"] == 3
    assert [row["key"] for row in several.data["alarms"]] == here[1:]
    assert several.data["alarms"][0]["label"] == {"en": "Alarm", "ru": "Авария"}
    assert (one.data["why"], one.comment) == (WHY, "The genset stands still / Агрегат стоит")
    assert {f"alarm:{key}" for key in (*here, *there)} < set(retained(items)), "each is kept for the next run"

    for key in (*here, *there):
        burst.alarming.engine.suppress(key, "suppress:still", {}, burst.now())
    burst.scan(1)
    assert sorted((event.event, event.text["ru"]) for event in of(Event, sink.items())) == [
        ("unsuppress", "Авария"),
        ("unsuppress", "Авария"),
        ("unsuppress-several", "Агрегат стоит: 3"),
    ]


def test_the_alarms_of_a_device_that_was_renamed_are_closed_in_one_line() -> None:
    sink = Sink()
    burst = Burst(sink, {}, 20)  # type: ignore[arg-type]
    burst.scan(0)
    burst.scan(11)  # two at mkz.gpu0, one at each other
    burst.alarming.engine.suppress("mkz.gpu1.warning_11", "suppress:still", WHY, burst.now())
    burst.scan(11)
    sink.items()
    kept = [row for row in burst.definitions if row.device not in ("mkz.gpu0", "mkz.gpu1")]
    burst.alarming.install(burst.directory, kept, {}, burst.now())
    burst.scan(11)
    items = sink.items()
    assert sorted((event.event, event.key, event.data.get("count")) for event in of(Event, items)) == [
        ("removed-several", "mkz.gpu0", 2),
        ("removed-several", "mkz.gpu1", 2),
    ]
    assert {record.key for record in of(AlarmRecord, items)} == {
        "mkz.gpu0.warning_0", "mkz.gpu0.warning_10", "mkz.gpu1.warning_1",
    }  # fmt: skip
    assert all((record.state, record.cleared_at is not None) == ("normal", True) for record in of(AlarmRecord, items))
    left = {definition.device for definition, _ in burst.alarming.engine.open()}
    assert left == {f"mkz.gpu{n}" for n in range(2, 10)}
