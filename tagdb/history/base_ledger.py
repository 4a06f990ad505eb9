"""What every writing end shares: one connection, each record once by the marks of its run, a lineage of tables."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tagdb.history.database import ERRORS, connect, database_of, is_sqlite, lock_runs, run
from tagdb.history.lineage import Lineage, SchemaTooNew
from tagdb.history.records import Record

__all__ = ["BaseLedger", "Taken"]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch."""

    #: records that are in the database now and were not before
    written: int = 0
    #: records the database cannot hold; they are logged whole
    refused: int = 0
    #: why the last one was refused
    error: str = ""


class BaseLedger:
    """One connection, opened when it is needed and dropped after every failure. All calls come from one thread."""

    #: the tables, and the peewee model with a run's ``run``, ``place`` and ``last`` number taken
    lineage: Lineage
    marks: Any

    def __init__(self, url: str, place: str, timeout_s: float = 5.0, shrinks: bool = False) -> None:
        """``place`` names the spool, so that old marks of other spools are left alone. Raises BadUrl."""
        self._database = database_of(url, timeout_s=timeout_s, shrinks=shrinks)
        self._place = place

    def forget_earlier_runs(self, current: str) -> None:
        """Drop the marks of this spool's earlier runs, once nothing of theirs is left in it. Raises ERRORS."""
        mark = self.marks
        with self._session():
            mark.delete().where((mark.place == self._place) & (mark.run != current)).execute(self._database)

    def close(self) -> None:
        """Drop the connection; the next write opens another."""
        with contextlib.suppress(*ERRORS):
            self._database.close()

    def _opened(self) -> None:
        """A connection was just opened, the tables are ours."""

    @contextlib.contextmanager
    def _session(self, durable: bool | None = None) -> Iterator[None]:
        """An open connection, which a failure drops; ``durable``: what ends here survives a power cut, or may not."""
        try:
            if self._database.is_closed():
                connect(self._database)
                self.lineage.migrate(self._database)
                self._opened()
            if durable is not None and is_sqlite(self._database):
                run(self._database, f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            yield
        except (*ERRORS, SchemaTooNew):
            self.close()
            raise

    def _fresh(self, records: Sequence[Record]) -> list[Record]:
        """Those that were not taken yet; nobody else takes any of their runs until the transaction ends."""
        runs = {record.run for record in records}
        lock_runs(self._database, runs)
        mark = self.marks
        found = mark.select(mark.run, mark.last).where(mark.run.in_(runs)).tuples()
        taken = dict(found.execute(self._database))
        return [record for record in records if record.number > taken.get(record.run, 0)]

    def _note(self, fresh: Sequence[Record]) -> None:
        """They are taken, in the transaction that takes them."""
        mark = self.marks
        # numbers grow within a run, so the last one is the highest
        for name, last in {record.run: record.number for record in fresh}.items():
            row = mark.insert(run=name, place=self._place, last=last)
            row.on_conflict(conflict_target=[mark.run], update={mark.last: last}).execute(self._database)
