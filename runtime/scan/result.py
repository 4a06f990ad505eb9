"""What one scan hands on: its number and time, what changed, how long each phase took."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from runtime.scan.clock import Moment

__all__ = ["Overrun", "Phase", "ScanResult"]


class Phase(StrEnum):
    """The four phases of a scan, in order."""

    LATCH = "latch"
    LOGIC = "logic"
    OUTPUTS = "outputs"
    HOUSEKEEPING = "housekeeping"


@dataclass(frozen=True, slots=True)
class Overrun:
    """A scan that took longer than its period, or began more than a period late."""

    scan: int
    #: Unix seconds
    time: float
    #: the phase that took longest, or "start" when the machine did not let the scan begin
    phase: str
    #: device or rule that took longest in it; "" when none stands out
    cause: str
    took_s: float

    def __str__(self) -> str:
        behind = f", {self.cause}" if self.cause else ""
        return f"scan {self.scan}: {self.took_s * 1000:.1f} ms in {self.phase}{behind}"


@dataclass(slots=True)
class ScanResult:
    """One scan, as its sinks see it."""

    scan: int
    now: Moment
    #: slots whose value or quality changed in this scan
    changed: npt.NDArray[np.intp]
    #: inbox items applied
    items: int
    #: tags that became stale
    expired: int
    #: seconds per phase
    took: dict[Phase, float] = field(default_factory=dict)
    #: what took longest within the phase: device or rule, and seconds
    slowest: dict[Phase, tuple[str, float]] = field(default_factory=dict)
