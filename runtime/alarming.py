"""Alarms wired into the program: the engine in the scan, its steps in the journal, list and orders on the channel.

Stage: the last rule of a scan evaluates the alarms; housekeeping hands their steps to the history; operators' orders
are executed between two scans and answered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from runtime.admission import Admission
from runtime.alarm_keeping import RETAINED, changes_of, message_of
from runtime.alarm_orders import AlarmOrders, Ordered
from runtime.scan import Moment, Rule
from runtime.scan.alarms import (
    AlarmDefinition,
    AlarmEngine,
    AlarmHealth,
    Event,
    Listed,
    Priority,
    Transition,
    definition_of_row,
    listing,
)
from tagdb import Directory, Quality, Tag, TagStore
from tagdb.history import HistoryWriter

__all__ = ["RETAINED", "Alarming"]

#: priorities that are shown as tags of their own
_COUNTED = (Priority.CRITICAL, Priority.HIGH, Priority.MEDIUM, Priority.LOW)
_RAISES = (Event.RAISE, Event.RAISE_AGAIN)
#: steps that the health figures take in a scan: those of a burst are spread over the next ones
_NOTED_AT_ONCE = 500


class Alarming:
    """The alarm engine of the running program, with its journal and its orders. Built and called by the scan's thread,
    but for ``verbs``, which hand over to it."""

    def __init__(
        self,
        directory: Directory,
        alarms: Sequence[AlarmDefinition],
        suppressors: Mapping[str, Collection[str]],
        now: Moment,
        retained: Mapping[str, Any],
        history: HistoryWriter | None,
    ) -> None:
        """``suppressors``: as ``AlarmEngine.install``. ``retained``: of the history, by key; rows of alarms are picked
        out."""
        rows = [row for key, row in retained.items() if key.startswith(RETAINED) and not row.get("gone")]
        # those that the configuration has no more are still told of
        self._definitions = {row["key"]: definition_of_row(row) for row in rows if row["key"]}
        self._definitions |= {definition.key: definition for definition in alarms}
        self.engine = AlarmEngine(alarms, _by_name(directory), now, rows, suppressors)
        self.health = AlarmHealth(now.time)
        self._history = history
        self._transitions: list[Transition] = []
        #: raises of this run, until what was before it is known; then None
        self._since_start: list[Transition] | None = []
        #: steps that the health figures do not know yet
        self._unnoted: deque[Transition] = deque()
        self.rule = Rule("alarms", self._evaluate)

    def install(
        self,
        directory: Directory,
        alarms: Sequence[AlarmDefinition],
        suppressors: Mapping[str, Collection[str]],
        now: Moment,
    ) -> None:
        """Take new definitions over, after the store took the new tags."""
        self._definitions |= {definition.key: definition for definition in alarms}
        self.engine.install(alarms, _by_name(directory), now, suppressors)

    def hand_on(self, store: TagStore, now: Moment) -> None:
        """After the scan: steps to the journal, records and retained rows to the history, counts to the tags."""
        transitions, self._transitions = self._transitions, []
        self._unnoted.extend(transitions)
        self._note(_NOTED_AT_ONCE)
        if self._history:
            for changes in changes_of(self.engine, self._definitions, transitions, now):
                self._history.post(changes)
        self._count(store, now)

    def remember(self, before: AlarmHealth) -> None:
        """Go on with the health figures of what was before this run; called by the scan's thread."""
        for transition in self._since_start or ():
            before.note(transition, self._definitions[transition.key])
        self.health, self._since_start = before, None

    def listed(self, now: Moment) -> Listed:
        """The open alarms as they stand, for ``told``; called by the scan's thread."""
        return Listed.of(self.engine, now)

    @staticmethod
    def told(listed: Listed) -> dict[str, Any]:
        """The open alarms with all that a page shows of them: unacknowledged first, then the most urgent."""
        told = listing(listed)
        for row, (definition, occurrence) in zip(told["alarms"], listed.alarms, strict=True):
            row["label"] = dict(message_of(definition, occurrence))
            row["active"], row["acknowledged"] = occurrence.active, occurrence.acknowledged
            row["value"] = occurrence.value_raised
        told["alarms"].sort(key=lambda row: (row["acknowledged"], row["priority"], -row["raised_at"]))
        told["counts"] = {str(int(p)): [unseen, shown] for p, (shown, unseen) in listed.counts.items()}
        return told

    def figures(self, now: Moment) -> dict[str, Any]:
        """Alarm health after ISA-18.2, with labels beside the keys."""
        self._note(len(self._unnoted))
        figures = self.health.figures(now.time, self.engine.open()).to_json()
        figures["frequent"] = [row | {"label": self._label(row["key"])} for row in figures["frequent"]]
        figures["chattering"] = [
            {"key": key, "label": self._label(key), "count": count} for key, count in figures["chattering"].items()
        ]
        figures["stale"] = [{"key": key, "label": self._label(key)} for key in figures["stale"]]
        return figures | {"flood": any(flood["ended"] is None for flood in figures["floods"])}

    def verbs(self, ordered: Ordered, desk: Admission) -> dict[str, Callable[..., Any]]:
        """The channel's verbs. ``ordered`` has the scan's thread do something between two scans, for its result."""
        orders = AlarmOrders(self.engine, self._site, ordered, desk)
        return {
            "alarms": lambda: self.told(ordered(self.listed)),
            "alarm-health": lambda: ordered(self.figures),
            **orders.verbs(),
        }

    def _note(self, count: int) -> None:
        waiting = self._unnoted
        for _ in range(min(count, len(waiting))):
            transition = waiting.popleft()
            self.health.note(transition, self._definitions[transition.key])
            if self._since_start is not None and transition.event in _RAISES:
                self._since_start.append(transition)

    def _site(self, key: str) -> str:
        definition = self._definitions.get(key)
        return definition.site if definition else ""

    def _evaluate(self, store: TagStore, now: Moment) -> None:
        self._transitions.extend(self.engine.evaluate(store, now))

    def _count(self, store: TagStore, now: Moment) -> None:
        if "scada.alarms.revision" not in store:
            return
        slot = store.tags["scada.alarms.revision"].slot
        if store.cell[slot] == self.engine.revision:
            return
        counts = self.engine.counts()
        values = {
            "revision": self.engine.revision,
            "active": sum(shown for shown, _ in counts.values()),
            "unacknowledged": sum(unseen for _, unseen in counts.values()),
        } | {f"p{int(priority)}": counts[priority][0] for priority in _COUNTED}
        for name, value in values.items():
            store.set(f"scada.alarms.{name}", value, Quality.GOOD, now.time)

    def _label(self, key: str) -> dict[str, str]:
        definition = self._definitions.get(key)
        return dict(definition.label) if definition else {"en": key, "ru": key}


def _by_name(directory: Directory) -> dict[str, Tag]:
    return {tag.name: tag for tag in directory.tags}
