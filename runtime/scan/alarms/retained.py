"""What of an alarm outlives a restart, as plain JSON rows, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runtime.scan.alarms.alarm import Alarm
from runtime.scan.alarms.model import AlarmDefinition, AlarmState, Occurrence, Priority
from runtime.scan.clock import Moment

__all__ = ["raised_in_order", "restore_alarm", "row_of"]


def row_of(alarm: Alarm, now: Moment) -> dict[str, Any] | None:
    """The row of one alarm; None when it is normal and nothing is known of it that a restart would lose."""
    if alarm.occurrence is None and alarm.state is AlarmState.NORMAL and not alarm.suppressions:
        return None
    until = alarm.shelved_until
    return {
        "key": alarm.definition.key,
        "site": alarm.definition.site,
        "device": alarm.definition.device,
        "state": str(alarm.state),
        "occurrence": alarm.occurrence.to_json() if alarm.occurrence is not None else None,
        "value": alarm.value,
        "trusted": alarm.trusted,
        "suppressions": dict(alarm.suppressions),
        "who": alarm.who,
        "reason": alarm.reason,
        "since": alarm.since,
        # By the wall clock of now: the monotonic one does not outlive the machine.
        "until": now.time + until - now.monotonic if until is not None else None,
    }


def restore_alarm(row: Mapping[str, Any], now: Moment) -> Alarm:
    """The inverse; its definition is a place-holder until the real one is installed."""
    definition = AlarmDefinition(row["key"], row["site"], row["device"], {}, Priority.MEDIUM, "")
    alarm = Alarm(definition, state=AlarmState(row["state"]), suppressions=_suppressions(row))
    if row["occurrence"] is not None:
        alarm.occurrence = Occurrence.from_json(row["occurrence"])
    alarm.value, alarm.trusted = row.get("value"), row.get("trusted", True)
    alarm.who, alarm.reason, alarm.since = row["who"], row["reason"], row["since"]
    if row["until"] is not None:
        alarm.shelved_until = now.monotonic + row["until"] - now.time
    return alarm


def _suppressions(row: Mapping[str, Any]) -> dict[str, str]:
    if "suppressions" in row or not row.get("suppression"):
        return dict(row.get("suppressions") or {})
    return {row.get("suppressed_by") or row["suppression"]: row["suppression"]}  # as version 0.1 kept it


def raised_in_order(row: Mapping[str, Any]) -> int:
    """For sorting rows, from wherever they were kept: the order in which the alarms were raised."""
    occurrence = row.get("occurrence")
    return int(occurrence["id"]) if occurrence else 0
