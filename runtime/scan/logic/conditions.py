"""What makes an alarm of a rule: limits, deviation, rate of change, a state, bad quality, staleness; enable and delays.

A condition says whether it holds now, given whether it held before (the deadband needs that). ``Monitor`` adds the
enabling condition and the delays, and looks after inputs that cannot be trusted: they neither raise nor clear.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Protocol

from runtime.scan.logic.expression import Expression
from runtime.scan.logic.frame import Frame
from tagdb import Quality

__all__ = ["Condition", "Deviation", "Limit", "Monitor", "Rate", "Stale", "State", "Truth", "Untrusted"]

_GOOD, _INITIAL, _BAD = int(Quality.GOOD), int(Quality.INITIAL), int(Quality.BAD)
_ROUNDING = 1e-9
#: samples that the rate keeps of its window
_SAMPLES = 30


class Condition(Protocol):
    """One kind of condition."""

    def holds(self, frame: Frame, before: bool) -> tuple[bool | None, int]:
        """Whether it holds, None where nobody can tell, and the quality of what it looked at."""


def _number(expression: Expression, frame: Frame) -> tuple[float | None, int]:
    value, quality = expression.evaluate(frame)
    if isinstance(value, str) or value != value:
        return None, quality
    return value, quality


@dataclass(frozen=True, slots=True)
class Truth:
    """A condition written out: ``gen_status == 'Fail to stop'``."""

    when: Expression

    def holds(self, frame: Frame, before: bool) -> tuple[bool | None, int]:
        """Whether the expression is true."""
        value, quality = self.when.evaluate(frame)
        return (bool(value) if value == value else None), quality


@dataclass(frozen=True, slots=True)
class Limit:
    """Above (below) a limit; over only when back by the deadband, so that a value at the limit does not chatter."""

    value: Expression
    limit: Expression
    above: bool
    #: units of the value
    deadband: float = 0.0

    def holds(self, frame: Frame, before: bool) -> tuple[bool | None, int]:
        """``value > limit``, then ``value > limit - deadband`` (mirrored below)."""
        value, quality = self.value.evaluate(frame)
        limit, other = self.limit.evaluate(frame)
        if other > quality:
            quality = other
        if isinstance(value, str) or isinstance(limit, str) or value != value or limit != limit:
            return None, quality
        excess = value - limit if self.above else limit - value
        return excess > (-self.deadband if before else 0.0), quality


@dataclass(frozen=True, slots=True)
class Deviation:
    """Away from another value by more than so much, to either side."""

    value: Expression
    reference: Expression
    by: Expression
    #: units of the value
    deadband: float = 0.0

    def holds(self, frame: Frame, before: bool) -> tuple[bool | None, int]:
        """``abs(value - reference) > by``, then ``> by - deadband``."""
        parts = [_number(one, frame) for one in (self.value, self.reference, self.by)]
        quality = max(quality for _value, quality in parts)
        value, reference, by = (part[0] for part in parts)
        if value is None or reference is None or by is None:
            return None, quality
        return abs(value - reference) > by - (self.deadband if before else 0.0), quality


@dataclass(slots=True)
class Rate:
    """Changing faster than so much, from the start of a window to its end: one step is not a rate."""

    value: Expression
    #: units a second; negative: falling faster
    per_s: float
    window_s: float
    #: units a second
    deadband: float = 0.0
    _samples: deque[tuple[float, float]] = field(default_factory=deque)

    def holds(self, frame: Frame, before: bool) -> tuple[bool | None, int]:
        """Whether the mean slope over the window passes the limit; false until a window has been seen."""
        value, quality = _number(self.value, frame)
        if value is None or quality >= _BAD:
            self._samples.clear()
            return None, quality
        now, samples = frame.now.monotonic, self._samples
        while len(samples) > 1 and now - samples[1][0] >= self.window_s - _ROUNDING:
            samples.popleft()
        slope = 0.0
        if samples and now - samples[0][0] >= self.window_s - _ROUNDING:
            slope = (value - samples[0][1]) / (now - samples[0][0])
        if not samples or now - samples[-1][0] >= self.window_s / _SAMPLES - _ROUNDING:
            samples.append((now, value))
        excess = slope - self.per_s if self.per_s > 0 else self.per_s - slope
        return excess > (-self.deadband if before else 0.0), quality


@dataclass(frozen=True, slots=True)
class Untrusted:
    """The quality of a value is bad."""

    value: Expression

    def holds(self, frame: Frame, before: bool) -> tuple[bool | None, int]:
        """True from bad on; before the first reading nobody can tell."""
        quality = self.value.evaluate(frame)[1]
        return (None, quality) if quality == _INITIAL else (quality >= _BAD, _GOOD)


@dataclass(frozen=True, slots=True)
class Stale:
    """What the devices said is older than so much; the oldest of the inputs counts."""

    value: Expression
    seconds: float

    def holds(self, frame: Frame, before: bool) -> tuple[bool | None, int]:
        """Before the first reading nobody can tell."""
        oldest = min((frame.source_time(one.slot) for one in self.value.inputs), default=math.nan)
        if oldest != oldest:
            return None, _INITIAL
        return frame.now.time - oldest > self.seconds, _GOOD


@dataclass(frozen=True, slots=True)
class State:
    """What a monitor found in one scan."""

    #: None until something could be told
    active: bool | None
    #: the number of ``tagdb.Quality``; from bad on, ``active`` is what it was before
    quality: int

    @property
    def trusted(self) -> bool:
        """Whether the inputs can be trusted."""
        return self.quality < _BAD


@dataclass(slots=True)
class Monitor:
    """A condition with its enabling condition and delays, and their state from scan to scan."""

    condition: Condition
    enable: Expression | None = None
    #: the condition must hold so long before it counts, seconds
    on_delay_s: float = 0.0
    #: it must be over so long before it no longer counts, seconds
    off_delay_s: float = 0.0
    #: what counts, after the delays; None until something could be told, the first on delay included: an alarm that was
    #: there before a restart must not return and come back
    active: bool | None = None
    _held: bool = False
    _since: float | None = None
    _state: State = State(None, _INITIAL)

    def step(self, frame: Frame) -> State:
        """The state after this scan."""
        quality = 0
        if self.enable is not None:
            enabled, quality = self.enable.evaluate(frame)
            if quality < _BAD and enabled == enabled and not enabled:
                self._held, self._since, self.active = False, None, False
                return self._tell(quality)
        holds, other = self.condition.holds(frame, self._held)
        if other > quality:
            quality = other
        if holds is None or quality >= _BAD:
            # Nobody can tell: what was before stays, and a delay that ran starts over.
            self._since = None
            return self._tell(quality)
        self._held = holds
        if holds is self.active:
            self._since = None
        else:
            self._delay(holds, frame.now.monotonic)
        return self._tell(quality)

    @property
    def waits(self) -> bool:
        """Whether a delay runs: it may become active, or over, with nothing new in its inputs."""
        return self._since is not None

    @property
    def timed(self) -> bool:
        """Whether it must be stepped in every scan, since it looks at more than values and qualities."""
        return isinstance(self.condition, Rate | Stale) or any(one.timed for one in self.expressions)

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """All that it is made of."""
        parts = [getattr(self.condition, one.name) for one in fields(self.condition)]  # type: ignore[arg-type]
        return tuple(part for part in (*parts, self.enable) if isinstance(part, Expression))

    def _tell(self, quality: int) -> State:
        state = self._state  # most scans find what the last one found
        if state.active is not self.active or state.quality != quality:
            state = self._state = State(self.active, quality)
        return state

    def _delay(self, holds: bool, now: float) -> None:
        if self.active is None and not holds:
            self.active, self._since = False, None
            return
        if self._since is None:
            self._since = now
        if now - self._since >= (self.on_delay_s if holds else self.off_delay_s) - _ROUNDING:
            self.active, self._since = holds, None

    def dump(self, now: float) -> dict[str, Any]:
        """The state as plain JSON, for a restart. ``now``: monotonic seconds."""
        return {
            "active": self.active,
            "held": self._held,
            "run": None if self._since is None else now - self._since,
        }

    def restore(self, state: Mapping[str, Any], now: float) -> None:
        """Take a dumped state over, as if no time had passed since."""
        active, run = state.get("active"), state.get("run")
        self.active = None if active is None else bool(active)
        self._held = bool(state.get("held"))
        self._since = None if run is None else now - float(run)
