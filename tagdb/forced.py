"""What lies beneath a forced tag: the value that was read or computed last, to be shown again when it is released."""

from __future__ import annotations

from dataclasses import dataclass

from tagdb.quality import Quality

__all__ = ["Beneath"]


@dataclass(slots=True)
class Beneath:
    """The attributes that a force hides; as in the arrays of ``tagdb.store.TagStore``."""

    cell: float
    quality: int
    #: Unix seconds UTC, NaN = never
    source_time: float
    #: monotonic seconds
    seen: float
    raw: int

    def mark(self, quality: Quality) -> None:
        """A new quality for the hidden value; last known value only touches what was good or uncertain."""
        if quality is Quality.LAST_KNOWN and (self.quality >= Quality.BAD or self.quality == Quality.INITIAL):
            return
        self.quality = int(quality)
