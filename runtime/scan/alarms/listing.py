"""The alarm list as the UI gets it: every open occurrence with what is fixed about it, and what is shelved; plain JSON.

Stage: on demand, between two scans; pages ask again when the revision changes.
"""

from __future__ import annotations

from typing import Any

from runtime.scan.alarms.engine import AlarmEngine
from runtime.scan.alarms.model import AlarmDefinition, Occurrence, Shelf
from runtime.scan.clock import Moment

__all__ = ["listing", "row_of_alarm"]


def listing(engine: AlarmEngine, now: Moment) -> dict[str, Any]:
    """``{"revision", "alarms": [...], "shelves": [...]}``; alarms in the order in which they were raised, the shelved,
    suppressed and out-of-service ones that are open among them; shelves with or without an open alarm."""
    return {
        "revision": engine.revision,
        "alarms": [row_of_alarm(definition, occurrence) for definition, occurrence in engine.open()],
        "shelves": [_shelf(engine, shelf) for shelf in engine.orders.shelves(now)],
    }


def row_of_alarm(definition: AlarmDefinition, occurrence: Occurrence) -> dict[str, Any]:
    """One alarm: its occurrence and what is fixed about it."""
    return occurrence.to_json() | _fixed(definition)


def _shelf(engine: AlarmEngine, shelf: Shelf) -> dict[str, Any]:
    alarm = engine.alarm(shelf.key)
    fixed = _fixed(alarm.definition) if alarm is not None else {}
    return {
        **fixed,
        "key": shelf.key,
        "state": str(shelf.state),
        "who": shelf.who,
        "reason": shelf.reason,
        "since": shelf.since,
        "until": shelf.until,
    }


def _fixed(definition: AlarmDefinition) -> dict[str, Any]:
    return {
        "key": definition.key,
        "site": definition.site,
        "device": definition.device,
        "label": dict(definition.label),
        "priority": int(definition.priority),
        "kind": definition.kind,
        "code": definition.code,
        "tag": definition.tag,
        "help": dict(definition.help),
        "latched": definition.latched,
    }
