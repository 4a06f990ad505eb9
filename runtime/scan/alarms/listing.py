"""The alarm list as the UI gets it: every open occurrence with what is fixed about it, and what is shelved; plain JSON.

Stage: on demand; pages ask again when the revision changes. Between two scans only copies are taken: ten thousand open
alarms must not hold up the next one. Whoever asked makes the rows of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from runtime.scan.alarms.engine import AlarmEngine
from runtime.scan.alarms.model import AlarmDefinition, Occurrence, Priority, Shelf
from runtime.scan.clock import Moment
from tagdb import Words

__all__ = ["Listed", "listing", "row_of_alarm"]


@dataclass(frozen=True, slots=True)
class Listed:
    """The open alarms of one moment, in copies that no later step changes."""

    revision: int
    #: in the order in which they were raised, the shelved, suppressed and out-of-service ones among them
    alarms: list[tuple[AlarmDefinition, Occurrence]]
    #: with or without an open alarm
    shelves: list[tuple[AlarmDefinition | None, Shelf]]
    #: as ``AlarmEngine.suppressed``
    suppressed: list[tuple[AlarmDefinition, dict[str, Words]]]
    #: as ``AlarmEngine.counts``
    counts: dict[Priority, tuple[int, int]]

    @classmethod
    def of(cls, engine: AlarmEngine, now: Moment) -> Listed:
        """As it stands now; called by the scan's thread."""
        shelves = [(engine.alarm(shelf.key), shelf) for shelf in engine.orders.shelves(now)]
        return cls(
            engine.revision,
            [(definition, occurrence.copy()) for definition, occurrence in engine.open()],
            [(alarm.definition if alarm else None, shelf) for alarm, shelf in shelves],
            engine.suppressed(),
            engine.counts(),
        )


def listing(listed: Listed) -> dict[str, Any]:
    """``{"revision", "alarms": [...], "shelves": [...], "suppressed": [...]}``, in the same order."""
    return {
        "revision": listed.revision,
        "alarms": [row_of_alarm(definition, occurrence) for definition, occurrence in listed.alarms],
        "shelves": [_shelf(definition, shelf) for definition, shelf in listed.shelves],
        "suppressed": _by_cause(listed.suppressed),
    }


def row_of_alarm(definition: AlarmDefinition, occurrence: Occurrence) -> dict[str, Any]:
    """One alarm: its occurrence and what is fixed about it."""
    return occurrence.to_json() | _fixed(definition)


def _by_cause(suppressed: Iterable[tuple[AlarmDefinition, Mapping[str, Words]]]) -> list[dict[str, Any]]:
    """What is suppressed by design: a row for each cause and device, with its reason and its alarms."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for definition, reasons in suppressed:
        for cause, reason in reasons.items():
            place = {"site": definition.site, "device": definition.device}
            row = rows.setdefault(
                (cause, definition.device), {"cause": cause, "reason": dict(reason), **place, "alarms": []}
            )
            fixed = definition.described()
            row["alarms"].append({name: fixed[name] for name in ("key", "label", "priority", "code")})
    return sorted(rows.values(), key=lambda row: (row["device"], row["cause"]))


def _shelf(definition: AlarmDefinition | None, shelf: Shelf) -> dict[str, Any]:
    fixed = _fixed(definition) if definition is not None else {}
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
    more = {"tag": definition.tag, "help": dict(definition.help), "latched": definition.latched}
    return definition.described() | more
