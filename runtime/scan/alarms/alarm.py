"""One alarm as it stands: its definition, its open occurrence, its shelf; a step of it by the state table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from runtime.scan.alarms.model import AlarmDefinition, AlarmState, Occurrence, Transition
from runtime.scan.alarms.table import Condition, Event, next_state
from tagdb import Value, Words

__all__ = ["Alarm", "Code"]

_RAISES = (Event.RAISE, Event.PRESENT)
_LANGUAGES = ("en", "ru")
_SILENT: Words = {}
_LEAVES = (Event.UNSHELVE, Event.UNSUPPRESS, Event.PUT_BACK)


class Code:
    """What a reading says of a condition: small numbers, since they live in an array."""

    UNKNOWN = 0
    CLEAR = 1
    ACTIVE = 2
    UNTRUSTED = 3


@dataclass(slots=True)
class Alarm:
    """The state of one definition."""

    definition: AlarmDefinition
    #: row in the arrays of the tag inputs, -1 for an alarm that a rule reports
    index: int = -1
    state: AlarmState = AlarmState.NORMAL
    #: the open one
    occurrence: Occurrence | None = None
    #: the last reading of the input could be trusted
    trusted: bool = True
    #: what the input says now, and since when by the device's clock
    value: Value = None
    source_time: float | None = None
    message_values: Mapping[str, Value] = field(default_factory=dict)
    #: of a reported alarm: what the rule said last, and whether it ever said anything to be trusted
    code: int = Code.UNKNOWN
    seen: bool = False
    #: what suppresses it by design (a tag, a rule) -> why, in both languages; empty = nothing does
    suppressions: dict[str, Words] = field(default_factory=dict)
    #: who shelved it or took it out of service, and why
    who: str = ""
    reason: str = ""
    #: Unix seconds
    since: float = 0.0
    #: monotonic seconds at which shelving ends by itself; None = not shelved
    shelved_until: float | None = None

    @property
    def suppression(self) -> Words:
        """Why it is suppressed by design, in both languages; empty = it is not."""
        reasons = self.suppressions.values()
        return {language: "; ".join(reason[language] for reason in reasons) for language in _LANGUAGES if reasons}

    @property
    def holds(self) -> bool:
        """Whether an occurrence is open whose condition held when it was last seen."""
        return self.occurrence is not None and self.occurrence.active

    @property
    def condition(self) -> Condition:
        """The column of that name in the state table."""
        if self.occurrence is None:
            return Condition.NONE
        if not self.occurrence.active:
            return Condition.OVER
        return Condition.HOLDS if self.trusted else Condition.UNSEEN

    def would(self, event: Event) -> AlarmState | None:
        """Where the event would lead; None where it does not happen."""
        acknowledged = self.occurrence is not None and self.occurrence.acknowledged
        return next_state(self.state, event, self.condition, acknowledged, self.definition.latched)

    def step(
        self, event: Event, time: float, who: str = "", comment: str = "", source_time: float | None = None,
        why: Words = _SILENT, cause: str = "",
    ) -> Transition | None:  # fmt: skip
        """Let the event happen; None where the table has no row for it. A raise needs its new occurrence in place."""
        after = self.would(event)
        if after is None:
            return None
        occurrence = self.occurrence
        if occurrence is not None:
            self._record(occurrence, event, time, who, comment)
            occurrence.state = after
            if after is AlarmState.NORMAL:
                occurrence.cleared_at = _not_before(occurrence, time)
                self.occurrence = None
        before, self.state = self.state, after
        number = occurrence.id if occurrence is not None else 0
        value = self.value if number else None  # of an alarm that is not raised a restart knows none
        key = self.definition.key
        return Transition(time, source_time, key, number, before, after, event, who, comment, value, why, cause)

    def mark_returned(self, time: float) -> None:
        """The condition of the open occurrence is over."""
        if self.occurrence is not None:
            self.occurrence.returned_at = _not_before(self.occurrence, time)
            self.occurrence.value_returned = self.value

    def _record(self, occurrence: Occurrence, event: Event, time: float, who: str, comment: str) -> None:
        time = _not_before(occurrence, time)
        if event is Event.ACKNOWLEDGE:
            occurrence.acknowledged_at, occurrence.value_acked = time, self.value
            occurrence.who, occurrence.comment = who, comment
        elif event is Event.RETURN:
            self.mark_returned(time)
        elif event is Event.RAISE_AGAIN:
            occurrence.again += 1
            occurrence.last_raised_at = time
            occurrence.returned_at = occurrence.value_returned = None
            occurrence.value_raised, occurrence.message_values = self.value, self.message_values
            self._unseen(occurrence)
        elif event in _LEAVES and occurrence.active:
            self._unseen(occurrence)

    @staticmethod
    def _unseen(occurrence: Occurrence) -> None:
        """It is announced anew: whoever acknowledged it before has not seen this (the journal keeps who that was)."""
        occurrence.acknowledged_at = occurrence.value_acked = None
        occurrence.who = occurrence.comment = ""


def _not_before(occurrence: Occurrence, time: float) -> float:
    """The times of one occurrence stay in order when the wall clock is set back."""
    acknowledged_at, returned_at = occurrence.acknowledged_at, occurrence.returned_at
    if acknowledged_at is not None and acknowledged_at > time:
        time = acknowledged_at
    if returned_at is not None and returned_at > time:
        time = returned_at
    return max(time, occurrence.raised_at)
