"""Raw samples out of the database: blocks and what was not packed yet, merged into one curve for each tag."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import peewee

from tagdb.samples.arrays import DAY_MS, HOLD_MS, Columns, Curve, curve_of
from tagdb.samples.codec import decode_batch, decode_block
from tagdb.samples.models import Batch, Block, State, Tag
from tagdb.samples.tagset import TagInfo
from tagdb.tag import Kind

__all__ = ["Hot", "known_tags", "read_curves", "recorded_until"]

#: batches that are read one by one
_LOOSE = 60
#: number, first, last, count: SQLite gives the numbers of packed batches again
_Key = tuple[int, int, int, int]


class Hot:
    """What was not packed yet, decoded and merged: batches never change, they only come, and go when they are packed.

    For one thread at a time. An hour has thousands of batches; all but the newest are one piece here.
    """

    def __init__(self) -> None:
        self._merged: Columns | None = None
        self._merged_keys: list[_Key] = []
        self._loose: dict[_Key, Columns] = {}

    def load(self, database: peewee.Database) -> list[Columns]:
        """Everything, the oldest first, each piece sorted by tag. Raises ERRORS, BadData."""
        columns = (Batch.id, Batch.first, Batch.last, Batch.count)
        found = list(Batch.select(*columns).order_by(Batch.id).tuples().execute(database))
        count = len(self._merged_keys)
        if found[:count] != self._merged_keys:
            self._merged, self._merged_keys, count = None, [], 0
        wanted = found[count:]
        self._loose = {key: self._loose[key] for key in wanted if key in self._loose}
        if missing := {key[0]: key for key in wanted if key not in self._loose}:
            span = (Batch.id >= min(missing)) & (Batch.id <= max(missing))
            rows = Batch.select(Batch.id, Batch.data).where(span).tuples().execute(database)
            self._loose |= {missing[number]: decode_batch(data) for number, data in rows if number in missing}
        if len(self._loose) > _LOOSE:
            self._merge(database, found)
        newest = [self._loose[key] for key in sorted(self._loose)]
        return newest if self._merged is None else [self._merged, *newest]

    def _merge(self, database: peewee.Database, found: list[_Key]) -> None:
        parts = [self._loose[key] for key in sorted(self._loose)]
        if self._merged is not None:
            parts.insert(0, self._merged)
        texts = None
        if any(part.texts for part in parts):
            keys = [key for (key,) in Tag.select(Tag.id).where(Tag.kind == "text").tuples().execute(database)]
            texts = [np.isin(part.tag, keys) for part in parts]
        joined = Columns.joined(parts, texts)
        # stable: what came later stays behind
        self._merged = joined.of(np.argsort(joined.tag, kind="stable"))
        self._merged_keys, self._loose = found, {}


def known_tags(database: peewee.Database, names: Iterable[str] | None = None) -> dict[str, tuple[int, TagInfo]]:
    """Tags by name, with their keys; all, or those of ``names`` that are known."""
    query = Tag.select()
    if names is not None:
        query = query.where(Tag.name.in_(list(names)))
    return {
        row.name: (row.id, TagInfo(row.name, Kind(row.kind), row.unit, row.decimals, row.line))
        for row in query.execute(database)
    }


def recorded_until(database: peewee.Database) -> tuple[int, Columns]:
    """Until when all values are known to hold (0 = nothing was recorded), and the open ends of lines."""
    for row in State.select().where(State.name == "until").execute(database):
        return row.number, decode_batch(row.data) if row.data else Columns.empty()
    return 0, Columns.empty()


def read_curves(
    database: peewee.Database, tags: Mapping[int, TagInfo], start: int, end: int, hot: Sequence[Columns]
) -> dict[int, Curve]:
    """The samples of [start, end), and of each tag the one before; of lines the one after, too.

    Args:
        tags: by key.
        start, end: milliseconds.
        hot: what was not packed yet, in the order it came.
    """
    until, tail = recorded_until(database)
    curves = {}
    latest = end + HOLD_MS if any(info.line for info in tags.values()) else end
    loose = [_of(part, tags, start, latest) for part in (*hot, tail)]
    for key, info in tags.items():
        parts = _blocks(database, key, start, end, info.line)
        for part in loose:
            mine = part.of(slice(*np.searchsorted(part.tag, [key, key + 1])))
            if len(mine):
                parts.append(mine)
        texts = [np.ones(len(part), bool) for part in parts] if info.kind is Kind.TEXT else None
        curve = curve_of(Columns.joined(parts, texts), info.kind, info.line, until)
        curves[key] = curve.between(start, end)
    return curves


def _of(part: Columns, tags: Mapping[int, TagInfo], start: int, end: int) -> Columns:
    """Rows of these tags that may matter; batches are sorted by tag."""
    keys = np.array(sorted(tags), np.int32)
    bounds = np.searchsorted(part.tag, [keys, keys + 1])
    rows = np.concatenate([np.arange(low, high) for low, high in bounds.T]) if len(keys) else np.empty(0, np.intp)
    if not len(rows):
        return Columns.empty()
    time = part.time[rows]
    return part.of(rows[(time < end) & (time >= start - HOLD_MS)])


def _blocks(database: peewee.Database, key: int, start: int, end: int, line: bool) -> list[Columns]:
    """Blocks of [start, end), the one with the last sample before, and of a line the next; none goes over midnight."""
    earliest = (start - HOLD_MS) // DAY_MS * DAY_MS
    mine = (Block.tag == key) & (Block.first >= earliest) & (Block.first < (end + HOLD_MS if line else end))
    spans = list(Block.select(Block.first, Block.last).where(mine).tuples().execute(database))
    if not spans:
        return []
    since = max((last for _, last in spans if last < start), default=start)
    to = max(end - 1, min((first for first, _ in spans if first >= end), default=0))
    which = mine & (Block.last >= since) & (Block.first <= to)
    rows = Block.select(Block.data).where(which).order_by(Block.id).tuples()
    return [decode_block(data, key) for (data,) in rows.execute(database)]
