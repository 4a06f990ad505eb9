"""The way from the scan into the history: post and forget; a thread writes, or spools what cannot be written."""

from __future__ import annotations

import contextlib
import itertools
import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from socket import gethostname
from typing import Any, Protocol

from tagdb.history.database import ERRORS, sentence, shown
from tagdb.history.lane import Lane, StillBusy
from tagdb.history.ledger import Ledger, Taken
from tagdb.history.lineage import SchemaTooNew
from tagdb.history.records import AlarmRecord, Deferred, Record, Retained, record_of
from tagdb.history.spool import Spool

__all__ = ["HistoryWriter", "WritingEnd"]

_log = logging.getLogger("history")

# What an item raises that cannot be made plain: it is dropped alone.
_UNFIT = (AttributeError, KeyError, TypeError, ValueError, OverflowError, RuntimeError)


class WritingEnd(Protocol):
    """What takes records into a database: ``Ledger`` for the journal, another for samples."""

    def write(self, records: Sequence[Record], durable: bool = False) -> Taken:
        """Take a batch in order, each record once. Raises ERRORS, SchemaTooNew."""

    def forget_earlier_runs(self, current: str) -> None:
        """Drop the marks of earlier runs. Raises ERRORS."""

    def close(self) -> None:
        """Drop the connection."""


def _one(item: Any) -> int:
    return item.weight if isinstance(item, Deferred) else 1


