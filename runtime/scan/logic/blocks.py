"""Timers, edges, latches and a counter as PLCs have them, for rules: state that lives from scan to scan.

IEC 61131-3:2013, 6.6.3.5 "Standard function blocks": bistables table 43, edge detection table 44, counters table 45,
timers table 46 with the timing diagrams of figure 15. The time is the scan's monotonic one and is handed in. ``dump``
gives the state as plain JSON and ``restore`` takes it back after a restart, with the time that had run at the dump: the
time during which nothing ran does not count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

__all__ = ["CTU", "F_TRIG", "RS", "R_TRIG", "SR", "TOF", "TON", "TP", "Block"]

#: what a sum of binary fractions of seconds may fall short of a delay
_ROUNDING = 1e-9


@dataclass(slots=True)
class Block:
    """What all blocks share: their fields are their state."""

    #: fields that make up the state
    STATE: ClassVar[tuple[str, ...]] = ("q",)

    def dump(self, now: float) -> dict[str, Any]:
        """The state as plain JSON. ``now``: monotonic seconds."""
        return {name: getattr(self, name) for name in self.STATE}

    def restore(self, state: Mapping[str, Any], now: float) -> None:
        """Take a dumped state over; what it does not name stays as it is."""
        for name in self.STATE:
            if name in state:
                setattr(self, name, type(getattr(self, name))(state[name]))


@dataclass(slots=True)
class _Timer(Block):
    STATE: ClassVar[tuple[str, ...]] = ("q", "et")

    #: preset time, seconds
    pt: float
    q: bool = False
    #: elapsed time, seconds, up to ``pt``
    et: float = 0.0
    _start: float | None = None

    def dump(self, now: float) -> dict[str, Any]:
        """The state, and whether the time runs."""
        return {"q": self.q, "et": self.et, "runs": self._start is not None}

    def restore(self, state: Mapping[str, Any], now: float) -> None:
        """As if the time between dump and restore had not been."""
        self.q, self.et = bool(state.get("q", False)), float(state.get("et", 0.0))
        self._start = now - self.et if state.get("runs") else None

    def _elapse(self, now: float) -> bool:
        if self._start is None:
            self._start = now
        run = now - self._start
        over = run >= self.pt - _ROUNDING
        self.et = self.pt if over else run
        return over

    def _reset(self) -> None:
        self.et, self._start = 0.0, None


@dataclass(slots=True)
class TON(_Timer):
    """On delay (table 46, figure 15 c): Q once IN has been true for PT; it falls with IN."""

    def run(self, signal: bool, now: float) -> bool:
        """Q for this scan."""
        if signal:
            self.q = self._elapse(now)
        else:
            self._reset()
            self.q = False
        return self.q


@dataclass(slots=True)
class TOF(_Timer):
    """Off delay (table 46, figure 15 d): Q with IN, and for PT after IN fell."""

    def run(self, signal: bool, now: float) -> bool:
        """Q for this scan."""
        if signal:
            self._reset()
            self.q = True
        elif self.q:
            self.q = not self._elapse(now)
        return self.q


@dataclass(slots=True)
class TP(_Timer):
    """Pulse (table 46, figure 15 b): a rising IN gives Q for PT, whatever IN does; ET stays until IN falls."""

    def run(self, signal: bool, now: float) -> bool:
        """Q for this scan."""
        if self._start is None and not signal:
            return False
        self.q = not self._elapse(now)
        if not self.q and not signal:
            self._reset()
        return self.q


@dataclass(slots=True)
class R_TRIG(Block):  # noqa: N801 - the standard's name
    """Rising edge (table 44): Q in the scan in which CLK became true, the first one included."""

    STATE: ClassVar[tuple[str, ...]] = ("q", "m")

    q: bool = False
    #: CLK of the scan before
    m: bool = False

    def run(self, clk: bool) -> bool:
        """Q for this scan."""
        self.q, self.m = clk and not self.m, clk
        return self.q


@dataclass(slots=True)
class F_TRIG(Block):  # noqa: N801
    """Falling edge (table 44): Q in the scan in which CLK became false; also in the first if CLK is false, as there."""

    STATE: ClassVar[tuple[str, ...]] = ("q", "m")

    q: bool = False
    #: the opposite of CLK of the scan before
    m: bool = False

    def run(self, clk: bool) -> bool:
        """Q for this scan."""
        self.q, self.m = not clk and not self.m, not clk
        return self.q


@dataclass(slots=True)
class SR(Block):
    """Latch in which set wins (table 43): Q1 := S1 OR (NOT R AND Q1)."""

    q: bool = False

    def run(self, s1: bool, r: bool) -> bool:
        """Q1 for this scan."""
        self.q = s1 or (not r and self.q)
        return self.q


@dataclass(slots=True)
class RS(Block):
    """Latch in which reset wins (table 43): Q1 := NOT R1 AND (S OR Q1)."""

    q: bool = False

    def run(self, s: bool, r1: bool) -> bool:
        """Q1 for this scan."""
        self.q = not r1 and (s or self.q)
        return self.q


@dataclass(slots=True)
class CTU(Block):
    """Up counter (table 45): CV counts rising edges of CU, R sets it to 0 and wins, Q while CV >= PV."""

    STATE: ClassVar[tuple[str, ...]] = ("q", "cv", "cu")

    #: preset value
    pv: int
    q: bool = False
    #: current value
    cv: int = 0
    #: CU of the scan before
    cu: bool = False

    def run(self, cu: bool, r: bool = False) -> bool:
        """Q for this scan."""
        if r:
            self.cv = 0
        elif cu and not self.cu:
            self.cv += 1
        self.cu = cu
        self.q = self.cv >= self.pv
        return self.q
