"""Packing: what came in flushes becomes blocks of one tag and one day; what came late is noted for the rollups."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import peewee

from tagdb.history.database import cursor_of, is_sqlite, run
from tagdb.samples.arrays import DAY_MS, HOLD_MS, HOUR_MS, Columns, Curve, curve_of
from tagdb.samples.codec import decode_batch, encode_block
from tagdb.samples.ledger import copy_rows
from tagdb.samples.models import Batch
from tagdb.samples.partitions import ensure
from tagdb.samples.tagset import TagInfo
from tagdb.samples.tape import known_tags, read_curves
from tagdb.tag import Kind

__all__ = ["BlockRow", "block_rows", "pack", "put_blocks", "unpacked"]

#: samples that are packed at a time
_MOST = 1_000_000
#: samples in a block
_LONGEST = 8192

#: tag, first, last, count, data
BlockRow = tuple[int, int, int, int, bytes]


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What waits to be packed."""

    samples: int
    #: milliseconds; 0 = nothing waits
    oldest: int
    newest: int


def unpacked(database: peewee.Database) -> Unpacked:
    """How much waits. Raises ERRORS."""
    sums = "coalesce(sum(count), 0), coalesce(min(first), 0), coalesce(max(last), 0)"
    row = run(database, f"SELECT {sums} FROM sample_batch").fetchone()  # noqa: S608
    return Unpacked(*map(int, row))


def pack(database: peewee.Database, tags: Mapping[int, TagInfo], rolled: int) -> int:
    """Pack the oldest batches; returns how many samples. Raises ERRORS, BadData.

    Args:
        rolled: how far rollups are complete, milliseconds: what is older has come late.
    """
    found = list(Batch.select(Batch.id, Batch.count).order_by(Batch.id).tuples().execute(database))
    counts = np.cumsum([count for _, count in found])
    keys = [key for (key, _), sum_ in zip(found, counts, strict=True) if sum_ <= _MOST] or [key for key, _ in found[:1]]
    if not keys:
        return 0
    query = Batch.select(Batch.data).where(Batch.id <= keys[-1]).order_by(Batch.id).tuples()
    parts = [decode_batch(data) for (data,) in query.execute(database)]
    if not set(np.unique(np.concatenate([part.tag for part in parts])).tolist()) <= tags.keys():
        tags = dict(known_tags(database).values())  # the writer has met a new one since
    text_keys = [key for key, info in tags.items() if info.kind is Kind.TEXT]
    texts = [np.isin(part.tag, text_keys) for part in parts] if any(part.texts for part in parts) else None
    columns = Columns.joined(parts, texts)
    rows = list(_blocks(columns, tags))
    late = columns.of((columns.time < rolled) | _first_of_lines(columns, tags))
    with database.atomic():
        put_blocks(database, rows)
        if Batch.delete().where(Batch.id <= keys[-1]).execute(database) != len(keys):
            raise OSError("another program packs the same samples")
        if len(late):
            _note_late(database, late, tags, rolled)
    return len(columns)


def put_blocks(database: peewee.Database, rows: Sequence[BlockRow]) -> None:
    """Add blocks, with the partitions they need. Raises ERRORS."""
    ensure(database, "raw", {first for _, first, *_ in rows})
    copy_rows(database, "sample_block", ("tag", "first", "last", "count", "data"), rows)


def block_rows(key: int, curve: Curve) -> Iterator[BlockRow]:
    """The blocks of a curve that stays within a day."""
    for start in range(0, len(curve), _LONGEST):
        rows = slice(start, start + _LONGEST)
        value, texts = curve.value[rows], curve.texts
        if curve.kind is Kind.TEXT:
            there = ~np.isnan(value)
            used, which = np.unique(value[there].astype(np.intp), return_inverse=True)
            texts, value = tuple(curve.texts[index] for index in used), value.copy()
            value[there] = which
        time = curve.time[rows]
        part = Columns(np.full(len(time), key, np.int32), time, value, curve.quality[rows], texts)
        yield key, int(time[0]), int(time[-1]), len(time), encode_block(part, curve.kind)


def _blocks(columns: Columns, tags: Mapping[int, TagInfo]) -> Iterator[BlockRow]:
    day = columns.time // DAY_MS
    # stable: of two samples of one moment the later one stays last
    order = np.lexsort((day, columns.tag))
    tag, day = columns.tag[order], day[order]
    cuts = np.flatnonzero((np.diff(tag) != 0) | (np.diff(day) != 0)) + 1
    for rows in np.split(order, cuts):
        key = int(columns.tag[rows[0]])
        info = tags.get(key)
        yield from block_rows(key, curve_of(columns.of(rows), info.kind if info else Kind.FLOAT))


def _first_of_lines(columns: Columns, tags: Mapping[int, TagInfo]) -> npt.NDArray[np.bool_]:
    """The earliest sample of each line: the line that leads to it may begin in an hour that is rolled up already."""
    first = np.zeros(len(columns), bool)
    for key in (key for key, info in tags.items() if info.line):
        rows = np.flatnonzero(columns.tag == key)
        if rows.size:
            first[rows[columns.time[rows].argmin()]] = True
    return first


def _note_late(database: peewee.Database, late: Columns, tags: Mapping[int, TagInfo], rolled: int) -> None:
    """The hours whose rollups are not true any more: from a late sample to the next one."""
    dirty: set[tuple[int, int]] = set()
    for key in np.unique(late.tag):
        tag = int(key)
        times = np.unique(late.time[late.tag == key])
        info = tags[tag]
        curve = read_curves(database, {tag: info}, int(times[0]), int(times[-1]) + HOLD_MS, [])[tag]
        following = np.searchsorted(curve.time, times, "right")
        ends = np.append(curve.time, 1 << 62)[following]
        ends = np.minimum(np.minimum(ends, times + HOLD_MS), rolled - 1)
        starts = times
        if info.line:  # the line that leads to it
            starts = np.maximum(curve.time[np.maximum(following - 2, 0)], times - HOLD_MS)
        dirty |= _hours(tag, starts // HOUR_MS, ends // HOUR_MS)
    _insert_dirty(database, dirty)


def _hours(tag: int, first: Iterable[int], last: Iterable[int]) -> set[tuple[int, int]]:
    spans = {(int(a), int(b)) for a, b in zip(first, last, strict=True)}
    return {(tag, hour) for a, b in spans for hour in range(a, b + 1)}


def _insert_dirty(database: peewee.Database, dirty: Iterable[tuple[int, int]]) -> None:
    mark = "?" if is_sqlite(database) else "%s"
    cursor = cursor_of(database)
    with contextlib.closing(cursor):
        statement = f"INSERT INTO sample_dirty VALUES ({mark}, {mark}) ON CONFLICT DO NOTHING"  # noqa: S608
        cursor.executemany(statement, sorted(dirty))
