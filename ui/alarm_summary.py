"""What the alarm bar of every page shows: the alarm that matters most now, and counts per priority.

Stage: the runtime's alarm list -> one small answer that hundreds of pages may ask for at each change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["QUIET", "AlarmSummary", "Tally", "summarise"]

#: states in which an alarm is kept from the operator on purpose
QUIET = frozenset({"shelved", "suppressed", "out-of-service"})
PRIORITIES = (1, 2, 3, 4, 5)


@dataclass(slots=True)
class Tally:
    """The announced alarms of one priority."""

    shown: int = 0
    unacknowledged: int = 0
    #: Unix seconds of the last raise among the unacknowledged; what is newer has not been heard yet
    newest: float | None = None


@dataclass(frozen=True, slots=True)
class AlarmSummary:
    """One state of the alarm list in short."""

    #: the newest of the most urgent alarms that nobody has acknowledged, as the runtime tells it
    top: Mapping[str, Any] | None
    tallies: Mapping[int, Tally]
    #: kept from the operator: shelved, suppressed, out of service
    quiet: int

    @property
    def unacknowledged(self) -> int:
        """Over all priorities."""
        return sum(tally.unacknowledged for tally in self.tallies.values())

    @property
    def shown(self) -> int:
        """Over all priorities."""
        return sum(tally.shown for tally in self.tallies.values())


def summarise(rows: Iterable[Mapping[str, Any]]) -> AlarmSummary:
    """Count the open alarms as the runtime tells them."""
    tallies = {priority: Tally() for priority in PRIORITIES}
    top: Mapping[str, Any] | None = None
    quiet = 0
    for row in rows:
        if row["state"] in QUIET:
            quiet += 1
            continue
        tally = tallies.setdefault(int(row["priority"]), Tally())
        tally.shown += 1
        if row["acknowledged"]:
            continue
        tally.unacknowledged += 1
        tally.newest = max(tally.newest or 0.0, _raised(row))
        if top is None or _urgency(row) < _urgency(top):
            top = row
    return AlarmSummary(top, tallies, quiet)


def _urgency(row: Mapping[str, Any]) -> tuple[int, float]:
    return int(row["priority"]), -_raised(row)


def _raised(row: Mapping[str, Any]) -> float:
    return float(row.get("last_raised_at") or row["raised_at"])
