"""Notices that somebody set this machine's wall clock: what was recorded meanwhile is there twice, or not at all.

Stage: looked at once a second beside the scan; what it finds goes to the journal, and so to the marks of a trend.
"""

from __future__ import annotations

from runtime.scan import Clock
from tagdb import Words

__all__ = ["ClockSet", "told"]

#: less is a clock that is disciplined, or a thread that was kept waiting between two readings
LEAST_S = 5.0


class ClockSet:
    """Compares the wall clock with one that nobody sets."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead = self._now()

    def look(self) -> float:
        """By how much the clock was set since the last look, seconds; negative = back; 0.0 = it was not."""
        before, self._ahead = self._ahead, self._now()
        moved = self._ahead - before
        return moved if abs(moved) >= LEAST_S else 0.0

    def _now(self) -> float:
        return self._clock.time() - self._clock.monotonic()


def told(moved_s: float) -> Words:
    """The journal's words for it."""
    en, ru = _length(abs(moved_s), "h", "min", "s"), _length(abs(moved_s), "ч", "мин", "с")
    if moved_s < 0:
        return {
            "en": f"The clock was set back by {en}: so long from here on is recorded twice",
            "ru": f"Часы переведены назад на {ru}: это время отсюда записано дважды",
        }
    return {
        "en": f"The clock was set forward by {en}: nothing was recorded in between",
        "ru": f"Часы переведены вперёд на {ru}: за это время записей нет",
    }


def _length(seconds: float, hour: str, minute: str, second: str) -> str:
    whole = round(seconds)
    parts = [(whole // 3600, hour), (whole // 60 % 60, minute), (whole % 60, second)]
    return " ".join(f"{count} {unit}" for count, unit in parts if count)
