"""What a trend draws: samples where there are few, else buckets, out of the coarsest tier that is fine enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import peewee

from tagdb.history.database import is_sqlite, run
from tagdb.history.models import table_of
from tagdb.samples.arrays import DAY_MS, HOUR_MS, MINUTE_MS, Columns, Curve, Floats
from tagdb.samples.minutes import unpack_minutes
from tagdb.samples.models import Day, Hour, Minute, Minutes, Rollup, State
from tagdb.samples.rollup import Buckets, expanded, roll
from tagdb.samples.tagset import TagInfo
from tagdb.samples.tape import read_curves
from tagdb.tag import Kind

__all__ = ["KEPT", "TIERS", "Series", "Tier", "kept_since", "merged", "read_series", "tier_buckets", "tier_for"]


@dataclass(frozen=True, slots=True)
class Tier:
    """Rollups of one width."""

    name: str
    #: milliseconds
    width: int
    model: type[Rollup]
    #: the state that tells how far it is complete
    done: str


TIERS = (
    Tier("minute", MINUTE_MS, Minute, "rolled"),
    Tier("hour", HOUR_MS, Hour, "rolled"),
    Tier("day", DAY_MS, Day, "settled"),
)
#: tier -> the state that tells from when on it is there
KEPT = {"raw": "raw_since", **{tier.name: f"{tier.name}_since" for tier in TIERS}}


@dataclass(frozen=True, slots=True)
class Series:
    """One tag over the span that was asked for: either a curve or buckets."""

    info: TagInfo
    #: "raw", "minute", "hour", "day"
    tier: str
    curve: Curve | None = None
    buckets: Buckets | None = None


def tier_for(span: int, points: int) -> Tier | None:
    """The coarsest tier with a bucket for at least every other point of the span; None = raw samples."""
    return next((tier for tier in reversed(TIERS) if tier.width * points <= 2 * span), None)


def read_series(
    database: peewee.Database, tags: Mapping[int, TagInfo], start: int, end: int, points: int, hot: Sequence[Columns]
) -> dict[int, Series]:
    """The series of some tags over [start, end), milliseconds, with about ``points`` points each."""
    tier = tier_for(end - start, points)
    kept = kept_since(database)
    if tier is None and kept["raw"] > start:
        tier = TIERS[0]
    while tier is not None and tier is not TIERS[-1] and kept[tier.name] > start:
        tier = TIERS[TIERS.index(tier) + 1]  # coarser than it could be drawn, but there
    found = {}
    # a text has no low and high: it is told by its changes, however long the span
    raw = {key: info for key, info in tags.items() if tier is None or info.kind is Kind.TEXT}
    for key, curve in read_curves(database, raw, start, end, hot).items() if raw else ():
        if len(curve) <= max(2 * points, 2) or curve.kind is Kind.TEXT:
            found[key] = Series(tags[key], "raw", curve=curve)
            continue
        step = max(1, -(-(end - start) // points))
        found[key] = Series(
            tags[key], "raw", buckets=roll(curve, start, start + step * (-(-(end - start) // step)), step)
        )
    rest = {key: info for key, info in tags.items() if key not in found}
    if tier is not None and rest:
        step = -(-(end - start) // (points * tier.width)) * tier.width
        first = start // tier.width * tier.width
        last = first + -(-(end - first) // step) * step
        for key, buckets in tier_buckets(database, rest, tier, first, last, hot).items():
            found[key] = Series(tags[key], tier.name, buckets=merged(buckets, step // tier.width))
    return found


def kept_since(database: peewee.Database) -> dict[str, int]:
    """From when on each tier is there, milliseconds; what is older was let go of. 0 = all of it is there."""
    query = State.select(State.name, State.number).where(State.name.in_(["thinned", *KEPT.values()])).tuples()
    states = {str(name): int(number) for name, number in query.execute(database)}
    kept = {tier: states.get(name, 0) for tier, name in KEPT.items()}
    return kept | {"raw": max(kept["raw"], states.get("thinned", 0))}


def tier_buckets(
    database: peewee.Database, tags: Mapping[int, TagInfo], tier: Tier, start: int, end: int, hot: Sequence[Columns]
) -> dict[int, Buckets]:
    """Every bucket of a tier in [start, end), multiples of its width; what is not rolled up yet is made here."""
    done = _done(database, tier, start)
    middle = min(max(start, done // tier.width * tier.width), end)
    found = {key: _stored(database, key, tier, start, middle) for key in tags}
    if middle < end:
        for key, curve in read_curves(database, tags, middle, end, hot).items():
            found[key] = _joined(found[key], roll(curve, middle, end, tier.width))
    return found


def merged(buckets: Buckets, count: int) -> Buckets:
    """Buckets ``count`` times as wide; the number of buckets is a multiple of it."""
    if count == 1:
        return buckets
    good = buckets.good.reshape(-1, count)
    share = good.sum(axis=1)
    mean = np.where(good > 0, buckets.mean.reshape(-1, count) * good, 0.0).sum(axis=1)
    last = buckets.last.reshape(-1, count)
    known = ~np.isnan(last)
    at = np.where(known.any(axis=1), count - 1 - known[:, ::-1].argmax(axis=1), 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = mean / share
    return Buckets(
        buckets.start,
        buckets.step * count,
        np.fmin.reduce(buckets.low.reshape(-1, count), axis=1),
        np.fmax.reduce(buckets.high.reshape(-1, count), axis=1),
        mean,
        last[np.arange(len(last)), at],
        share / count,
        buckets.changes.reshape(-1, count).sum(axis=1),
        buckets.quality.reshape(-1, count)[:, -1],
    )


def _done(database: peewee.Database, tier: Tier, default: int) -> int:
    rows = State.select(State.number).where(State.name == tier.done).tuples().execute(database)
    return next((int(number) for (number,) in rows), default)


def _stored(database: peewee.Database, key: int, tier: Tier, start: int, end: int) -> Buckets:
    model, width = tier.model, tier.width
    # the first of the day has a row in any case: it tells what those without one are like
    low, high = start // DAY_MS * DAY_MS // width, end // width
    # past peewee's rows: a year of hours would take it long
    columns = "bucket, low, high, mean, last, good, changes, quality"
    mark = "?" if is_sqlite(database) else "%s"
    where = f"tag = {mark} AND bucket >= {mark} AND bucket < {mark}"
    sql = f"SELECT {columns} FROM {table_of(model)} WHERE {where} ORDER BY bucket"  # noqa: S608
    rows = run(database, sql, (key, low, high)).fetchall()
    table = np.array(rows, np.float64).reshape(-1, 8)  # null becomes NaN
    if model is Minute:
        table = np.concatenate([*_days(database, key, start, end), table])
        table = table[np.argsort(table[:, 0], kind="stable")]
    if not len(table):
        return expanded(roll(_NO_CURVE, start, start, width), np.empty(0, np.int64), start, end)
    at = table[:, 0].astype(np.int64) * width
    low_, high_, mean, last, good = (np.ascontiguousarray(table[:, column]) for column in range(1, 6))
    changes, quality = table[:, 6].astype(np.int64), table[:, 7].astype(np.uint16)
    return expanded(Buckets(start, width, low_, high_, mean, last, good, changes, quality), at, start, end)


def _days(database: peewee.Database, key: int, start: int, end: int) -> Iterator[Floats]:
    """Minutes of days that are over, as rows of the table."""
    first, last = start // DAY_MS, -(-end // DAY_MS)
    mine = (Minutes.tag == key) & (Minutes.day >= first) & (Minutes.day < last)
    query = Minutes.select(Minutes.day, Minutes.data).where(mine).order_by(Minutes.day).tuples()
    for day, data in query.execute(database):
        minutes, columns = unpack_minutes(data)
        table = np.stack([minutes + day * (DAY_MS // MINUTE_MS), *columns], axis=1)
        yield table[table[:, 0] < end // MINUTE_MS]


def _joined(first: Buckets, second: Buckets) -> Buckets:
    if not len(first):
        return second
    names = ("low", "high", "mean", "last", "good", "changes", "quality")
    columns = {name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in names}
    return Buckets(first.start, first.step, **columns)


_NO_CURVE = Curve(np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint16))
