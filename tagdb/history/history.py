"""The history as its readers see it: one object in front of either database; the end of the flow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from tagdb.history.database import ERRORS, connect, database_of, sentence, shown
from tagdb.history.export import alarms_csv, journal_csv
from tagdb.history.migrations import LINEAGE
from tagdb.history.models import RuntimeState
from tagdb.history.queries import (
    AlarmFilter,
    Entry,
    JournalFilter,
    alarm_counts,
    alarm_page,
    alarm_rate,
    alarms_by_id,
    journal_counts,
    journal_page,
    last_alarm_id,
    register_folding,
)
from tagdb.history.records import AlarmRecord

__all__ = ["History", "HistoryGone", "open_history"]


class HistoryGone(Exception):
    """The database cannot be read now."""


class _Numbered(Protocol):
    @property
    def id(self) -> int: ...


_T = TypeVar("_T", bound=_Numbered)
_R = TypeVar("_R")

_EVERYTHING = JournalFilter()
_EVERY_ALARM = AlarmFilter()
_CSV_PAGE = 1000


class History:
    """Questions to the history, from any thread.

    Each call opens a connection and closes it: threads come and go in a web server, and a database that was away is
    simply back. Every method raises HistoryGone when the database cannot be read.
    """

    def __init__(self, url: str, read_only: bool, timeout_s: float) -> None:
        """Raises BadUrl."""
        self._database = database_of(url, read_only, timeout_s)
        #: the URL as it may be logged
        self.shown = shown(url)
        register_folding(self._database)

    def journal(
        self,
        which: JournalFilter = _EVERYTHING,
        limit: int = 100,
        before_id: int | None = None,
        after_id: int | None = None,
    ) -> list[Entry]:
        """A page of the journal, newest first.

        Args:
            before_id: the last id of the page before: what follows it.
            after_id: only rows recorded after this id, for a live tail.
        """
        return self._ask(lambda: journal_page(self._database, which, limit, before_id, after_id))

    def alarms(
        self, which: AlarmFilter = _EVERY_ALARM, limit: int = 100, before_id: int | None = None
    ) -> list[AlarmRecord]:
        """A page of alarm occurrences, the last raised first."""
        return self._ask(lambda: alarm_page(self._database, which, limit, before_id))

    def alarm(self, number: int) -> AlarmRecord | None:
        """One occurrence by its id."""
        return next(iter(self._ask(lambda: alarms_by_id(self._database, [number]))), None)

    def open_alarms(self) -> list[AlarmRecord]:
        """All occurrences that are not cleared, the first raised first: what an engine begins with."""
        pages = self._pages(lambda before: self.alarms(AlarmFilter(open_only=True), _CSV_PAGE, before))
        return [alarm for page in pages for alarm in page][::-1]

    def last_alarm_id(self) -> int:
        """The highest id an occurrence has; 0 = there is none."""
        return self._ask(lambda: last_alarm_id(self._database))

    def journal_counts(self, which: JournalFilter = _EVERYTHING, by: str = "category") -> dict[str, int]:
        """Rows per category, site, device, key or event, most first. Raises ValueError for another field."""
        return self._ask(lambda: journal_counts(self._database, which, by))

    def alarm_counts(self, which: AlarmFilter = _EVERY_ALARM, by: str = "priority") -> dict[Any, int]:
        """Occurrences per priority, kind, state, site, device or key, most first. Raises ValueError for another."""
        return self._ask(lambda: alarm_counts(self._database, which, by))

    def alarm_rate(self, which: AlarmFilter = _EVERY_ALARM, bucket_s: int = 600) -> list[tuple[float, int]]:
        """(start, count) of each ``bucket_s`` seconds in which an alarm was raised (EEMUA 191: 10 minutes)."""
        return self._ask(lambda: alarm_rate(self._database, which, bucket_s))

    def retained(self) -> dict[str, Any]:
        """What the runtime kept over its restart, by key."""
        query = RuntimeState.select()
        return {row.key: row.value for row in self._ask(lambda: list(query.execute(self._database)))}

    def journal_csv(self, which: JournalFilter = _EVERYTHING, bom: bool = False, delimiter: str = ",") -> Iterator[str]:
        """The journal as CSV, newest first, a piece at a time; times in ISO 8601, UTC. Excel needs ``bom``."""
        return journal_csv(self._pages(lambda before: self.journal(which, _CSV_PAGE, before)), bom, delimiter)

    def alarms_csv(self, which: AlarmFilter = _EVERY_ALARM, bom: bool = False, delimiter: str = ",") -> Iterator[str]:
        """Alarm occurrences as CSV, as ``journal_csv``."""
        return alarms_csv(self._pages(lambda before: self.alarms(which, _CSV_PAGE, before)), bom, delimiter)

    def bring_forward(self) -> int:
        """Run the migrations that are due; the number of steps. Raises SchemaTooNew."""
        return self._ask(lambda: LINEAGE.migrate(self._database))

    def check(self) -> None:
        """Whether the schema is ours. Raises SchemaTooNew, SchemaTooOld."""
        self._ask(lambda: LINEAGE.check(self._database))

    def _pages(self, page_before: Callable[[int | None], Sequence[_T]]) -> Iterator[Sequence[_T]]:
        # Page by page, each in a connection of its own: one long read would keep the write-ahead log from shrinking.
        last: int | None = None
        while page := page_before(last):
            yield page
            last = page[-1].id

    def _ask(self, question: Callable[[], _R]) -> _R:
        try:
            connect(self._database)
            try:
                return question()
            finally:
                self._database.close()
        except ERRORS as problem:
            raise HistoryGone(f"{self.shown}: {sentence(problem)}") from problem


def open_history(url: str, read_only: bool = False, timeout_s: float = 5.0) -> History:
    """The history of a URL: ``sqlite:///var/history.sqlite3``, ``sqlite:////absolute`` or ``postgresql://user@host/db``.

    Args:
        read_only: for readers beside the runtime: nothing is created and no migration runs.
        timeout_s: the longest wait for a lock or an answer.

    Raises BadUrl, HistoryGone, SchemaTooNew, and read-only SchemaTooOld.
    """
    history = History(url, read_only, timeout_s)
    if read_only:
        history.check()
    else:
        history.bring_forward()
    return history
