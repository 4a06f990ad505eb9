"""The tag database in memory: one array per attribute, one slot per tag, written by the scan alone.

Stage: samples come out of the inbox and become tags here; after the scan the arrays are copied to the image.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from tagdb.forced import Beneath
from tagdb.inbox import Batch, Mark, Refresh
from tagdb.quality import Quality
from tagdb.tag import Kind, Sample, Tag, Value, value_of

__all__ = ["TEXT_BYTES", "TagStore", "allocate", "clip_utf8"]

#: bytes of UTF-8 that a text tag can hold
TEXT_BYTES = 256

Slots = npt.NDArray[np.intp]


class TagStore:
    """Values, qualities and times of all tags.

    ``cell`` is float64 (see :class:`tagdb.tag.Kind`), ``raw`` uint64, ``quality`` uint16, ``source_time`` and
    ``change_time`` float64 Unix seconds (NaN = never), ``text`` rows of TEXT_BYTES. All have ``capacity`` rows.
    """

    def __init__(self, capacity: int = 1024, texts: int = 64) -> None:
        self.capacity = capacity
        self.text_capacity = texts
        self.tags: dict[str, Tag] = {}
        self.by_slot: dict[int, Tag] = {}
        self.cell = np.full(capacity, np.nan)
        self.raw = np.zeros(capacity, np.uint64)
        self.quality = np.full(capacity, Quality.INITIAL, np.uint16)
        self.source_time = np.full(capacity, np.nan)
        self.change_time = np.full(capacity, np.nan)
        self.text = np.zeros(texts, f"S{TEXT_BYTES}")
        # Monotonic: a jump of the wall clock must not make anything stale.
        self._seen = np.full(capacity, np.inf)
        self._stale_after = np.full(capacity, np.inf)
        #: slot of a forced tag -> what it would be without
        self._beneath: dict[int, Beneath] = {}

    def __contains__(self, name: str) -> bool:
        return name in self.tags

    def __len__(self) -> int:
        return len(self.tags)

    def install(self, tags: Iterable[Tag]) -> None:
        """Take over a new tag set. A tag that keeps its slot and kind keeps its value; every other slot starts anew."""
        new = {tag.slot: tag for tag in tags}
        self._grow(max(new, default=-1) + 1, max((t.text_row for t in new.values()), default=-1) + 1)
        for slot in set(self.by_slot) | set(new):
            old, tag = self.by_slot.get(slot), new.get(slot)
            if tag is None or old is None or (old.name, old.kind, old.text_row) != (tag.name, tag.kind, tag.text_row):
                self._clear(slot)
            self._stale_after[slot] = tag.stale_after_s if tag else math.inf
        self.by_slot = new
        self.tags = {tag.name: tag for tag in new.values()}

    def apply(self, batch: Batch, now: float) -> None:
        """Write what a poller or a rule found. ``now``: Unix seconds, for the change time."""
        if self._beneath:
            batch = self._spare_forced(batch)
        slots = batch.slots
        if batch.texts:
            self._apply_texts(batch)
        changed = self.cell[slots].view(np.int64) != batch.cells.view(np.int64)
        changed |= self.quality[slots] != batch.quality
        self.cell[slots] = batch.cells
        self.quality[slots] = batch.quality
        if batch.raw is not None:
            self.raw[slots] = batch.raw
        self.source_time[slots] = batch.source_time
        self._seen[slots] = batch.seen
        if changed.any():
            self.change_time[slots[changed]] = now

    def mark(self, mark: Mark, now: float) -> None:
        """Change the quality and keep the value; last known value only touches what was good or uncertain."""
        slots = self._not_forced(mark.slots)
        if slots is not mark.slots:
            for slot in self._beneath.keys() & set(mark.slots.tolist()):
                self._beneath[slot].mark(mark.quality)
        before = self.quality[slots]
        change = before != mark.quality
        if mark.quality == Quality.LAST_KNOWN:
            change &= (before < Quality.BAD) & (before != Quality.INITIAL)
        slots = slots[change]
        self.quality[slots] = mark.quality
        self.change_time[slots] = now

    def refresh(self, refresh: Refresh) -> None:
        """Values confirmed without having been read (a gated block while its gate is clear)."""
        slots = self._not_forced(refresh.slots)
        good = self.quality[slots] < Quality.LAST_KNOWN
        slots = slots[good]
        self.source_time[slots] = refresh.source_time
        self._seen[slots] = refresh.seen

    def expire(self, monotonic: float, now: float) -> int:
        """Make stale what is older than its period allows; how many tags that were."""
        late = monotonic - self._seen > self._stale_after
        late &= (self.quality < Quality.BAD) & (self.quality != Quality.FORCED)
        slots = np.flatnonzero(late)
        if slots.size:
            self.quality[slots] = Quality.STALE
            self.change_time[slots] = now
        return int(slots.size)

    def set(self, name: str, value: float, quality: Quality, now: float, seen: float = math.inf) -> None:
        """Write one number: statistics and rules, not the path of field data."""
        slot = self.tags[name].slot
        if slot in self._beneath:
            self._beneath[slot] = Beneath(value, int(quality), now, seen, 0)
            return
        if self.cell[slot] != value or self.quality[slot] != quality:
            self.change_time[slot] = now
        self.cell[slot] = value
        self.quality[slot] = quality
        self.source_time[slot] = now
        self._seen[slot] = seen

    def set_text(self, name: str, text: str, quality: Quality, now: float) -> None:
        """Write one text, as ``set`` does a number."""
        slots = np.array([self.tags[name].slot], np.intp)
        quality_array = np.full(1, quality, np.uint16)
        self.apply(Batch(slots, np.zeros(1), quality_array, now, math.inf, texts=[(0, text)]), now)

    def seen(self, slot: int) -> float:
        """Monotonic time at which the frame with this value came; inf where it was no frame; -inf for a forced one."""
        return -math.inf if slot in self._beneath else float(self._seen[slot])

    def force(self, slot: int, cell: float, now: float) -> None:
        """Hold a number at a value, quality FORCED, whatever is read or computed meanwhile. Again: another value."""
        if slot not in self._beneath:
            self._beneath[slot] = Beneath(
                float(self.cell[slot]), int(self.quality[slot]), float(self.source_time[slot]),
                float(self._seen[slot]), int(self.raw[slot]),
            )  # fmt: skip
        self.cell[slot] = cell
        self.quality[slot] = Quality.FORCED
        self.source_time[slot] = self.change_time[slot] = now

    def release(self, slot: int, now: float) -> None:
        """Let a forced tag be again what was last read or computed; nothing for one that is not forced."""
        beneath = self._beneath.pop(slot, None)
        if beneath is None:
            return
        self.cell[slot], self.quality[slot] = beneath.cell, beneath.quality
        self.source_time[slot], self._seen[slot] = beneath.source_time, beneath.seen
        self.raw[slot] = beneath.raw
        self.change_time[slot] = now

    @property
    def forced(self) -> frozenset[int]:
        """Slots of the tags that are forced."""
        return frozenset(self._beneath)

    def sample(self, name: str) -> Sample:
        """One tag as an object, for tests and rules; KeyError for an unknown name."""
        tag = self.tags[name]
        slot = tag.slot
        text = self.text[tag.text_row].decode("utf-8", "replace") if tag.kind is Kind.TEXT else ""
        quality = Quality(int(self.quality[slot]))
        never = bool(np.isnan(self.source_time[slot]))
        value = None if never else value_of(tag.kind, float(self.cell[slot]), tag.decimals, text)
        return Sample(value, quality, _time(self.source_time[slot]), _time(self.change_time[slot]), int(self.raw[slot]))

    def value(self, name: str) -> Value:
        """The value alone."""
        return self.sample(name).value

    def _not_forced(self, slots: Slots) -> Slots:
        """The same array where none of its tags is forced."""
        if not self._beneath:
            return slots
        keep = ~np.isin(slots, list(self._beneath))
        return slots if keep.all() else slots[keep]

    def _spare_forced(self, batch: Batch) -> Batch:
        """The batch without what belongs to forced tags, which is kept beneath them."""
        keep = ~np.isin(batch.slots, list(self._beneath))
        if keep.all():
            return batch
        for index in np.flatnonzero(~keep):
            raw = 0 if batch.raw is None else int(batch.raw[index])
            self._beneath[int(batch.slots[index])] = Beneath(
                float(batch.cells[index]), int(batch.quality[index]), batch.source_time, batch.seen, raw
            )
        places = np.cumsum(keep) - 1
        texts = [(int(places[index]), text) for index, text in batch.texts if keep[index]]
        raw_left = None if batch.raw is None else batch.raw[keep]
        return replace(
            batch, slots=batch.slots[keep], cells=batch.cells[keep], quality=batch.quality[keep], raw=raw_left,
            texts=texts,
        )  # fmt: skip

    def _apply_texts(self, batch: Batch) -> None:
        for index, text in batch.texts:
            slot = int(batch.slots[index])
            tag = self.by_slot.get(slot)
            if tag is None or tag.text_row < 0:
                continue
            encoded = clip_utf8(text)
            if self.text[tag.text_row] != encoded:
                self.text[tag.text_row] = encoded
                self.quality[slot] = Quality.INITIAL  # so that apply() sees a change

    def _clear(self, slot: int) -> None:
        self._beneath.pop(slot, None)
        self.cell[slot] = self.source_time[slot] = self.change_time[slot] = np.nan
        self.raw[slot] = 0
        self.quality[slot] = Quality.INITIAL
        self._seen[slot] = np.inf

    def _grow(self, slots: int, texts: int) -> None:
        if slots > self.capacity:
            more = max(slots, self.capacity * 5 // 4) - self.capacity
            self.capacity += more
            self.cell = np.concatenate([self.cell, np.full(more, np.nan)])
            self.raw = np.concatenate([self.raw, np.zeros(more, np.uint64)])
            self.quality = np.concatenate([self.quality, np.full(more, Quality.INITIAL, np.uint16)])
            self.source_time = np.concatenate([self.source_time, np.full(more, np.nan)])
            self.change_time = np.concatenate([self.change_time, np.full(more, np.nan)])
            self._seen = np.concatenate([self._seen, np.full(more, np.inf)])
            self._stale_after = np.concatenate([self._stale_after, np.full(more, np.inf)])
        if texts > self.text_capacity:
            more = max(texts, self.text_capacity * 5 // 4) - self.text_capacity
            self.text_capacity += more
            self.text = np.concatenate([self.text, np.zeros(more, f"S{TEXT_BYTES}")])


def clip_utf8(text: str) -> bytes:
    """UTF-8, cut at a character so that it fits a row."""
    return text.encode()[:TEXT_BYTES].decode("utf-8", "ignore").encode()


def allocate(names: Sequence[str], before: dict[str, int]) -> dict[str, int]:
    """A slot for each name: known names keep theirs, new ones fill the gaps from below."""
    # Slots of names that have gone rest for one generation: what is under way for them must not reach another tag.
    taken = set(before.values())
    free = (slot for slot in range(len(names) + len(taken) + 1) if slot not in taken)
    return {name: before[name] if name in before else next(free) for name in names}


def _time(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)
