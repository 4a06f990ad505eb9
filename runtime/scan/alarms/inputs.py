"""The tags that alarms look at, all at once: what their readings say now, and which of them say something new.

Stage: after the logic of a scan; only what changed costs Python time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from runtime.scan.alarms.alarm import Code
from runtime.scan.alarms.model import AlarmDefinition, Test
from tagdb import Kind, Quality, Tag, TagStore, Value

__all__ = ["Reading", "TagInputs"]

Indices = npt.NDArray[np.intp]


class Reading(NamedTuple):
    """A new reading of the input of one alarm."""

    row: int
    code: int
    #: the change from "not active" was seen: what was read last was not active
    observed: bool
    #: the first reading of it ever that can be trusted
    first: bool
    #: a word of unknown bits has a bit that it did not have
    more: bool = False
    #: when the device last said "not active" before it said this, Unix seconds; NaN = not known
    clear_at: float = math.nan


class TagInputs:
    """The inputs of all alarms that have a tag; row numbers are the order of ``definitions``.

    Uncertain readings (a missed poll, a tag not read yet) say nothing: what was known before still holds, so that a
    lost frame is no transition. A tag that stays unread becomes stale, which is bad, and then the alarm is unsafe.
    """

    def __init__(
        self, definitions: Sequence[AlarmDefinition], tags: Mapping[str, Tag], before: TagInputs | None = None
    ) -> None:
        """Raises KeyError when a tag does not exist. ``before``: what its rows knew is taken over by key."""
        size = len(definitions)
        self.keys = [definition.key for definition in definitions]
        self.tags = [tags[definition.tag] for definition in definitions]
        #: a :class:`Code` each
        self.code = np.zeros(size, np.int8)
        #: a reading that can be trusted was seen
        self.seen = np.zeros(size, bool)
        #: the engine must hear of every change: an occurrence is open or a delay runs
        self.busy = np.zeros(size, bool)
        special = [definition.test in (Test.GROWN, Test.TEXT) for definition in definitions]
        self._plain = np.flatnonzero(~np.array(special, bool)) if size else np.empty(0, np.intp)
        self._slots = np.array([self.tags[row].slot for row in self._plain], np.intp)
        equal = np.array([definition.test is Test.EQUAL for definition in definitions], bool)
        operand = np.array([definition.operand for definition in definitions], float)
        silent = np.array([np.nan if row.unknown is None else row.unknown for row in definitions], float)
        self._equal, self._operand, self._silent = equal[self._plain], operand[self._plain], silent[self._plain]
        self._cell = np.zeros(self._plain.size, np.int64)
        self._quality = np.full(self._plain.size, Quality.INITIAL, np.uint16)
        self._source = np.full(self._plain.size, np.nan)
        #: rows that are words of unknown bits, and the bits that they had
        word = [row.test is Test.SET and tag.kind is Kind.INT for row, tag in zip(definitions, self.tags, strict=True)]
        self._word = np.array(word, bool)
        self._bits = np.zeros(size, np.int64)
        #: rows whose test is not of one cell at one moment: counters that grew, texts that are there
        self._special = np.flatnonzero(np.array(special, bool)) if size else np.empty(0, np.intp)
        self._special_slots = np.array([self.tags[row].slot for row in self._special], np.intp)
        self._text = np.array([row.test is Test.TEXT for row in definitions], bool)[self._special]
        self._text_rows = np.array([self.tags[row].text_row for row in self._special[self._text]], np.intp)
        self._count = np.full(self._special.size, np.nan)
        if before is not None:
            self._take_over(before)

    def recall(self, row: int, value: Value) -> None:
        """The value that an open alarm had before a restart: bits that it has still are not new ones."""
        if self._word[row] and isinstance(value, int):
            self._bits[row] = value

    def scan(self, store: TagStore) -> Iterator[Reading]:
        """What the engine must hear of after this scan's logic."""
        cell = store.cell.take(self._slots).view(np.int64)
        quality = store.quality.take(self._slots)
        changed = np.flatnonzero((cell != self._cell) | (quality != self._quality))
        source, self._source = self._source, store.source_time.take(self._slots)
        if changed.size:
            self._cell, self._quality = cell, quality
            yield from self._changes(changed, cell[changed].view(np.float64), quality[changed], source[changed])
        if self._special.size:
            yield from self._look(store)

    def _changes(
        self,
        changed: Indices,
        cell: npt.NDArray[np.float64],
        quality: npt.NDArray[np.uint16],
        source: npt.NDArray[np.float64],
    ) -> Iterator[Reading]:
        rows = self._plain[changed]
        truth = np.where(self._equal[changed], cell == self._operand[changed], cell != 0.0)
        code = np.where(truth, Code.ACTIVE, Code.CLEAR).astype(np.int8)
        code[np.isnan(cell) | (quality >= Quality.BAD)] = Code.UNTRUSTED
        told = ((quality < Quality.LAST_KNOWN) & (cell != self._silent[changed])) | (quality >= Quality.BAD)
        yield from self._note(rows[told], code[told], cell[told], source[told])

    def _note(
        self,
        rows: Indices,
        code: npt.NDArray[np.int8],
        cell: npt.NDArray[np.float64] | None = None,
        source: npt.NDArray[np.float64] | None = None,
    ) -> Iterator[Reading]:
        before = self.code[rows]
        first = ~self.seen[rows]
        trusted = code != Code.UNTRUSTED
        more = other = np.zeros(rows.size, bool)
        if cell is not None:
            bits, words = self._bits[rows], self._word[rows] & trusted
            new = np.where(words & (np.abs(cell) < 2.0**53), cell, 0).astype(np.int64)
            more = words & ((new & ~bits) != 0)
            other = words & (new != bits)
            self._bits[rows[words]] = new[words]
        self.code[rows] = code
        self.seen[rows[trusted]] = True
        wanted = ((code == Code.ACTIVE) | self.busy[rows]) & ((code != before) | other)
        at = np.flatnonzero(wanted)
        observed = before[at] == Code.CLEAR
        clear_at = np.where(observed, math.nan if source is None else source[at], math.nan)
        columns = (rows[at], code[at], observed, first[at], more[at], clear_at)
        yield from map(Reading._make, zip(*(column.tolist() for column in columns), strict=True))

    def _look(self, store: TagStore) -> Iterator[Reading]:
        quality = store.quality.take(self._special_slots)
        count = store.cell.take(self._special_slots)
        on = count > self._count
        on[self._text] = store.text.take(self._text_rows) != b""
        read = quality < Quality.LAST_KNOWN
        self._count = np.where(read, count, self._count)
        code = np.where(on, Code.ACTIVE, Code.CLEAR).astype(np.int8)
        untrusted = quality >= Quality.BAD
        code[untrusted] = Code.UNTRUSTED
        told = (read | untrusted) & (code != self.code[self._special])
        if told.any():
            yield from self._note(self._special[told], code[told])

    def _take_over(self, before: TagInputs) -> None:
        rows = {key: row for row, key in enumerate(before.keys)}
        for row, key in enumerate(self.keys):
            old = rows.get(key)
            if old is not None and before.tags[old].kind is self.tags[row].kind:
                self.code[row], self.seen[row], self._bits[row] = before.code[old], before.seen[old], before._bits[old]
        counts = dict(zip((before.keys[row] for row in before._special), before._count, strict=True))
        self._count = np.array([counts.get(self.keys[row], math.nan) for row in self._special], float)
