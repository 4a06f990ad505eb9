"""Events and alarms to write, and what is in a history, for the tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tagdb.history import AlarmRecord, Event, History, open_history
from tagdb.history.records import Record, record_of

ALARM = AlarmRecord(
    id=1,
    key="mkz.gpu1.alarm_oil",
    site="mkz",
    device="mkz.gpu1",
    priority=1,
    kind="shutdown",
    label={"en": "Low oil pressure", "ru": "Низкое давление масла"},
    state="unacknowledged",
    raised_at=1_700_000_000.25,
)


def event(number: int, **more: object) -> Event:
    """An event that can be told from others."""
    fields: dict[str, object] = {"time": 1e9 + number, "category": "runtime", "event": "tick", "key": str(number)}
    return Event(**fields | more)  # type: ignore[arg-type]


def record(number: int, run: str = "run") -> Record:
    """An event's record."""
    return record_of(event(number), run, number)


def alarm(number: int, **more: Any) -> AlarmRecord:
    """An occurrence, one a second."""
    return replace(ALARM, **{"id": number, "raised_at": 1e9 + number} | more)


def keys_in(history: History) -> list[int]:
    """The numbers of the events in the order in which they were recorded."""
    entries = sorted(history.journal(limit=10_000), key=lambda entry: entry.id)
    return [int(entry.event.key) for entry in entries]


def keys_at(url: str) -> list[int]:
    """The same, of a URL."""
    return keys_in(open_history(url))
