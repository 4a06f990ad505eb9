"""What of an alarm outlives a restart, as plain JSON rows, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from runtime.scan.alarms.alarm import Alarm
from runtime.scan.alarms.model import AlarmDefinition, AlarmState, Occurrence, Priority
from runtime.scan.clock import Moment
from tagdb import Value, Words

__all__ = ["Kept", "definition_of_row", "kept_of", "raised_in_order", "restore_alarm", "row_of"]


class Kept(NamedTuple):
    """An alarm as it stands, in a copy that no later step changes; any thread may make a row of it."""

    definition: AlarmDefinition
    state: AlarmState
    #: the open one, as ``Occurrence.values``
    occurrence: tuple[Any, ...] | None
    value: Value
    trusted: bool
    suppressions: Mapping[str, Words]
    who: str
    reason: str
    since: float
    #: monotonic seconds
    shelved_until: float | None


def kept_of(alarm: Alarm | None) -> Kept | None:
    """None for no alarm, and for one that is normal and of which nothing is known that a restart would lose."""
    if alarm is None or (alarm.occurrence is None and alarm.state is AlarmState.NORMAL and not alarm.suppressions):
        return None
    occurrence = alarm.occurrence
    return Kept(
        alarm.definition, alarm.state, None if occurrence is None else occurrence.values(),
        alarm.value, alarm.trusted, dict(alarm.suppressions), alarm.who, alarm.reason, alarm.since, alarm.shelved_until,
    )  # fmt: skip


def row_of(key: str, kept: Kept | None, now: Moment) -> dict[str, Any]:
    """The row of one alarm as of ``now``; ``{"key": ..., "gone": True}`` where the stored one is to be dropped."""
    if kept is None:
        return {"key": key, "gone": True}
    until = kept.shelved_until
    # described: how an alarm is told of that the next configuration does not have
    return kept.definition.described() | {
        "key": key,
        "state": str(kept.state),
        "occurrence": None if kept.occurrence is None else Occurrence(*kept.occurrence).to_json(),
        "value": kept.value,
        "trusted": kept.trusted,
        "suppressions": {source: dict(reason) for source, reason in kept.suppressions.items()},
        "who": kept.who,
        "reason": kept.reason,
        "since": kept.since,
        # By the wall clock of now: the monotonic one does not outlive the machine.
        "until": now.time + until - now.monotonic if until is not None else None,
    }


def restore_alarm(row: Mapping[str, Any], now: Moment) -> Alarm:
    """The inverse; its definition is a place-holder until the real one is installed."""
    alarm = Alarm(definition_of_row(row), state=AlarmState(row["state"]), suppressions=_suppressions(row))
    if row["occurrence"] is not None:
        alarm.occurrence = Occurrence.from_json(row["occurrence"])
    alarm.value, alarm.trusted = row.get("value"), row.get("trusted", True)
    alarm.who, alarm.reason, alarm.since = row["who"], row["reason"], row["since"]
    if row["until"] is not None:
        alarm.shelved_until = now.monotonic + row["until"] - now.time
    return alarm


def definition_of_row(row: Mapping[str, Any]) -> AlarmDefinition:
    """What is known of an alarm that the configuration may have no more."""
    label = row.get("label") or {"en": row["key"], "ru": row["key"]}
    priority = Priority(row.get("priority", Priority.MEDIUM))
    kind, code = row.get("kind", ""), row.get("code", "")
    return AlarmDefinition(row["key"], row["site"], row["device"], label, priority, kind, code)


def _suppressions(row: Mapping[str, Any]) -> dict[str, Words]:
    """Earlier versions kept one text for both languages, and the first of them one reason."""
    kept = dict(row.get("suppressions") or {})
    if "suppressions" not in row and row.get("suppression"):
        kept = {row.get("suppressed_by") or row["suppression"]: row["suppression"]}
    return {source: {"en": why, "ru": why} if isinstance(why, str) else dict(why) for source, why in kept.items()}


def raised_in_order(row: Mapping[str, Any]) -> int:
    """For sorting rows, from wherever they were kept: the order in which the alarms were raised."""
    occurrence = row.get("occurrence")
    return int(occurrence["id"]) if occurrence else 0
