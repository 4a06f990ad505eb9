"""First-out: which alarm of a device's burst came first, and which ones follow from it.

In the sense of the first-out sequences of ISA-18.1: the first of a group is told apart from those that came after it.
"""

from __future__ import annotations

from collections.abc import Collection

from runtime.scan.alarms.alarm import Alarm
from runtime.scan.alarms.model import Occurrence, Priority

__all__ = ["WINDOW_S", "Bursts"]

#: alarms of a device that come so soon after its first are taken to follow from it
WINDOW_S = 2.0


class Bursts:
    """One running burst per device at most."""

    def __init__(self, window_s: float = WINDOW_S) -> None:
        self._window_s = window_s
        #: device -> occurrence that leads (None: it began under an older alarm), monotonic end
        self._running: dict[str, tuple[int | None, float]] = {}

    def place(
        self, alarm: Alarm, occurrence: Occurrence, observed: bool, monotonic: float, open_alarms: Collection[Alarm]
    ) -> None:
        """Mark a new occurrence as first-out, or put it under the one that is.

        An alarm leads when no alarm of the device that is as urgent or more holds: a warning that has stood for weeks
        must not hide what came first in a shutdown. ``observed``: its change was seen; without that nobody knows what
        came first, and the most urgent one leads without being called first.
        """
        definition = alarm.definition
        if not definition.device or definition.kind == "comm" or definition.priority is Priority.DIAGNOSTIC:
            return
        leader, ends = self._running.get(definition.device, (None, float("-inf")))
        if monotonic <= ends:
            occurrence.group = leader
            return
        leads = not any(
            other.holds
            and other is not alarm
            and other.definition.kind != "comm"
            and other.definition.priority <= definition.priority
            for other in open_alarms
        )
        occurrence.first_out = leads and observed
        self._running[definition.device] = (occurrence.id if leads else None, monotonic + self._window_s)
