"""The history of values as its readers see it: one object in front of either database; the end of the flow."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import peewee

from tagdb.history import HistoryGone
from tagdb.history.database import ERRORS, connect, database_of, is_sqlite, run, sentence, shown
from tagdb.samples.arrays import DAY_MS, HOUR_MS, Columns, Curve, Floats
from tagdb.samples.codec import BadData
from tagdb.samples.migrations import LINEAGE
from tagdb.samples.questions import (
    Held,
    StateTime,
    Total,
    counter_curve,
    held_at,
    statistics_of,
    time_in_states,
    total_of,
)
from tagdb.samples.rollup import Buckets
from tagdb.samples.series import TIERS, Series, kept_since, merged, read_series, tier_buckets
from tagdb.samples.tagset import TagInfo
from tagdb.samples.tape import Hot, known_tags, read_curves, recorded_until
from tagdb.tag import Kind

__all__ = ["Samples", "open_samples", "samples_url"]

_R = TypeVar("_R")
_SUFFIX = ".sqlite3"
#: points of a span whose sum is asked for: how far its ends may be off
_FINE = 1000
_REACH = (
    *(f"SELECT min(first), max(last) FROM {table}" for table in ("sample_block", "sample_batch")),  # noqa: S608
    f"SELECT CAST(min(bucket) AS BIGINT) * {DAY_MS}, CAST(max(bucket) AS BIGINT) * {DAY_MS} FROM sample_day",  # noqa: S608
)
#: beyond this span totals come from rollups of an hour
_RAW_TOTALS_MS = 40 * DAY_MS


def samples_url(url: str) -> str:
    """Where the samples of a history are: in a file of their own beside an SQLite file, else in the same database."""
    if not url.startswith("sqlite:"):
        return url
    suffix = _SUFFIX if url.endswith(_SUFFIX) else ""
    return f"{url.removesuffix(_SUFFIX)}-samples{suffix}"


class Samples:
    """Questions to the history of values, from any thread. Times are milliseconds since 1970, UTC.

    Each question opens a connection and sees one state of the database. Every method raises HistoryGone when it cannot
    be read. Tags are asked for by name; names that never had a sample are left out of the answers.
    """

    def __init__(self, url: str, read_only: bool = True, timeout_s: float = 5.0) -> None:
        """``url``: of the samples themselves, as ``samples_url`` gives it. Raises BadUrl."""
        self._database = database_of(url, read_only, timeout_s, shrinks=True)
        #: the URL as it may be logged
        self.shown = shown(url)
        self._hot = Hot()
        self._hot_lock = threading.Lock()

    def tags(self) -> dict[str, TagInfo]:
        """Every tag that ever had a sample, by name."""
        return self.ask(lambda database: {name: info for name, (_, info) in known_tags(database).items()})

    def until(self) -> int:
        """Until when values are recorded; 0 = nothing is."""
        return self.ask(lambda database: recorded_until(database)[0])

    def curves(self, names: Iterable[str], start: int, end: int) -> dict[str, Curve]:
        """Raw samples of [start, end), each with the sample before it."""

        def question(database: peewee.Database) -> dict[str, Curve]:
            known = known_tags(database, names)
            curves = read_curves(database, dict(known.values()), start, end, self.hot(database))
            return {name: curves[key] for name, (key, _) in known.items()}

        return self.ask(question)

    def series(self, names: Sequence[str], start: int, end: int, points: int) -> dict[str, Series]:
        """For a trend of [start, end): at most about ``points`` points, or twice as many raw samples."""

        def question(database: peewee.Database) -> dict[str, Series]:
            known = known_tags(database, names)
            found = read_series(database, dict(known.values()), start, end, points, self.hot(database))
            return {name: found[key] for name, (key, _) in known.items()}

        return self.ask(question)

    def at(self, names: Iterable[str], time: int) -> dict[str, Held]:
        """Values in force at a moment; tags of which nothing is known then are left out."""
        curves = self.curves(names, time, time + 1)
        return {name: held for name, curve in curves.items() if (held := held_at(curve, time))}

    def statistics(self, names: Sequence[str], start: int, end: int) -> dict[str, Buckets]:
        """Each tag over [start, end) as one bucket."""
        series = self.series(names, start, end, _FINE)
        return {name: statistics_of(one, start, end) for name, one in series.items() if one.info.kind is not Kind.TEXT}

    def states(self, names: Iterable[str], start: int, end: int) -> dict[str, list[StateTime]]:
        """How long each tag was in each of its states in [start, end); that takes raw samples."""
        return self._of_each(names, start, end, lambda curve, name: time_in_states(curve, start, end))

    def totals(
        self, names: Sequence[str], start: int, end: int, moduli: Mapping[str, float] | None = None
    ) -> dict[str, Total]:
        """What counters counted in [start, end).

        Args:
            moduli: by name, where a counter runs over to 0.
        """

        def total(curve: Curve, name: str) -> Total | None:
            return None if curve.kind is Kind.TEXT else total_of(curve, start, end, (moduli or {}).get(name))

        if end - start <= _RAW_TOTALS_MS and start >= self.ask(kept_since)["raw"]:
            found = self._of_each(names, start, end, total)
        else:
            series = self.series(names, start, end, -(-(end - start) // HOUR_MS))
            found = {name: total(_course(one), name) for name, one in series.items()}
        return {name: one for name, one in found.items() if one is not None}

    def old_means(self, names: Iterable[str], start: int, end: int, step: int) -> dict[str, Floats]:
        """Means of numbers, a row a ``step``, where samples are gone: out of rollups that the step is a multiple of.

        Nothing for [start, end), multiples of the step, where samples are there, and for steps below a minute.
        """
        tier = next((tier for tier in reversed(TIERS) if step % tier.width == 0), None)

        def question(database: peewee.Database) -> dict[str, Floats]:
            if tier is None or start >= kept_since(database)["raw"]:
                return {}
            known = {name: (key, info) for name, (key, info) in known_tags(database, names).items()
                     if info.kind in (Kind.FLOAT, Kind.INT, Kind.U64)}  # fmt: skip
            found = tier_buckets(database, dict(known.values()), tier, start, end, self.hot(database))
            return {name: merged(found[key], step // tier.width).mean for name, (key, _) in known.items()}

        return self.ask(question)

    def reach(self, rollups: bool) -> tuple[int, int]:
        """From when until when there are samples, or rollups too; twice 0 = there are none."""

        def question(database: peewee.Database) -> tuple[int, int]:
            spans = [run(database, sql).fetchone() for sql in _REACH[: 3 if rollups else 2]]
            there = [(int(first), int(last)) for first, last in spans if first is not None]
            if not there:
                return 0, 0
            last = max(last for _, last in there)
            return min(first for first, _ in there), max(last, recorded_until(database)[0])

        return self.ask(question)

    def hot(self, database: peewee.Database) -> list[Columns]:
        """What was not packed yet."""
        with self._hot_lock:
            return self._hot.load(database)

    def bring_forward(self) -> int:
        """Run the migrations that are due; the number of steps. Raises SchemaTooNew."""
        return self._connected(LINEAGE.migrate)

    def check(self) -> None:
        """Whether the schema is ours. Raises SchemaTooNew, SchemaTooOld."""
        self._connected(LINEAGE.check)

    def ask(self, question: Callable[[peewee.Database], _R]) -> _R:
        """Put a question in one transaction: what is packed meanwhile is neither missed nor seen twice."""

        def in_one_state(database: peewee.Database) -> _R:
            if is_sqlite(database):
                with database.atomic("DEFERRED"):
                    return question(database)
            with database.atomic():
                run(database, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                return question(database)

        return self._connected(in_one_state)

    def outside(self, question: Callable[[peewee.Database], _R]) -> _R:
        """Put a question outside of any transaction."""
        return self._connected(question)

    def _of_each(self, names: Iterable[str], start: int, end: int, work: Callable[[Curve, str], _R]) -> dict[str, _R]:
        """An answer for each tag out of its samples, of which those of one tag at a time are in memory."""

        def question(database: peewee.Database) -> dict[str, _R]:
            hot = self.hot(database)
            return {
                name: work(read_curves(database, {key: info}, start, end, hot)[key], name)
                for name, (key, info) in known_tags(database, names).items()
            }

        return self.ask(question)

    def _connected(self, question: Callable[[peewee.Database], _R]) -> _R:
        try:
            connect(self._database)
            try:
                return question(self._database)
            finally:
                self._database.close()
        except (*ERRORS, BadData) as problem:
            raise HistoryGone(f"{self.shown}: {sentence(problem)}") from problem


def _course(series: Series) -> Curve:
    if series.curve is not None:
        return series.curve
    assert series.buckets is not None  # noqa: S101  a series has one or the other
    return counter_curve(series.buckets)


def open_samples(url: str, read_only: bool = True, timeout_s: float = 5.0) -> Samples:
    """The samples of a URL (see ``samples_url``).

    Raises BadUrl, HistoryGone, SchemaTooNew, and read-only SchemaTooOld.
    """
    samples = Samples(url, read_only, timeout_s)
    if read_only:
        samples.check()
    else:
        samples.bring_forward()
    return samples
