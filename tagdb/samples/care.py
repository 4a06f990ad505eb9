"""Looking after the recorded values by hand: how large they are, whether all can be read, and giving space back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import peewee

from tagdb.history.database import is_sqlite, run
from tagdb.samples.arrays import DAY_MS
from tagdb.samples.codec import BadData, decode_batch, decode_block
from tagdb.samples.models import Batch, Block
from tagdb.samples.partitions import PARTITIONED, partitions
from tagdb.samples.retention import disk_bytes
from tagdb.samples.samples import Samples
from tagdb.samples.series import TIERS
from tagdb.samples.tape import known_tags, recorded_until

__all__ = ["Findings", "Sizes", "sizes_of", "vacuum", "verify"]

Told = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Sizes:
    """What there is."""

    tags: int
    #: milliseconds; 0 = none
    oldest: int
    until: int
    #: in blocks, and waiting to be packed
    packed: int
    unpacked: int
    #: tier -> rows
    rollups: dict[str, int]
    disk_bytes: int
    #: of the samples alone, without rollups: with indexes and what the database adds
    sample_bytes: int


@dataclass(slots=True)
class Findings:
    """What a check found."""

    samples: int = 0
    faults: list[str] = field(default_factory=list)


def sizes_of(samples: Samples) -> Sizes:
    """Count everything. Raises HistoryGone."""

    def question(database: peewee.Database) -> Sizes:
        packed, oldest = _one(database, "SELECT coalesce(sum(count), 0), coalesce(min(first), 0) FROM sample_block")
        waiting, newest = _one(database, "SELECT coalesce(sum(count), 0), coalesce(min(first), 0) FROM sample_batch")
        rows = {tier.name: int(_one(database, f"SELECT count(*) FROM sample_{tier.name}")[0]) for tier in TIERS}  # noqa: S608
        rows["minute"] += int(_one(database, "SELECT coalesce(sum(count), 0) FROM sample_minutes")[0])
        return Sizes(
            len(known_tags(database)), min(filter(None, (oldest, newest)), default=0), recorded_until(database)[0],
            int(packed), int(waiting), rows, disk_bytes(database), _sample_bytes(database),
        )  # fmt: skip

    return samples.ask(question)


def verify(samples: Samples, told: Told = lambda share: None) -> Findings:
    """Read every sample there is, and say what cannot be right. Raises HistoryGone."""
    findings = Findings()

    def question(database: peewee.Database) -> None:
        if is_sqlite(database):
            findings.faults += [row for (row,) in run(database, "PRAGMA quick_check") if row != "ok"]
        tags = dict(known_tags(database).values())
        total = max(1, int(_one(database, "SELECT coalesce(sum(count), 0) FROM sample_block")[0]))
        for row in _blocks(database):
            fault = _fault_of(*row, known=row[1] in tags)
            if fault:
                findings.faults.append(f"block {row[0]} of tag {row[1]}: {fault}")
            findings.samples += row[4]
            told(min(1.0, findings.samples / total))
        for number, count, data in Batch.select(Batch.id, Batch.count, Batch.data).tuples().execute(database):
            try:
                columns = decode_batch(data)
            except BadData as problem:
                findings.faults.append(f"batch {number}: {problem}")
                continue
            findings.samples += len(columns)
            if len(columns) != count or not np.isin(columns.tag, list(tags)).all():
                findings.faults.append(f"batch {number}: {len(columns)} samples, {count} expected, or unknown tags")

    samples.ask(question)
    return findings


def vacuum(samples: Samples) -> int:
    """Give the disk back what is free inside; how many bytes. SQLite's writers wait meanwhile. Raises HistoryGone."""

    def question(database: peewee.Database) -> int:
        before = _file_bytes(database)
        if is_sqlite(database):
            run(database, "VACUUM")
            run(database, "PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        else:
            run(database, "SET statement_timeout = 0")
            for tier in PARTITIONED:
                for name in partitions(database, tier):
                    run(database, f"VACUUM FULL {name}")
            run(database, "VACUUM FULL sample_batch")
        return max(0, before - _file_bytes(database))

    return samples.outside(question)


def _fault_of(number: int, tag: int, first: int, last: int, count: int, data: bytes, known: bool) -> str:
    try:
        columns = decode_block(data)
    except BadData as problem:
        return str(problem)
    time = columns.time
    if not known:
        return "the tag is unknown"
    if len(time) != count:
        return f"{len(time)} samples, {count} expected"
    if int(time[0]) != first or int(time[-1]) != last:
        return "its times are not those it is filed under"
    if first // DAY_MS != last // DAY_MS or (np.diff(time) <= 0).any():
        return "its times are not in order within one day"
    return ""


def _blocks(database: peewee.Database) -> Iterator[tuple[int, int, int, int, int, bytes]]:
    columns = (Block.id, Block.tag, Block.first, Block.last, Block.count, Block.data)
    yield from Block.select(*columns).tuples().iterator(database)


def _one(database: peewee.Database, sql: str) -> tuple[int, ...]:
    return tuple(run(database, sql).fetchone())


def _sample_bytes(database: peewee.Database) -> int:
    """Samples take what all takes but for the rollups; SQLite is asked by the share of its pages where it can tell."""
    if not is_sqlite(database):
        names = ["sample_batch", *partitions(database, "raw")]
        sizes = "SELECT coalesce(sum(pg_total_relation_size(name::regclass)), 0) FROM unnest(%s::text[]) AS name"
        return int(run(database, sizes, (names,)).fetchone()[0])
    try:
        rows = run(database, "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'sample_b%'")
        return int(rows.fetchone()[0] or 0)
    except peewee.OperationalError:  # this SQLite was built without dbstat: blobs, and some bytes for each row
        blocks = "SELECT coalesce(sum(length(data)), 0) + 40 * count(*) FROM "
        return sum(int(_one(database, blocks + table)[0]) for table in ("sample_block", "sample_batch"))


def _file_bytes(database: peewee.Database) -> int:
    if not is_sqlite(database):
        return disk_bytes(database)
    pages, size = (int(run(database, f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "page_size"))
    return pages * size
