"""What operators order: acknowledge, reset, shelve, take out of service, and back; with a reason where it is refused.

Every order names what it is for, item by item, and can be repeated: what is so already is not done a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from runtime.scan.alarms.alarm import Alarm
from runtime.scan.alarms.model import AlarmState, Outcome, Shelf, Verdict
from runtime.scan.alarms.reasons import words_of
from runtime.scan.alarms.table import Event
from runtime.scan.clock import Moment
from tagdb import Words

__all__ = ["SHELVE_MAX_S", "Orders"]

#: the longest time an alarm can be shelved for; beyond that it is to be taken out of service
SHELVE_MAX_S = 7 * 86400.0

TIME_OVER: Words = {"en": "its time is over", "ru": "время истекло"}
_SILENT: Words = {}

_NOTHING_TO_ACK = {
    AlarmState.NORMAL: "not-raised",
    AlarmState.SHELVED: "shelved",
    AlarmState.SUPPRESSED: "suppressed",
    AlarmState.OUT_OF_SERVICE: "out-of-service",
}


class Stepper(Protocol):
    """Lets an event happen to an alarm; False where the state table has no row."""

    def __call__(
        self, alarm: Alarm, event: Event, now: Moment, who: str = "", comment: str = "", *, why: Words = _SILENT
    ) -> bool: ...


class Orders:
    """The operators' side of the engine; called between scans. The transitions come out of the next ``evaluate``."""

    def __init__(
        self,
        alarms: Mapping[str, Alarm],
        open_alarms: Mapping[str, Alarm],
        step: Stepper,
        unshelved: Callable[[Alarm, Moment], None],
    ) -> None:
        """``step`` lets an event happen; ``unshelved`` hears when no order hides an alarm any more."""
        self._alarms = alarms
        self._open = open_alarms
        self._step = step
        self._unshelved = unshelved
        #: those that are shelved or out of service, by key
        self._hidden: dict[str, Alarm] = {}
        self._next_end = float("inf")

    def acknowledge(self, items: Iterable[str | int], who: str, comment: str, now: Moment) -> list[Outcome]:
        """Acknowledge alarms, each by its key or by the id of the occurrence that the operator saw.

        An id makes sure that nothing is acknowledged that came later than what was on the screen.
        """
        by_id: dict[int, Alarm] = {}
        wanted = list(items)
        if any(isinstance(item, int) for item in wanted):
            by_id = {alarm.occurrence.id: alarm for alarm in self._open.values() if alarm.occurrence is not None}
        outcomes = []
        for item in wanted:
            alarm = by_id.get(item) if isinstance(item, int) else self._alarms.get(item)
            if alarm is None:
                code = "ended" if isinstance(item, int) else "unknown-alarm"
                key, number = ("", item) if isinstance(item, int) else (item, 0)
                outcomes.append(_refused(key, number, code))
            else:
                outcomes.append(self._acknowledge(alarm, who, comment, now))
        return outcomes

    def acknowledge_device(self, device: str, who: str, comment: str, now: Moment) -> list[Outcome]:
        """Acknowledge whatever of this device (``site.device``) waits for it; empty when nothing does."""
        return [
            self._acknowledge(alarm, who, comment, now)
            for alarm in self._waiting()
            if alarm.definition.device == device
        ]

    def acknowledge_all(self, who: str, comment: str, now: Moment) -> list[Outcome]:
        """Acknowledge whatever waits for it. A screen that shows a part of the list sends the ids that it shows."""
        return [self._acknowledge(alarm, who, comment, now) for alarm in self._waiting()]

    def reset(self, key: str, who: str, now: Moment) -> Outcome:
        """End a latched alarm whose condition is over and which has been acknowledged."""
        alarm = self._alarms.get(key)
        if alarm is None:
            return _unknown(key)
        number = _number(alarm)
        if self._step(alarm, Event.RESET, now, who=who):
            return Outcome(key, number, Verdict.DONE, alarm.state)
        if alarm.state is AlarmState.LATCHED:
            return _told(alarm, Verdict.REFUSED, "acknowledge-first")
        if alarm.state is AlarmState.NORMAL:
            return _told(alarm, Verdict.ALREADY, "normal")
        holds = alarm.definition.latched and alarm.holds
        return _told(alarm, Verdict.REFUSED, "still-active" if holds else "not-latched")

    def shelve(self, key: str, seconds: float, reason: str, who: str, now: Moment) -> Outcome:
        """Hide an alarm for a time; shelving it once more sets time and reason anew."""
        alarm = self._alarms.get(key)
        if alarm is None:
            return _unknown(key)
        if not reason.strip():
            return _told(alarm, Verdict.REFUSED, "no-reason")
        if not 0 < seconds <= SHELVE_MAX_S:
            return _told(alarm, Verdict.REFUSED, "bad-time", days=f"{SHELVE_MAX_S / 86400:.0f}")
        again = alarm.state is AlarmState.SHELVED
        until = alarm.shelved_until
        if again and (alarm.who, alarm.reason) == (who, reason) and until == now.monotonic + seconds:
            return _told(alarm, Verdict.ALREADY, "shelved-so")
        if not self._step(alarm, Event.SHELVE, now, who=who, comment=reason):
            return _told(alarm, Verdict.REFUSED, "wrong-state")
        alarm.who, alarm.reason, alarm.since = who, reason, now.time
        alarm.shelved_until = now.monotonic + seconds
        self.watch(alarm)
        return _told(alarm, Verdict.DONE)

    def unshelve(self, key: str, who: str, now: Moment, comment: str = "") -> Outcome:
        """Announce it again, at once if its condition holds."""
        return self._back(key, Event.UNSHELVE, AlarmState.SHELVED, who, comment, now)

    def take_out(self, key: str, reason: str, who: str, now: Moment) -> Outcome:
        """Take an alarm out of service, for maintenance: until somebody puts it back."""
        alarm = self._alarms.get(key)
        if alarm is None:
            return _unknown(key)
        if alarm.state is AlarmState.OUT_OF_SERVICE:
            return _told(alarm, Verdict.ALREADY, "out-of-service")
        if not reason.strip():
            return _told(alarm, Verdict.REFUSED, "no-reason")
        if not self._step(alarm, Event.TAKE_OUT, now, who=who, comment=reason):
            return _told(alarm, Verdict.REFUSED, "wrong-state")
        self.forget(alarm)
        alarm.who, alarm.reason, alarm.since = who, reason, now.time
        self.watch(alarm)
        return _told(alarm, Verdict.DONE)

    def put_back(self, key: str, who: str, now: Moment, comment: str = "") -> Outcome:
        """Put it back into service; it is announced at once if its condition holds."""
        return self._back(key, Event.PUT_BACK, AlarmState.OUT_OF_SERVICE, who, comment, now)

    def shelves(self, now: Moment) -> list[Shelf]:
        """What is shelved or out of service, the oldest first."""
        hidden = [
            Shelf(
                alarm.definition.key, alarm.state, alarm.who, alarm.reason, alarm.since,
                None if alarm.shelved_until is None else now.time + alarm.shelved_until - now.monotonic,
            )
            for alarm in self._hidden.values()
        ]  # fmt: skip
        return sorted(hidden, key=lambda shelf: (shelf.since, shelf.key))

    def expire(self, now: Moment) -> None:
        """End the shelvings whose time is over."""
        if now.monotonic < self._next_end:
            return
        due = [key for key, until in self._ends() if until <= now.monotonic]
        for key in sorted(due):
            self._back(key, Event.UNSHELVE, AlarmState.SHELVED, "", "", now, TIME_OVER)
        self._plan()

    def watch(self, alarm: Alarm) -> None:
        """Mind it, where it is shelved or out of service."""
        if alarm.state in (AlarmState.SHELVED, AlarmState.OUT_OF_SERVICE):
            self._hidden[alarm.definition.key] = alarm
            self._plan()

    def forget(self, alarm: Alarm) -> None:
        """Mind it no more."""
        alarm.shelved_until = None
        alarm.who = alarm.reason = ""
        if self._hidden.pop(alarm.definition.key, None) is not None:
            self._plan()

    def _plan(self) -> None:
        self._next_end = min((until for _, until in self._ends()), default=float("inf"))

    def _ends(self) -> list[tuple[str, float]]:
        found = ((key, alarm.shelved_until) for key, alarm in self._hidden.items())
        return [(key, until) for key, until in found if until is not None]

    def _waiting(self) -> list[Alarm]:
        waiting = [
            (alarm.occurrence.id, alarm)
            for alarm in self._open.values()
            if alarm.occurrence is not None and not alarm.occurrence.acknowledged and alarm.would(Event.ACKNOWLEDGE)
        ]
        return [alarm for _, alarm in sorted(waiting, key=lambda pair: pair[0])]

    def _acknowledge(self, alarm: Alarm, who: str, comment: str, now: Moment) -> Outcome:
        occurrence = alarm.occurrence
        if occurrence is not None and self._step(alarm, Event.ACKNOWLEDGE, now, who=who, comment=comment):
            return Outcome(alarm.definition.key, occurrence.id, Verdict.DONE, alarm.state)
        if alarm.state in _NOTHING_TO_ACK:
            return _told(alarm, Verdict.REFUSED, _NOTHING_TO_ACK[alarm.state])
        if occurrence is not None and occurrence.who:
            return _told(alarm, Verdict.ALREADY, "acknowledged-by", who=occurrence.who)
        return _told(alarm, Verdict.ALREADY, "acknowledged")

    def _back(
        self, key: str, event: Event, state: AlarmState, who: str, comment: str, now: Moment, why: Words = _SILENT
    ) -> Outcome:
        alarm = self._alarms.get(key)
        if alarm is None:
            return _unknown(key)
        number = _number(alarm)
        if alarm.state is not state:
            return _told(alarm, Verdict.ALREADY, f"not-{state}")
        self._step(alarm, event, now, who=who, comment=comment, why=why)
        self.forget(alarm)
        self._unshelved(alarm, now)
        return Outcome(key, number, Verdict.DONE, alarm.state)


def _number(alarm: Alarm) -> int:
    return alarm.occurrence.id if alarm.occurrence is not None else 0


def _told(alarm: Alarm, verdict: Verdict, code: str = "", **details: str) -> Outcome:
    words = words_of(code, details, alarm.state)
    return Outcome(alarm.definition.key, _number(alarm), verdict, alarm.state, code, words)


def _unknown(key: str) -> Outcome:
    return _refused(key, 0, "unknown-alarm")


def _refused(key: str, number: int, code: str) -> Outcome:
    return Outcome(key, number, Verdict.REFUSED, AlarmState.NORMAL, code, words_of(code, {}, AlarmState.NORMAL))
