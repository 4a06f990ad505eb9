"""How long each tier is kept, and the limit on the disk: the oldest samples go first, rollups and journal stay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import peewee

from tagdb.history.database import is_sqlite, run
from tagdb.samples.arrays import DAY_MS
from tagdb.samples.models import Block, Minutes
from tagdb.samples.partitions import PARTITIONED, drop_before, partitions
from tagdb.samples.series import TIERS

__all__ = ["Keeping", "disk_bytes", "first_since", "give_back", "oldest_raw", "pressed", "retire", "thin"]

_TABLES = ("sample_tag", "sample_batch", "sample_block", "sample_minute", "sample_hour", "sample_day", "sample_state")

#: partitions up to this size are written anew when their day is over
_PRESSED_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Keeping:
    """What the ini says."""

    #: "raw", "minute", "hour", "day" -> days
    days: Mapping[str, int]
    limit_bytes: int


def disk_bytes(database: peewee.Database) -> int:
    """What the samples take, without what SQLite keeps free in its file. Raises ERRORS."""
    if is_sqlite(database):
        pages, free, size = (
            int(run(database, f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * size
    names = [*_TABLES, *(name for tier in PARTITIONED for name in partitions(database, tier))]
    sizes = "SELECT coalesce(sum(pg_total_relation_size(name::regclass)), 0) FROM unnest(%s::text[]) AS name"
    return int(run(database, sizes, (names,)).fetchone()[0])


def oldest_raw(database: peewee.Database) -> int | None:
    """The day (its first millisecond) of the oldest packed sample; None = there is none. Raises ERRORS."""
    if is_sqlite(database):
        first = run(database, "SELECT min(first) FROM sample_block").fetchone()[0]
        return None if first is None else int(first) // DAY_MS * DAY_MS
    return min(partitions(database, "raw").values(), default=None)


def first_since(database: peewee.Database, time: int) -> int | None:
    """When the first packed block at or after a time begins, milliseconds; None = there is none. Raises ERRORS."""
    mark = "?" if is_sqlite(database) else "%s"
    found = run(database, f"SELECT min(first) FROM sample_block WHERE first >= {mark}", (time,)).fetchone()[0]  # noqa: S608
    return None if found is None else int(found)


def retire(database: peewee.Database, keeping: Keeping, tags: Iterable[int], now: int) -> None:
    """Let go of what is older than its tier is kept. ``now``: milliseconds. Raises ERRORS."""
    limits = {tier: (now - days * DAY_MS) // DAY_MS * DAY_MS for tier, days in keeping.days.items()}
    if not is_sqlite(database):
        for name, before in limits.items():
            drop_before(database, name, before)
        drop_before(database, "minutes", limits["minute"])
        return
    Block.delete().where(Block.last < limits["raw"]).execute(database)
    for key in tags:
        Minutes.delete().where((Minutes.tag == key) & (Minutes.day < limits["minute"] // DAY_MS)).execute(database)
        for tier in TIERS:
            old = tier.model.bucket < limits[tier.name] // tier.width
            tier.model.delete().where((tier.model.tag == key) & old).execute(database)


def pressed(database: peewee.Database, day: int) -> None:
    """Give back what the joining of a day's blocks left free in its partition. Raises ERRORS."""
    if is_sqlite(database):
        return  # the file's next pages are taken from what is free
    name = next((name for name, start in partitions(database, "raw").items() if start == day), None)
    if name is None:
        return
    size = int(run(database, "SELECT pg_total_relation_size(%s::regclass)", (name,)).fetchone()[0])
    # the whole partition is locked meanwhile: a second or two, and longer ones are left to autovacuum
    run(database, f"VACUUM {'FULL ' if size < _PRESSED_BYTES else ''}{name}")


def thin(database: peewee.Database, limit_bytes: int, now: int) -> int:
    """Delete the oldest days of single samples until the limit is kept, but never this day's; how many went."""
    went = 0
    while disk_bytes(database) > limit_bytes:
        day = oldest_raw(database)
        if day is None or day >= now // DAY_MS * DAY_MS:
            break
        if is_sqlite(database):
            Block.delete().where(Block.first < day + DAY_MS).execute(database)
        else:
            drop_before(database, "raw", day + DAY_MS)
        went += 1
    return went


def give_back(database: peewee.Database, pages: int = 2000) -> None:
    """Cut free pages off SQLite's file, some at a time so that writers need not wait. Raises ERRORS."""
    if is_sqlite(database):
        run(database, f"PRAGMA incremental_vacuum({pages})").fetchall()
