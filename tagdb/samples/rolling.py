"""Rolling up: minutes and hours when an hour is over, days when a day is, and anew where samples came late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import peewee

from tagdb.history.database import is_sqlite, run
from tagdb.samples.arrays import DAY_MS, HOUR_MS, Columns, Curve, curve_of
from tagdb.samples.codec import decode_block
from tagdb.samples.ledger import copy_rows
from tagdb.samples.minutes import pack_minutes
from tagdb.samples.models import Block, Dirty, Minutes, State
from tagdb.samples.packing import block_rows, put_blocks
from tagdb.samples.partitions import ensure
from tagdb.samples.rollup import roll, worth_a_row
from tagdb.samples.series import TIERS, Tier
from tagdb.samples.tagset import TagInfo
from tagdb.samples.tape import read_curves
from tagdb.tag import Kind

__all__ = ["get_state", "put_state", "redo_dirty", "reopen_days", "roll_hours", "settle_day"]

_COLUMNS = ("tag", "bucket", "low", "high", "mean", "last", "good", "changes", "quality")
_MINUTE, _HOUR, _DAY = TIERS
#: tags that are read in one go
_GROUP = 200

_Row = tuple[Any, ...]


def get_state(database: peewee.Database, name: str, default: int = 0) -> int:
    """A number that is kept by name."""
    rows = State.select(State.number).where(State.name == name).tuples().execute(database)
    return next((int(number) for (number,) in rows), default)


def put_state(database: peewee.Database, name: str, number: int) -> None:
    """Keep a number."""
    mark = "?" if is_sqlite(database) else "%s"
    conflict = "ON CONFLICT (name) DO UPDATE SET number = excluded.number"
    run(database, f"INSERT INTO sample_state (name, number) VALUES ({mark}, {mark}) {conflict}", (name, number))  # noqa: S608


def roll_hours(
    database: peewee.Database, tags: Mapping[int, TagInfo], start: int, end: int, hot: Sequence[Columns], redo: bool
) -> None:
    """Minutes and hours of all tags in [start, end), whole hours of one day, in milliseconds. Raises ERRORS.

    Args:
        redo: rows may be there already.
    """
    rows: dict[str, list[_Row]] = {_MINUTE.name: [], _HOUR.name: []}
    for group in _groups(_numbers(tags)):
        for key, curve in read_curves(database, group, start, end, hot).items():
            for tier in (_MINUTE, _HOUR):
                rows[tier.name] += _rows(key, curve, tier, start, end)
    with database.atomic():
        for tier in (_MINUTE, _HOUR):
            if redo:
                for key in tags:
                    _delete(database, tier, key, start, end)
            _put(database, tier, rows[tier.name], start)
        put_state(database, "rolled", end)


def settle_day(database: peewee.Database, tags: Mapping[int, TagInfo], day: int) -> int:
    """Join the blocks of a day (its first millisecond) and roll the day up; how many blocks fewer. Raises ERRORS."""
    fewer = 0
    for group in _groups(tags):
        mine = (Block.first >= day) & (Block.first < day + DAY_MS) & Block.tag.in_(list(group))
        found: dict[int, list[tuple[int, bytes]]] = {}
        for number, key, data in Block.select(Block.id, Block.tag, Block.data).where(mine).tuples().execute(database):
            found.setdefault(key, []).append((number, data))
        curves = read_curves(database, _numbers(group), day, day + DAY_MS, [])
        rows = [row for key, curve in curves.items() for row in _rows(key, curve, _DAY, day, day + DAY_MS)]
        with database.atomic():
            for key, blocks in found.items():
                if len(blocks) > 1:
                    fewer += _join(database, key, group[key], sorted(blocks), day)
            for key, curve in curves.items():
                _delete(database, _DAY, key, day, day + DAY_MS)
                _put_minutes(database, key, curve, day)
            _put(database, _DAY, rows, day)
    put_state(database, "settled", day + DAY_MS)
    return fewer


def reopen_days(database: peewee.Database, time: int) -> int:
    """Take back that the day of a time (milliseconds), and those after it, are over; where the day begins."""
    day = time // DAY_MS * DAY_MS
    Minutes.delete().where(Minutes.day >= day // DAY_MS).execute(database)
    put_state(database, "settled", day)
    return day


def redo_dirty(database: peewee.Database, tags: Mapping[int, TagInfo], oldest: int, limit: int = 20_000) -> int:
    """Make rollups anew that late samples touched; how many hours. Raises ERRORS.

    Args:
        oldest: before this time (milliseconds) single samples are gone: rollups stay as they are.
    """
    dirty = list(
        Dirty.select(Dirty.tag, Dirty.hour).order_by(Dirty.tag, Dirty.hour).limit(limit).tuples().execute(database)
    )
    settled = get_state(database, "settled")
    with database.atomic():
        for key, first, last in _runs(dirty):
            start, end = max(first * HOUR_MS, -(-oldest // DAY_MS) * DAY_MS), (last + 1) * HOUR_MS
            if key in tags and tags[key].kind is not Kind.TEXT and start < end:
                _redo(database, key, tags[key], start, end, settled)
            mine = (Dirty.tag == key) & (Dirty.hour >= first) & (Dirty.hour <= last)
            Dirty.delete().where(mine).execute(database)
    return len(dirty)


def _redo(database: peewee.Database, key: int, info: TagInfo, start: int, end: int, settled: int) -> None:
    curve = read_curves(database, {key: info}, start, end, [])[key]
    for tier in (_MINUTE, _HOUR):
        begin = max(start, min(settled, end)) if tier is _MINUTE else start  # minutes of days that are over come below
        _delete(database, tier, key, begin, end)
        _put(database, tier, _rows(key, curve, tier, begin, end), begin)
    for day in range(start // DAY_MS * DAY_MS, min(end, settled), DAY_MS):
        curve = read_curves(database, {key: info}, day, day + DAY_MS, [])[key]
        _delete(database, _DAY, key, day, day + DAY_MS)
        _put(database, _DAY, _rows(key, curve, _DAY, day, day + DAY_MS), day)
        _put_minutes(database, key, curve, day)


def _rows(key: int, curve: Curve, tier: Tier, start: int, end: int) -> list[_Row]:
    if not len(curve) or start >= end:
        return []
    buckets = roll(curve, start, end, tier.width)
    chosen = np.flatnonzero(worth_a_row(buckets))
    if not chosen.size:
        return []
    columns = [_plain(getattr(buckets, name)[chosen]) for name in _COLUMNS[2:]]
    numbers = (start // tier.width + chosen).tolist()
    return list(zip([key] * len(numbers), numbers, *columns, strict=True))


def _put_minutes(database: peewee.Database, key: int, curve: Curve, day: int) -> None:
    """The minutes of a day that is over, in one row instead of many."""
    _delete(database, _MINUTE, key, day, day + DAY_MS)
    Minutes.delete().where((Minutes.tag == key) & (Minutes.day == day // DAY_MS)).execute(database)
    if not len(curve):
        return
    buckets = roll(curve, day, day + DAY_MS, _MINUTE.width)
    chosen = np.flatnonzero(worth_a_row(buckets))
    if chosen.size:
        ensure(database, "minutes", {day})
        row = (key, day // DAY_MS, len(chosen), pack_minutes(buckets, chosen))
        copy_rows(database, "sample_minutes", ("tag", "day", "count", "data"), [row])


def _plain(column: Any) -> list[Any]:
    """As the drivers take it; NaN is null."""
    values: list[Any] = column.tolist()
    if column.dtype.kind == "f" and np.isnan(column).any():
        return [None if value != value else value for value in values]
    return values


def _put(database: peewee.Database, tier: Tier, rows: Sequence[_Row], start: int) -> None:
    if rows:
        ensure(database, tier.name, {row[1] * tier.width for row in rows})
        copy_rows(database, f"sample_{tier.name}", _COLUMNS, rows)


def _delete(database: peewee.Database, tier: Tier, key: int, start: int, end: int) -> None:
    model = tier.model
    span = (model.bucket >= start // tier.width) & (model.bucket < end // tier.width)
    model.delete().where((model.tag == key) & span).execute(database)


def _join(database: peewee.Database, key: int, info: TagInfo, blocks: Sequence[tuple[int, bytes]], day: int) -> int:
    parts = [decode_block(data, key) for _, data in blocks]
    texts = [np.ones(len(part), bool) for part in parts] if info.kind is Kind.TEXT else None
    rows = list(block_rows(key, curve_of(Columns.joined(parts, texts), info.kind)))
    mine = (Block.tag == key) & (Block.first >= day) & (Block.first < day + DAY_MS)
    joined = mine & Block.id.in_([number for number, _ in blocks])
    if Block.delete().where(joined).execute(database) != len(blocks):
        raise OSError("another program joins the same samples")
    put_blocks(database, rows)
    return len(blocks) - len(rows)


def _numbers(tags: Mapping[int, TagInfo]) -> dict[int, TagInfo]:
    return {key: info for key, info in tags.items() if info.kind is not Kind.TEXT}


def _groups(tags: Mapping[int, TagInfo]) -> Iterator[dict[int, TagInfo]]:
    items = list(tags.items())
    for start in range(0, len(items), _GROUP):
        yield dict(items[start : start + _GROUP])


def _runs(dirty: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """Hours of one tag that follow one another, as (tag, first, last)."""
    begun: tuple[int, int, int] | None = None
    for key, hour in dirty:
        if begun and begun[0] == key and hour == begun[2] + 1:
            begun = (key, begun[1], hour)
            continue
        if begun:
            yield begun
        begun = (key, hour, hour)
    if begun:
        yield begun
