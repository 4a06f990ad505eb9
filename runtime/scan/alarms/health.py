"""Alarm health: how well the alarm system serves its operators, in the figures of ISA-18.2 and EEMUA 191.

Stage: after the engine; it notes every transition, and makes the figures when asked. Sources: ANSI/ISA-18.2-2016,
"Monitoring and assessment" (rates, floods, most frequent, chattering and stale alarms, share per priority; all of one
operator's position), and EEMUA 191, which has the same measures. What operators are not told is not counted:
shelved and suppressed alarms, the diagnostic priority, and what was set already at the start.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from runtime.scan.alarms.model import AlarmDefinition, AlarmState, Occurrence, Priority, Transition
from runtime.scan.alarms.table import Event

__all__ = ["AlarmHealth", "Flood", "Frequent", "HealthFigures"]

RATE_WINDOW_S = 600.0
#: a flood begins with more than 10 alarms in 10 minutes, and ends with fewer than 5
FLOOD_ABOVE, FLOOD_OVER_BELOW = 10, 5
#: so many raises of one alarm within so many seconds are chattering
CHATTER_COUNT, CHATTER_S = 3, 60.0
#: an alarm that holds for longer is stale
STALE_S = 86400.0
#: what the figures cover by default, and how much is kept
PERIOD_S, KEPT_S = 86400.0, 7 * 86400.0
_HOUR_S = 3600.0


@dataclass(slots=True)
class Flood:
    """A time in which alarms came faster than anybody can act on them."""

    #: Unix seconds; ``ended`` None = it goes on
    began: float
    ended: float | None
    #: alarms in it, and the most in 10 minutes
    alarms: int
    peak: int


@dataclass(frozen=True, slots=True)
class Frequent:
    """An alarm and how often it was raised."""

    key: str
    count: int
    #: of all raises, 0-1
    share: float


@dataclass(frozen=True, slots=True)
class HealthFigures:
    """The figures of one period that ends now."""

    #: seconds covered; less than asked for where nothing older is known
    period_s: float
    raised: int
    #: raised in the last 10 minutes
    rate_10min: int
    #: mean and highest number in 10 minutes
    mean_10min: float
    peak_10min: int
    #: raises in each 10 minutes of the period by the clock, oldest first, the last ones still going on
    rates: tuple[int, ...]
    #: Unix seconds at which the first of them begins
    rates_from: float
    floods: tuple[Flood, ...]
    #: of the period, 0-1
    flood_share: float
    #: the ten most frequent, most frequent first
    frequent: tuple[Frequent, ...]
    #: alarm -> how often it chattered, most first
    chattering: Mapping[str, int]
    #: alarms that hold now, and those of them that have for more than 24 hours (oldest first)
    standing: int
    stale: tuple[str, ...]
    unacknowledged: int
    #: share of raises per priority name, 0-1
    priorities: Mapping[str, float]

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)


@dataclass(slots=True)
class _Hour:
    """What was raised in one hour."""

    keys: Counter[str] = field(default_factory=Counter)
    priorities: Counter[Priority] = field(default_factory=Counter)
    chattering: Counter[str] = field(default_factory=Counter)
    #: number of the 10 minutes -> raises
    tens: Counter[int] = field(default_factory=Counter)


class AlarmHealth:
    """Notes transitions, in the order of time; after a restart the journal's can be noted again."""

    def __init__(self, started: float) -> None:
        """``started``: Unix seconds since which transitions are known."""
        self._started = started
        self._now = started
        self._recent: deque[float] = deque()
        #: alarm -> when it was raised last, the newest at the end
        self._last: dict[str, tuple[float, ...]] = {}
        self._hours: dict[int, _Hour] = {}
        self._floods: deque[Flood] = deque(maxlen=200)

    def note(self, transition: Transition, definition: AlarmDefinition) -> None:
        """Take one transition in; those that announce nothing new are passed over."""
        if transition.event not in (Event.RAISE, Event.RAISE_AGAIN) or transition.after is not AlarmState.UNACK:
            return
        if definition.priority is Priority.DIAGNOSTIC:
            return
        time = max(transition.time, self._now)  # the wall clock may be set back
        self._advance(time)
        number = int(time // _HOUR_S)
        hour = self._hours.get(number)
        if hour is None:
            hour = self._hours[number] = _Hour()
        hour.keys[transition.key] += 1
        hour.priorities[definition.priority] += 1
        hour.tens[int(time // RATE_WINDOW_S)] += 1
        self._recent.append(time)
        self._flood(time)
        last = (*self._last.get(transition.key, ())[1 - CHATTER_COUNT :], time)
        if len(last) == CHATTER_COUNT and time - last[0] <= CHATTER_S:
            hour.chattering[transition.key] += 1
            last = ()
        self._last[transition.key] = last

    def figures(
        self, now: float, standing: Iterable[tuple[AlarmDefinition, Occurrence]], period_s: float = PERIOD_S
    ) -> HealthFigures:
        """The figures as of now (Unix seconds), over whole hours. ``standing``: the open alarms, of the engine."""
        now = max(now, self._now)
        self._advance(now)
        since = max(now - min(period_s, KEPT_S), self._started)
        covered = max(now - since, 1.0)
        hours = [hour for number, hour in self._hours.items() if (number + 1) * _HOUR_S > since]
        keys: Counter[str] = Counter()
        priorities: Counter[Priority] = Counter()
        chattering: Counter[str] = Counter()
        tens: Counter[int] = Counter()
        for hour in hours:
            keys.update(hour.keys)
            priorities.update(hour.priorities)
            chattering.update(hour.chattering)
            tens.update(hour.tens)
        raised = sum(keys.values())
        floods = tuple(flood for flood in self._floods if flood.ended is None or flood.ended > since)
        flooded = sum((flood.ended or now) - max(flood.began, since) for flood in floods)
        announced = [
            (definition, occurrence)
            for definition, occurrence in standing
            if definition.priority is not Priority.DIAGNOSTIC
            and occurrence.state not in (AlarmState.SHELVED, AlarmState.SUPPRESSED, AlarmState.OUT_OF_SERVICE)
        ]
        holding = sorted((o.last_raised_at, o.key) for _, o in announced if o.active)
        return HealthFigures(
            period_s=covered,
            raised=raised,
            rate_10min=len(self._recent),
            mean_10min=raised / max(covered / RATE_WINDOW_S, 1.0),
            rates=tuple(tens[number] for number in _tens(since, now)),
            rates_from=_tens(since, now)[0] * RATE_WINDOW_S,
            peak_10min=max((*tens.values(), *(flood.peak for flood in floods)), default=0),
            floods=floods,
            flood_share=min(flooded / covered, 1.0),
            frequent=tuple(Frequent(key, count, count / raised) for key, count in keys.most_common(10)),
            chattering=dict(chattering.most_common()),
            standing=len(holding),
            stale=tuple(key for since, key in holding if now - since > STALE_S),
            unacknowledged=sum(not occurrence.acknowledged for _, occurrence in announced),
            priorities={p.name.lower(): priorities[p] / raised if raised else 0.0 for p in Priority},
        )

    def _flood(self, time: float) -> None:
        count = len(self._recent)
        flood = self._floods[-1] if self._floods and self._floods[-1].ended is None else None
        if flood is not None:
            flood.alarms += 1
            flood.peak = max(flood.peak, count)
        elif count > FLOOD_ABOVE:
            self._floods.append(Flood(time, None, count, count))

    def _advance(self, now: float) -> None:
        recent = self._recent
        while recent and recent[0] <= now - RATE_WINDOW_S:
            leaves = recent.popleft() + RATE_WINDOW_S
            if len(recent) < FLOOD_OVER_BELOW and self._floods and self._floods[-1].ended is None:
                self._floods[-1].ended = leaves
        self._now = now
        oldest = int((now - KEPT_S) // _HOUR_S)
        # in the order of time: the first is the oldest
        if self._hours and next(iter(self._hours)) < oldest:
            self._hours = {number: hour for number, hour in self._hours.items() if number >= oldest}
            self._last = {key: last for key, last in self._last.items() if last and last[-1] > now - CHATTER_S}


def _tens(since: float, now: float) -> range:
    """Numbers of the 10 minutes from one moment to another."""
    return range(int(since // RATE_WINDOW_S), int(now // RATE_WINDOW_S) + 1)
