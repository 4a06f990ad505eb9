"""The engine-hours meter of one device: our own, which never runs back, fed by the controller's counter.

The counter may be read badly, jump, be reset, roll over or come from another controller; none of that may fire or put
off a service. So the meter adds what the counter has grown by, where that is possible at all in the time that passed.
What is not possible is held; if it lasts, the counter counts from another number now: it is taken as the new base, the
meter stays where it is, and somebody is asked to look.

Stage: called by the maintenance rule with the values of one scan. No clock of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import IntEnum
from typing import Any

from runtime.scan.clock import Moment

__all__ = ["ROLLS_OVER_H", "Meter", "MeterEvent", "MeterState", "Reading"]

#: hours at which a counter of 16 bits begins anew
ROLLS_OVER_H = 65536.0
#: the counter tells minutes, and hour and minute may be read on either side of a step
_SLACK_H = 2.0 / 60.0
#: clocks differ: so much faster than ours a counter may run
_FASTER = 1.05
#: a new base must be seen so often, and for so long
_CONFIRMATIONS, _CONFIRM_S = 5, 60.0
#: a pause between readings up to which our own count and the counter are compared
_GAP_S = 60.0


class MeterState(IntEnum):
    """How far the meter can be trusted; the values of the tag ``maint_meter``."""

    #: nothing was read yet
    WAITING = 0
    GOOD = 1
    #: no reading now: the meter stands at the last known value
    LAST_KNOWN = 2
    #: the counter shows something impossible; it is watched
    HELD = 3
    #: the counter counts from another number since; somebody must compare it with the engine
    CHECK = 4


@dataclass(frozen=True, slots=True)
class Reading:
    """What one scan says of an engine."""

    #: the controller's counter, hours; None = no good reading
    hours: float | None
    #: whether it turns; None = not known
    running: bool | None
    #: when the counter was read, in any unit: it only tells a new reading from the one before
    read_at: float = 0.0


@dataclass(frozen=True, slots=True)
class MeterEvent:
    """The counter began to count from another number."""

    #: "rolled-over" (nothing to do) or "rebased" (to be looked at)
    kind: str
    #: counter before and after, hours
    before: float
    after: float
    #: where the meter stands, hours
    meter: float


@dataclass(slots=True)
class _Kept:
    """What outlives a restart."""

    #: hours; None = nothing was read yet
    hours: float | None = None
    #: the counter's reading that is contained in ``hours``
    base: float | None = None
    #: when that was, Unix seconds UTC
    base_time: float = 0.0
    #: hours that we counted ourselves while the engine was seen to turn, and what the counter grew by meanwhile
    counted: float = 0.0
    compared: float = 0.0
    #: True from a new base until somebody said that it is right
    check: bool = False


@dataclass(frozen=True, slots=True)
class _Held:
    """A counter that shows something impossible, from its first such reading to its last."""

    first: float
    since: float
    last: float
    last_at: float
    count: int


class Meter:
    """One engine. Only the scan thread calls it."""

    def __init__(self, rate: float = 1.0, kept: Mapping[str, Any] | None = None, forgets: bool = False) -> None:
        """A meter as ``dump`` left it, or a new one.

        Args:
            rate: how many times faster than the clock the engine's time runs (a simulated plant).
            forgets: the counter begins anew with every start of ours, as that of a simulated plant does.
        """
        known = {field.name for field in fields(_Kept)}
        self._kept = _Kept(**{name: value for name, value in (kept or {}).items() if name in known})
        self._rate = rate
        self._forgets = forgets
        # By the monotonic clock: when the reading in ``base`` came; None = before this start.
        self._base_at: float | None = None
        self._read_at: float | None = None
        self._held: _Held | None = None
        self._last_at: float | None = None
        self._last_running: bool | None = None
        self._silent = True

    @property
    def hours(self) -> float | None:
        """Engine hours; they never fall. None = nothing was read yet."""
        return self._kept.hours

    @property
    def counted(self) -> float:
        """Hours that we counted ourselves, by the engine's speed."""
        return self._kept.counted

    @property
    def difference(self) -> float:
        """Our own count less what the counter grew by in the same time, hours."""
        return self._kept.counted - self._kept.compared

    @property
    def state(self) -> MeterState:
        """How far it can be trusted now."""
        if self._kept.hours is None:
            return MeterState.WAITING
        if self._silent:
            return MeterState.LAST_KNOWN
        if self._held is not None:
            return MeterState.HELD
        return MeterState.CHECK if self._kept.check else MeterState.GOOD

    def step(self, reading: Reading, now: Moment) -> MeterEvent | None:
        """Take what a scan says; tells when the counter has begun to count from another number."""
        self._count(reading, now)
        self._silent = reading.hours is None
        if reading.hours is None or reading.read_at == self._read_at:
            return None
        self._read_at = reading.read_at
        return self._take(reading.hours, now)

    def confirm(self) -> None:
        """Somebody has compared the meter with the engine."""
        self._kept.check = False

    def dump(self) -> dict[str, Any]:
        """What must outlive a restart, as plain JSON."""
        return asdict(self._kept)

    def _take(self, counter: float, now: Moment) -> MeterEvent | None:
        kept = self._kept
        if kept.hours is None or kept.base is None or (self._forgets and self._base_at is None):
            kept.hours = counter if kept.hours is None else kept.hours
            self._rebase(counter, now)
            return None
        before, possible = kept.base, self._possible_h(now)
        grown = counter - before
        if 0.0 <= grown <= possible:
            self._grow(grown, now)
            self._rebase(counter, now)
            return None
        if before > 0.9 * ROLLS_OVER_H and 0.0 <= grown + ROLLS_OVER_H <= possible:
            meter = self._grow(grown + ROLLS_OVER_H, now)
            self._rebase(counter, now)
            return MeterEvent("rolled-over", before, counter, meter)
        return self._hold(counter, now)

    def _possible_h(self, now: Moment) -> float:
        """How much a counter can have grown since the reading in ``base``, hours."""
        # Over a restart there is only the wall clock.
        passed = now.time - self._kept.base_time if self._base_at is None else now.monotonic - self._base_at
        return self._growth_h(max(0.0, passed))

    def _growth_h(self, passed_s: float) -> float:
        return passed_s / 3600.0 * self._rate * _FASTER + _SLACK_H * max(1.0, self._rate / 60.0)

    def _hold(self, counter: float, now: Moment) -> MeterEvent | None:
        """Watch an impossible reading: it becomes the new base when it goes on from itself for long enough."""
        held, at = self._held, now.monotonic
        if held is None or not 0.0 <= counter - held.last <= self._growth_h(at - held.last_at):
            self._held = _Held(counter, at, counter, at, 1)
            return None
        if at - held.since < _CONFIRM_S or held.count + 1 < _CONFIRMATIONS:
            self._held = _Held(held.first, held.since, counter, at, held.count + 1)
            return None
        before = self._kept.base or 0.0
        # What passed between the two bases is not known; what passed since is.
        meter = self._grow(counter - held.first, now)
        self._rebase(counter, now)
        self._kept.check = True
        return MeterEvent("rebased", before, counter, meter)

    def _grow(self, hours: float, now: Moment) -> float:
        kept = self._kept
        kept.hours = (kept.hours or 0.0) + hours
        if self._base_at is not None and now.monotonic - self._base_at <= _GAP_S:
            kept.compared += hours
        return kept.hours

    def _rebase(self, counter: float, now: Moment) -> None:
        self._held = None
        self._kept.base, self._kept.base_time, self._base_at = counter, now.time, now.monotonic

    def _count(self, reading: Reading, now: Moment) -> None:
        """Our own count: the time between two looks, where the engine turned at the first of them."""
        if self._last_at is not None and self._last_running and reading.hours is not None:
            passed = now.monotonic - self._last_at
            if passed <= _GAP_S:
                self._kept.counted += passed / 3600.0 * self._rate
        self._last_at, self._last_running = now.monotonic, reading.running
