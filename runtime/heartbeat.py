"""The heartbeat: a regular "I am alive" while all is well, and only then, so that silence is an alarm elsewhere.

Stage: beside the scan, in a thread of its own. What it finds goes into the runtime's own tags.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from runtime.outputs import NotDelivered, fetch, write_file
from runtime.watch_settings import HeartbeatSettings

__all__ = ["Heartbeat", "Vitals", "deliveries"]


@dataclass(frozen=True, slots=True)
class Vitals:
    """What must be so for a beat."""

    #: scans done
    scan: int
    #: the watchdog says that the scan is stuck
    stuck: bool
    #: the history takes what it is given, or none is configured
    history: bool


#: a scan that has not ended for so long stands still, whatever the watchdog says; the longest period is 10 s
STANDSTILL_S = 15.0

#: what a beat does; raises NotDelivered
Delivery = Callable[[], None]


class Heartbeat:
    """Beats when it is due and all is well; a beat that was withheld is made up for at once when all is well again."""

    def __init__(
        self,
        settings: HeartbeatSettings,
        vitals: Callable[[], Vitals],
        monotonic: Callable[[], float],
        deliver: Sequence[Delivery] = (),
        journal: Callable[[int], None] = lambda count: None,
    ) -> None:
        """``deliver``: who is told, each alone; ``journal`` is told the count at its own period."""
        self._settings = settings
        self._vitals = vitals
        self._monotonic = monotonic
        self._deliver = deliver
        self._journal = journal
        self._due = self._journal_due = monotonic()
        #: scans done at the last look, and when they had grown, monotonic
        self._scan, self._moved_at = 0, float("-inf")
        self._done = threading.Event()
        #: beats since the start
        self.count = 0
        #: why there is none now, "" = all is well
        self.withheld = "not looked yet"
        #: why the last beat did not reach everybody, "" = it did
        self.error = ""

    def look(self) -> None:
        """Beat if it is due and all is well."""
        vitals = self._vitals()
        now = self._monotonic()
        if vitals.scan != self._scan:
            self._scan, self._moved_at = vitals.scan, now
        self.withheld = _trouble(vitals, now - self._moved_at < STANDSTILL_S)
        if self.withheld or now < self._due:
            return
        self._due = _after(self._due, self._settings.period_s, now)
        self.count += 1
        self.error = "; ".join(filter(None, (_attempt(delivery) for delivery in self._deliver)))
        if self._settings.journal_s and now >= self._journal_due:
            self._journal_due = _after(self._journal_due, self._settings.journal_s, now)
            self._journal(self.count)

    def run(self, every_s: float, also: Callable[[], None]) -> threading.Thread:
        """Look in a thread of its own until ``stop``; ``also`` is done at each look, too."""

        def work() -> None:
            while not self._done.wait(every_s):
                self.look()
                also()

        thread = threading.Thread(target=work, name="heartbeat", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """End the thread after the beat that is under way."""
        self._done.set()


def deliveries(settings: HeartbeatSettings, stamp: Callable[[], str]) -> list[Delivery]:
    """Everybody whom the ini names. ``stamp``: what the file says."""
    found: list[Delivery] = []
    if settings.file is not None:
        found.append(lambda path=settings.file: write_file(path, stamp()))  # type: ignore[misc]
    if settings.url:
        found.append(partial(fetch, settings.url, settings.timeout_s))
    return found


def _after(due: float, period_s: float, now: float) -> float:
    """On the grid of periods, without drift; after a silence the grid begins anew."""
    return due + period_s if due + period_s > now else now + period_s


def _trouble(vitals: Vitals, moved: bool) -> str:
    if vitals.stuck:
        return "the scan is stuck"
    if not moved:
        return "the scan does not go on"
    return "" if vitals.history else "the history does not write"


def _attempt(delivery: Delivery) -> str:
    try:
        delivery()
    except NotDelivered as error:
        return str(error)
    return ""
