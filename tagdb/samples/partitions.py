"""PostgreSQL's native time partitions: made ahead of what comes, dropped whole when they are too old.

A name says what a partition holds: ``sample_block_20261127`` begins on that day, UTC. On SQLite there are none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import peewee

from tagdb.history.database import is_sqlite, run
from tagdb.samples.arrays import DAY_MS, HOUR_MS, MINUTE_MS

__all__ = ["PARTITIONED", "Partitioned", "drop_before", "ensure", "partitions"]


@dataclass(frozen=True, slots=True)
class Partitioned:
    """A partitioned table."""

    table: str
    #: what its key counts in, milliseconds
    unit: int
    #: span of a partition, days
    days: int


#: tier -> its table. A week of minutes and a year of hours have about as many rows.
PARTITIONED = {
    "raw": Partitioned("sample_block", 1, 1),
    "minute": Partitioned("sample_minute", MINUTE_MS, 7),
    "minutes": Partitioned("sample_minutes", DAY_MS, 28),
    "hour": Partitioned("sample_hour", HOUR_MS, 364),
    "day": Partitioned("sample_day", DAY_MS, 3640),
}


def ensure(database: peewee.Database, tier: str, times: Iterable[int]) -> int:
    """Make the partitions that hold these times (milliseconds); how many were missing. Raises ERRORS."""
    if is_sqlite(database):
        return 0
    shape = PARTITIONED[tier]
    span = shape.days * DAY_MS
    wanted = {time // span * span for time in times}
    missing = wanted - set(partitions(database, tier).values())
    for start in sorted(missing):
        name = f"{shape.table}_{datetime.fromtimestamp(start / 1000, UTC):%Y%m%d}"
        low, high = start // shape.unit, (start + span) // shape.unit
        run(
            database,
            f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF {shape.table} FOR VALUES FROM ({low}) TO ({high})",
        )
        if tier in ("raw", "minutes"):
            run(database, f"ALTER TABLE {name} ALTER COLUMN data SET STORAGE EXTERNAL")
    return len(missing)


def partitions(database: peewee.Database, tier: str) -> dict[str, int]:
    """Name of each partition -> where it begins, milliseconds."""
    table = PARTITIONED[tier].table
    rows = run(
        database, "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", (table,)
    ).fetchall()
    return {name: _start(name) for (name,) in rows}


def drop_before(database: peewee.Database, tier: str, before: int) -> int:
    """Drop what ends at or before a time (milliseconds); how many partitions went. Raises ERRORS."""
    span = PARTITIONED[tier].days * DAY_MS
    old = [name for name, start in partitions(database, tier).items() if start + span <= before]
    for name in old:
        run(database, f"DROP TABLE {name}")
    return len(old)


def _start(name: str) -> int:
    day = datetime.strptime(name.rpartition("_")[2], "%Y%m%d").replace(tzinfo=UTC)
    return round(day.timestamp()) * 1000
