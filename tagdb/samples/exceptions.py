"""Report by exception: which values of a scan are kept, found for all tags at once.

Stage: called by the scan's thread after a scan, so it only works on arrays. A value is kept when it differs from the
last one kept by the deadband or more, when its quality changed, and at the latest after the longest gap; tags with
swinging doors in the map go through ``Doors``. Texts are kept when they change.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tagdb.quality import Quality
from tagdb.samples.arrays import Columns, Ints, milliseconds
from tagdb.samples.doors import Doors
from tagdb.samples.tagset import TagSet
from tagdb.store import TagStore

__all__ = ["ExceptionFilter"]

Slots = npt.NDArray[np.intp]
#: how often the longest gap is looked after, and the runtime's own statistics, milliseconds
_LOOK_MS, _OWN_MS = 1000, 10_000
_FAR = -(1 << 60)


class ExceptionFilter:
    """What was kept last of every tag, and with it what is kept next."""

    def __init__(self, tags: TagSet, longest_gap_s: float) -> None:
        self.tags = tags
        self._gap = milliseconds(longest_gap_s)
        self._value = np.full(tags.capacity, np.nan)
        self._quality = np.full(tags.capacity, Quality.INITIAL, np.uint16)
        self._time = np.full(tags.capacity, _FAR, np.int64)
        self._doors = Doors(tags.line_slots, tags.deadband[tags.line_slots], self._gap)
        self._texts: dict[int, bytes] = {}
        self._line_source = np.full(len(tags.line_slots), np.nan)
        self._steps = tags.recorded & ~tags.line
        self._looked = self._looked_at_own = _FAR

    def take(self, store: TagStore, changed: Slots, now: float) -> list[Columns]:
        """What to keep of a scan, with slots as tags.

        Args:
            changed: slots whose value or quality changed in this scan.
            now: start of the scan, Unix seconds.
        """
        moment = milliseconds(now)
        parts = self._lines(store, moment) if len(self._doors.slots) else []
        slots = changed[changed < self.tags.capacity]
        slots = slots[self._steps[slots] & ~self.tags.own[slots]]
        if steps := self._exceptions(store, slots, moment):
            parts.append(steps)
        if not 0 <= moment - self._looked_at_own < _OWN_MS:
            self._looked_at_own = moment
            if own := self._exceptions(store, self.tags.own_slots, moment):
                parts.append(own)
        if not 0 <= moment - self._looked < _LOOK_MS:
            self._looked = moment
            if due := self._overdue(store, moment):
                parts.append(due)
        return parts

    def tail(self) -> Columns:
        """The newest readings of open lines, with slots as tags."""
        return self._doors.tail()

    def adopt(self, other: ExceptionFilter) -> None:
        """Go on where another left off, for tags that keep name, kind and slot."""
        kept = [
            slot for slot, info in self.tags.infos.items()
            if (before := other.tags.infos.get(slot)) and before == info
        ]  # fmt: skip
        slots = np.array(kept, np.intp)
        self._value[slots] = other._value[slots]
        self._quality[slots] = other._quality[slots]
        self._time[slots] = other._time[slots]
        self._texts = {slot: other._texts[slot] for slot in kept if slot in other._texts}
        self._doors.adopt(other._doors)

    def _exceptions(self, store: TagStore, slots: Slots, moment: int) -> Columns | None:
        value, quality, before = store.cell[slots], store.quality[slots], self._value[slots]
        # bits, not numbers: 64-bit integers may look like any float, and NaN equals nothing
        differs = value.view(np.int64) != before.view(np.int64)
        with np.errstate(invalid="ignore"):
            # what is too small a step for the deadband is no exception; NaN compares false, so it is one
            differs &= ~(np.abs(value - before) < self.tags.deadband[slots])
        keep = differs | (quality != self._quality[slots])
        for index in np.flatnonzero(self.tags.text_row[slots] >= 0):
            slot = int(slots[index])
            keep[index] |= self._texts.get(slot) != bytes(store.text[self.tags.text_row[slot]])
        keep &= (quality != Quality.INITIAL) | (self._quality[slots] != Quality.INITIAL)
        return self._keep(store, slots[keep], moment)

    def _overdue(self, store: TagStore, moment: int) -> Columns | None:
        """What was not kept for long; also all that was kept in the future, after the clock was set back."""
        since = moment - self._time
        late = self._steps & (self._time != _FAR) & ((since >= self._gap) | (since < -_LOOK_MS))
        return self._keep(store, np.flatnonzero(late), moment)

    def _keep(self, store: TagStore, slots: Slots, moment: int) -> Columns | None:
        if not slots.size:
            return None
        value, quality = store.cell[slots], store.quality[slots]
        time = self._times(store, slots, self._time[slots], moment)
        self._value[slots], self._quality[slots], self._time[slots] = value, quality, time
        rows = self.tags.text_row[slots]
        texts: list[str] = []
        for index in np.flatnonzero(rows >= 0):
            value[index] = len(texts)
            text = self._texts[int(slots[index])] = bytes(store.text[rows[index]])
            texts.append(text.decode("utf-8", "replace"))
        return Columns(slots.astype(np.int32), time, value, quality, tuple(texts))

    def _times(self, store: TagStore, slots: Slots, before: Ints, moment: int) -> Ints:
        """The source time; where it has not moved on (a quality that changed) the scan's."""
        source = store.source_time[slots]
        with np.errstate(invalid="ignore"):
            time = np.where(np.isnan(source), moment, np.rint(source * 1000.0)).astype(np.int64)
        return np.where(time > before, time, moment)

    def _lines(self, store: TagStore, moment: int) -> list[Columns]:
        doors, slots = self._doors, self._doors.slots
        source = store.source_time[slots]
        # not the time kept with the reading: a quality that changed by itself has the scan's
        read = source != self._line_source
        changed = store.quality[slots] != doors.quality
        overdue = (doors.time > 0) & (moment - doors.time >= self._gap)
        rows = np.flatnonzero(
            (read & ~np.isnan(source)) | (changed & (store.quality[slots] != Quality.INITIAL)) | overdue
        )
        if not rows.size:
            return []
        self._line_source[rows] = source[rows]
        taken = slots[rows]
        time = self._times(store, taken, doors.time[rows], moment)
        return doors.feed(rows, time, store.cell[taken], store.quality[taken])
