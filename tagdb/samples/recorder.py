"""The scan's side of the history of values: keeps what the filter finds, and hands it over at every flush.

Stage: called by the scan's thread after every scan. It only appends arrays to a list; what is dear (joining, encoding,
writing) happens in the writer's thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tagdb.samples.arrays import Columns, milliseconds
from tagdb.samples.exceptions import ExceptionFilter, Slots
from tagdb.samples.tagset import TagSet
from tagdb.store import TagStore

__all__ = ["Begin", "Flush", "Recorder"]


@dataclass(frozen=True, slots=True)
class Begin:
    """From here on these tags are recorded, and no others."""

    tags: TagSet
    #: milliseconds since 1970, UTC
    time: int
    #: True: the program starts, so that nothing is known since the last flush before; False: a new configuration
    restart: bool


@dataclass(frozen=True, slots=True)
class Flush:
    """What was kept since the flush before."""

    tags: TagSet
    #: with slots as tags
    parts: tuple[Columns, ...]
    #: the newest readings of open lines: not stored yet, but not to be lost
    tail: Columns
    #: all values are known to hold until then, milliseconds
    until: int

    @property
    def count(self) -> int:
        """Samples in it."""
        return sum(map(len, self.parts))


class Recorder:
    """Between the scan and the writer."""

    def __init__(
        self,
        tags: TagSet,
        post: Callable[[Begin | Flush], None],
        now: float,
        flush_s: float,
        longest_gap_s: float,
    ) -> None:
        """``post`` never waits. ``now``: Unix seconds."""
        self._post = post
        self._flush_ms = milliseconds(flush_s)
        self._gap_s = longest_gap_s
        self._filter = ExceptionFilter(tags, longest_gap_s)
        self._parts: list[Columns] = []
        self._flushed = milliseconds(now)
        #: samples kept since the start
        self.kept = 0
        post(Begin(self._filter.tags, milliseconds(now), restart=True))

    def scan(self, store: TagStore, changed: Slots, now: float) -> None:
        """Keep what a scan changed; flush when it is time."""
        self._parts += self._filter.take(store, changed, now)
        moment = milliseconds(now)
        if not 0 <= moment - self._flushed < self._flush_ms:
            self.flush(moment)

    def install(self, tags: TagSet, now: float) -> None:
        """Take a new configuration over, between two scans. (Its tag set takes a second for a large plant to make.)"""
        self.flush(milliseconds(now))
        before, self._filter = self._filter, ExceptionFilter(tags, self._gap_s)
        self._filter.adopt(before)
        self._post(Begin(self._filter.tags, milliseconds(now), restart=False))

    def flush(self, moment: int) -> None:
        """Hand over what there is; also when there is nothing, to tell that nothing changed."""
        flush = Flush(self._filter.tags, tuple(self._parts), self._filter.tail(), moment)
        self.kept += flush.count
        self._parts.clear()
        self._flushed = moment
        self._post(flush)
