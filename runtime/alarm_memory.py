"""What was raised before this run, out of the journal: alarm health tells of days, not of the time since the start.

Stage: once after the start, in a thread of its own, since a journal of days is not read between two scans.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from runtime.scan.alarms import AlarmDefinition, AlarmHealth, AlarmState, Event, Priority, Transition
from tagdb.history import Entry, History, HistoryGone, JournalFilter, SchemaTooNew, SchemaTooOld, open_history

__all__ = ["KEPT_S", "AlarmMemory", "health_before"]

log = logging.getLogger("scada.alarms")

#: how far back it looks, and how many raises at most
KEPT_S = 7 * 86400.0
MOST = 20_000
_PAGE = 1000


def health_before(history: History, now: float) -> AlarmHealth:
    """Health with what the journal knows of the days before ``now`` (Unix seconds). Raises HistoryGone.

    It covers the time since the journal's first start of the program in these days; hours in which the program did not
    run count as hours without alarms.
    """
    raises = JournalFilter(since=now - KEPT_S, until=now, category=("alarm",), event=("raise", "raise-again"))
    found = _newest(history, raises, MOST)
    since = found[-1].event.time if len(found) == MOST else _since(history, now)
    health = AlarmHealth(since)
    for entry in reversed(found):
        event = entry.event
        if event.after != AlarmState.UNACK:
            continue
        step = Transition(event.time, None, event.key, 0, AlarmState.NORMAL, AlarmState.UNACK, Event(event.event))
        priority = Priority(event.data.get("priority", Priority.MEDIUM))
        health.note(step, AlarmDefinition(event.key, event.site, event.device, event.text, priority, ""))
    return health


def _newest(history: History, which: JournalFilter, most: int) -> list[Entry]:
    """Up to so many entries, the newest first."""
    found: list[Entry] = []
    while len(found) < most:
        page = history.journal(which, min(_PAGE, most - len(found)), found[-1].id if found else None)
        found += page
        if len(page) < _PAGE:
            break
    return found


def _since(history: History, now: float) -> float:
    if history.journal(JournalFilter(until=now - KEPT_S), 1):
        return now - KEPT_S
    starts = _newest(history, JournalFilter(until=now, category=("runtime",), event=("start",)), 10_000)
    return starts[-1].event.time if starts else now


class AlarmMemory:
    """The thread that looks back."""

    def __init__(self, url: str, started: float, hand_over: Callable[[AlarmHealth], None]) -> None:
        """``started``: of this run, Unix seconds; ``hand_over`` gives what was found to the scan."""
        self._url = url
        self._started = started
        self._hand_over = hand_over
        self._thread = threading.Thread(target=self._work, name="alarm-memory", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """It is not waited for longer than a second."""
        self._thread.join(1.0)

    def _work(self) -> None:
        try:
            found = health_before(open_history(self._url, read_only=True), self._started)
        except (HistoryGone, SchemaTooOld, SchemaTooNew) as error:
            log.warning("%s; alarm health begins anew", error)
            return
        try:
            self._hand_over(found)
        except (TimeoutError, RuntimeError):  # as the scan answers when it is stuck or has stopped
            log.info("the scan has ended; alarm health is not needed any more")
