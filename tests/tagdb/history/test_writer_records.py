"""What the writer makes of its items: one that is none goes alone and is counted, alarms and state are one row each."""

from __future__ import annotations

from tagdb.history import Event, open_history
from tests.tagdb.history.conftest import Make
from tests.tagdb.history.samples import alarm, event, keys_at


def test_what_is_no_item_goes_alone(url: str, make: Make) -> None:
    writer = make(url)
    writer.post(event(0))
    writer.post("no item")  # type: ignore[arg-type]
    writer.post(Event(time="yesterday", category="runtime", event="x"))  # type: ignore[arg-type]
    writer.upsert_alarm({"id": 1})
    writer.post(event(1))
    writer.step()
    assert keys_at(url) == [0, 1]
    assert writer.status()["dropped"] == 3


def test_what_the_database_refuses_goes_alone(url: str, make: Make) -> None:
    writer = make(url)
    for number in range(10):
        writer.post(event(number, time=1e30) if number == 5 else event(number))
    writer.step()
    assert keys_at(url) == [0, 1, 2, 3, 4, 6, 7, 8, 9]
    status = writer.status()
    assert (status["written"], status["dropped"], status["healthy"]) == (9, 1, True)


def test_any_text_and_any_value_can_be_written(url: str, make: Make) -> None:
    writer = make(url)
    odd = {"nan": float("nan"), "bytes": b"\x00", "deep": [{"set": {1}}], "nul\0": "\0", "half": "\ud800"}
    writer.post(event(1, comment="a\0b\ud800'\"%s?\n", data=odd, text={"en": "\0", "ru": "Ёлка"}))
    writer.step()
    (entry,) = open_history(url).journal()
    assert entry.event.comment == "a\N{REPLACEMENT CHARACTER}b?'\"%s?\n"
    assert entry.event.data["nan"] is None
    assert entry.event.text["ru"] == "Ёлка"


def test_an_alarm_is_one_row_that_changes(url: str, make: Make) -> None:
    writer = make(url)
    writer.upsert_alarm(alarm(1))
    writer.upsert_alarm(alarm(1, state="acknowledged", acknowledged_at=1e9 + 5))
    writer.step()
    writer.upsert_alarm(alarm(1, state="normal", acknowledged_at=1e9 + 5, cleared_at=1e9 + 6, value_raised=True))
    writer.step()
    expected = alarm(1, state="normal", acknowledged_at=1e9 + 5, cleared_at=1e9 + 6, value_raised=True)
    assert open_history(url).alarms() == [expected]


def test_another_alarm_does_not_overwrite_one_of_the_same_id(url: str, make: Make) -> None:
    writer = make(url)
    writer.upsert_alarm(alarm(1))
    writer.step()
    writer.upsert_alarm(alarm(1, key="another"))
    writer.step()
    assert open_history(url).alarms() == [alarm(1)]
    assert writer.status()["dropped"] == 1
    assert "taken by another" in writer.status()["last_error"]


def test_an_occurrence_of_the_engine_is_understood(url: str, make: Make) -> None:
    writer = make(url)
    row = alarm(3).to_json()
    row = {
        name: row[name] for name in ("id", "key", "site", "device", "priority", "kind", "label", "state", "raised_at")
    }
    writer.upsert_alarm({**row, "group": 2, "value_acked": 4.5, "source_time": 1e9, "again": 2})
    writer.step()
    expected = alarm(3, group_id=2, value_acknowledged=4.5, raised_source_time=1e9, data={"again": 2})
    assert open_history(url).alarms() == [expected]


def test_state_is_retained_by_its_newest_value(url: str, make: Make) -> None:
    writer = make(url)
    writer.retain("hours", 1)
    writer.retain("hours", 2)
    writer.retain("latch", {"set": True})
    writer.step()
    writer.retain("hours", [3])
    writer.step()
    assert open_history(url).retained() == {"hours": [3], "latch": {"set": True}}
