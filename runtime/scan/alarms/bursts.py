"""First-out: which alarm of a device's burst came first, and which ones follow from it.

In the sense of first-out annunciators: the first of a group is told apart from those that came after it. Two bits that
turned up between two readings of the device have no known order, so nothing is called first then.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from runtime.scan.alarms.alarm import Alarm
from runtime.scan.alarms.inputs import Reading
from runtime.scan.alarms.model import Occurrence, Priority

__all__ = ["WINDOW_S", "Bursts"]

#: alarms of a device that come so soon after its first are taken to follow from it
WINDOW_S = 2.0


@dataclass(slots=True)
class _Burst:
    """The running burst of one device."""

    #: monotonic seconds
    ends: float
    #: what the others are put under; None: it began under an older alarm, and each stands for itself
    leader: Occurrence | None
    #: of the leader, or of the most urgent older alarm
    priority: Priority
    #: what came first, as far as is known; and when the device was read with it, Unix seconds
    first: Occurrence | None
    first_at: float


class Bursts:
    """One running burst per device at most."""

    def __init__(self, window_s: float = WINDOW_S) -> None:
        self._window_s = window_s
        self._running: dict[str, _Burst] = {}

    def place(
        self, alarm: Alarm, occurrence: Occurrence, reading: Reading, monotonic: float, open_alarms: Collection[Alarm]
    ) -> Occurrence | None:
        """Mark a new occurrence as first-out, or put it under the one that leads.

        An alarm leads when no alarm of the device that is as urgent or more holds: a warning that has stood for weeks
        must not hide what came first in a shutdown. Nothing is put under a less urgent one, and what stands alone (a
        gas leak) under none. The occurrence that now turns out not to have been first for certain is returned.
        """
        definition = alarm.definition
        if not definition.device or definition.kind == "comm" or definition.priority is Priority.DIAGNOSTIC:
            return None
        burst = self._running.get(definition.device)
        if burst is None or monotonic > burst.ends:
            self._begin(alarm, occurrence, reading, monotonic, open_alarms)
            return None
        doubtful = None
        # A rule's alarm comes when its delay is over: it says nothing about what came first in the controller.
        if burst.first is not None and alarm.index >= 0 and not reading.clear_at >= burst.first_at:
            doubtful, burst.first = burst.first, None
        if definition.priority < burst.priority:
            burst.leader, burst.priority = occurrence, definition.priority
        elif burst.leader is not None and not definition.alone:
            occurrence.group = burst.leader.id
        return doubtful

    def _begin(
        self, alarm: Alarm, occurrence: Occurrence, reading: Reading, monotonic: float, open_alarms: Collection[Alarm]
    ) -> None:
        priority = alarm.definition.priority
        older = min(
            (
                other.definition.priority
                for other in open_alarms
                if other.holds and other is not alarm and other.definition.kind != "comm"
            ),
            default=Priority.DIAGNOSTIC,
        )
        leads = older > priority
        occurrence.first_out = leads and reading.observed and alarm.index >= 0
        self._running[alarm.definition.device] = _Burst(
            monotonic + self._window_s,
            occurrence if leads else None,
            min(older, priority),
            occurrence if occurrence.first_out else None,
            alarm.source_time if alarm.source_time is not None else float("inf"),
        )