class HistoryWriter:
    """Takes items in order; each is in the database once, or counted as dropped.

    The order is kept by one rule: the spool's records are older than those in hand, and those than the queue's. So
    nothing goes from the queue to the database while the spool holds anything. That each is there once is the
    database's own knowledge: it keeps the highest number of this run in the same transaction as the rows.

    A killed process loses what it posted in its last ``period_s``, and no more, unless neither the database nor the
    spool took anything. After a power cut SQLite may lack its last commits too; what came from the spool it has.
    """

    def __init__(
        self,
        url: str,
        spool_path: Path,
        *,
        queue_limit: int = 65536,
        spool_limit_bytes: int = 64 << 20,
        batch: int = 1000,
        period_s: float = 0.1,
        timeout_s: float = 5.0,
        retry_s: float = 0.5,
        longest_retry_s: float = 15.0,
        monotonic: Callable[[], float] = time.monotonic,
        ledger: WritingEnd | None = None,
        record_of: Callable[[Any, str, int], Record] = record_of,
        weigh: Callable[[Any], int] = _one,
    ) -> None:
        """Nothing is opened yet.

        Args:
            url: as ``open_history`` takes it.
            spool_path: a folder of this writer's alone.
            queue_limit: what the items that wait in memory may weigh; beyond it the oldest goes, and is counted.
            batch: records in one transaction.
            period_s: how often the thread looks at the queue.
            timeout_s: how long a locked database is waited for; one that is silent twice as long counts as slow.
            retry_s: pause after the first failure, doubled with each further one up to ``longest_retry_s``.
            monotonic: seconds that never jump.
            ledger: another writing end, for samples and for tests.
            record_of: makes an item plain; given the run and the item's number in it.
            weigh: what an item counts for.

        Raises BadUrl.
        """
        self._run = uuid.uuid4().hex
        place = f"{gethostname()}:{spool_path.absolute()}"
        self._ledger: WritingEnd = ledger or Ledger(url, place, timeout_s)
        self._record_of, self._weigh = record_of, weigh
        self._shown = shown(url)
        self._spool = Spool(spool_path, spool_limit_bytes)
        self._lane: Lane[Taken] = Lane("history database")
        self._limit = queue_limit
        self._batch = batch
        self._period_s = period_s
        self._slow_s = 2 * timeout_s
        self._first_retry_s = retry_s
        self._longest_retry_s = longest_retry_s
        self._monotonic = monotonic
        # Guards the queue and the counts that posters change; held for an append, never over I/O.
        self._lock = threading.Lock()
        self._queue: deque[Any] = deque()
        self._queued = 0
        self._overflown = 0
        self._hand: list[Record] = []
        self._number = 0
        self._spool_open = False
        self._spool_error = ""
        self._tidied = False
        self._healthy = True
        self._error = ""
        self._retry_s = retry_s
        self._due = -float("inf")
        self._written = 0
        self._refused = 0
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._farewell_s = float("inf")
        self._hurry = False
        self._idle = False
        self._asked = 0.0
        self._wake = threading.Event()
        self._passed = threading.Condition()

    def post(self, item: Any) -> None:
        """Hand over an item; never waits, never raises."""
        weight = self._weigh(item)
        with self._lock:
            while self._queue and self._queued + weight > self._limit:
                lost = self._weigh(self._queue.popleft())
                self._queued -= lost
                self._overflown += lost
            self._queue.append(item)
            self._queued += weight

    def upsert_alarm(self, occurrence: AlarmRecord | Mapping[str, Any]) -> None:
        """Hand over an alarm as it stands now, in order with the events; never waits, never raises.

        A mapping is read by ``AlarmRecord.from_occurrence``; one that is no alarm is counted as dropped.
        """
        if not isinstance(occurrence, AlarmRecord):
            try:
                occurrence = AlarmRecord.from_occurrence(occurrence)
            except _UNFIT as problem:
                self._refuse(f"no alarm: {problem}", occurrence)
                return
        self.post(occurrence)

    def retain(self, key: str, value: Any) -> None:
        """Hand over state that survives a restart; the newest value of a key stays. Never waits, never raises."""
        self.post(Retained(key, value))

    def status(self) -> dict[str, Any]:
        """For tags: counts since the start, what waits now, and whether the database takes what it is given."""
        with self._lock:
            queued, overflown = self._queued + sum(record.weight for record in tuple(self._hand)), self._overflown
        return {
            "written": self._written,
            "queued": queued,
            "spooled": self._spool.waiting,
            "spool_bytes": self._spool.size_bytes,
            "torn": self._spool.torn,
            "dropped": overflown + self._spool.dropped + self._refused,
            "last_error": self._spool_error or self._error,
            "healthy": self._healthy and not self._spool_error,
        }

    def start(self) -> None:
        """Begin to write, in a thread of its own."""
        self._thread = threading.Thread(target=self._work, name="history", daemon=True)
        self._thread.start()

    def flush(self, timeout_s: float) -> bool:
        """Wait until all that was posted before is in the database; False when it is not in time."""
        with self._passed:
            self._idle = False
            self._hurry = True
            self._wake.set()
            return self._passed.wait_for(lambda: self._idle, timeout_s)

    def stop(self, timeout_s: float = 5.0) -> None:
        """Write what waits, or spool it, and end; half the time is for the database, the rest for the disk."""
        self._farewell_s = timeout_s / 2
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout_s)
            self._thread = None
        else:
            self.close()

    def close(self) -> None:
        """One last pass, by whoever has no thread running."""
        self._hurry = True
        self.step()
        self._spill()
        if not self._lane.pending:
            with contextlib.suppress(StillBusy):
                self._lane.call(self._close_ledger, min(self._slow_s, 1.0))
        self._lane.stop(0.1)
        self._spool.close()

    def step(self) -> None:
        """One pass of the thread: all that can be written is, the rest is spooled."""
        self._open_spool()
        if self._lane.pending and self._wait(0.0) is None:
            self._spill()
            return
        now = self._monotonic()
        if not self._healthy and now < self._due and not self._hurry:
            self._spill()
            return
        self._hurry = False
        while batch := self._next():
            if not self._write(batch):
                self._spill()
                return
            if self._queued > self._limit // 2:
                self._spill()
        if now >= self._due:
            self._write([])
        self._tidy()

    def _work(self) -> None:
        while not self._stopping:
            self._wake.wait(self._period_s)
            self._wake.clear()
            try:
                self.step()
            except Exception as problem:  # the thread's top: a mistake of ours must not end the journal
                _log.exception("the history's writer")
                self._fail(problem)
            with self._passed:
                self._idle = not (self._queue or self._hand or self._spool.waiting)
                self._passed.notify_all()
        self.close()

    def _next(self) -> list[Record]:
        """The oldest records, from wherever they are."""
        if self._spool.waiting:
            try:
                if batch := self._spool.peek(self._batch):
                    return batch
            except OSError as problem:
                self._fail(problem)
                return []
        self._take(self._batch)
        return self._hand

    def _take(self, count: int) -> None:
        with self._lock:
            items, wanted = [], count - len(self._hand)
            while self._queue and wanted > 0:
                item = self._queue.popleft()
                items.append(item)
                self._queued -= self._weigh(item)
                wanted -= item.weight if isinstance(item, Deferred) else 1
        for item in itertools.chain.from_iterable(map(self._made, items)):
            try:
                record = self._record_of(item, self._run, self._number + 1)
            except _UNFIT as problem:
                self._refuse(f"no item: {problem}", item)
                continue
            self._number += 1
            self._hand.append(record)

    def _made(self, item: Any) -> Iterable[Any]:
        if not isinstance(item, Deferred):
            return (item,)
        try:
            return list(item.make())
        except _UNFIT as problem:
            self._refuse(f"no items: {problem}", item, item.weight)
            return ()

    def _write(self, batch: list[Record]) -> bool:
        from_spool = batch is not self._hand
        # a copy: should the call be late, what is in hand moves on to the spool meanwhile
        records = tuple(batch)
        self._asked = self._monotonic()
        self._lane.begin(lambda: self._ledger.write(records, durable=from_spool))
        if not self._wait(self._slow_s):
            return False
        if not from_spool:
            self._hand.clear()
            return True
        try:
            self._spool.advance()
        except OSError as problem:
            self._fail(problem)
            return False
        return True

    def _wait(self, patience_s: float) -> bool | None:
        """Whether the call in the lane ended well; None when it goes on.

        What a late call wrote may also be in the spool by now: it is passed over when it comes from there.
        """
        while True:
            try:
                self._settle(self._lane.collect(self._period_s if patience_s else 0.0))
            except StillBusy:
                waited = self._monotonic() - self._asked
                if waited >= self._slow_s and self._healthy:
                    self._fail(TimeoutError(f"the database has not answered for {waited:.0f} s"))
                hurried = self._stopping and waited >= self._farewell_s
                if waited >= patience_s or hurried or self._queued > self._limit // 2:
                    return None
            except (*ERRORS, SchemaTooNew) as problem:
                self._fail(problem)
                return False
            else:
                return True

    def _settle(self, taken: Taken) -> None:
        self._written += taken.written
        with self._lock:
            self._refused += taken.refused
        if taken.error:
            self._error = taken.error
        if not self._healthy:
            _log.warning("the history is written again: %s", self._shown)
        self._healthy = True
        self._retry_s = self._first_retry_s
        # an idle database is tried now and then, so that its loss is told before the next event
        self._due = self._monotonic() + self._longest_retry_s

    def _fail(self, problem: Exception) -> None:
        self._error = sentence(problem)
        if self._healthy:
            _log.error("the history cannot be written, it is kept on the disk: %s: %s", self._shown, self._error)
        self._healthy = False
        self._due = self._monotonic() + self._retry_s
        self._retry_s = min(2 * self._retry_s, self._longest_retry_s)

    def _spill(self) -> None:
        """Move what is in memory to the disk, as far as it takes it."""
        while self._spool_open:
            self._take(self._batch)
            if not self._hand:
                return
            stored = self._spool.append(self._hand)
            del self._hand[:stored]
            if self._hand:
                self._error = f"the spool takes no more: {self._spool.error}"
                return

    def _open_spool(self) -> None:
        if self._spool_open:
            return
        try:
            self._spool.open()
        except OSError as problem:
            # the database is still written to; what an earlier process left waits until the folder is there
            self._spool_error = f"no spool: {sentence(problem)}"
        else:
            self._spool_open = True
            self._spool_error = ""

    def _tidy(self) -> None:
        if self._tidied or self._spool.waiting or not (self._spool_open and self._healthy) or self._lane.pending:
            return
        try:
            self._spool.sync()
            self._lane.call(self._forget, self._slow_s)
        except (*ERRORS, StillBusy) as problem:
            _log.warning("earlier runs are not forgotten: %s", problem)
        else:
            self._tidied = True

    def _forget(self) -> Taken:
        self._ledger.forget_earlier_runs(self._run)
        return Taken()

    def _close_ledger(self) -> Taken:
        self._ledger.close()
        return Taken()

    def _refuse(self, why: str, item: object, weight: int = 1) -> None:
        with self._lock:
            self._refused += weight
        self._error = why
        _log.error("%s: %r", why, item)
