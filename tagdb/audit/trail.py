"""The audit trail as the program writes to it: a thread takes the lines from callers that never wait for a disk.

Stage: pages, runtime and command line note what was asked and what became of it; the trail's file takes it.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tagdb.audit.book import ERRORS, Book
from tagdb.audit.chain import fields_of
from tagdb.audit.entry import AuditEntry
from tagdb.audit.spool import Spool

__all__ = ["AuditStatus", "AuditTrail", "spooled"]

log = logging.getLogger("scada.audit")

#: pause after a failure, seconds
_RETRY_S = 1.0
#: most lines that wait in memory; beyond it the newest are counted as lost, which has a line of its own later
_MOST_WAITING = 20_000
_BATCH = 500
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class AuditStatus:
    """How the trail fares."""

    #: lines in the trail by this process
    written: int
    #: lines on their way
    waiting: int
    #: lines kept in the file beside it since the trail does not take them
    spooled: int
    #: lines that found no room anywhere, since that was last told in the trail
    lost: int
    #: why the trail takes nothing just now; "" = it does
    trouble: str


class AuditTrail:
    """Takes entries from any thread. Lines of one process stay in the order of their notes."""

    def __init__(self, path: Path, writer: str, lock_timeout_s: float = 0.5) -> None:
        """Nothing is opened yet; ``start``, or the first note, begins the thread.

        Args:
            path: the trail's file, made when it is missing.
            writer: who writes: "pages", "scan", "cli"; each process has a spool of its own.
        """
        self._path = path
        self._spool = _spool_of(path, writer)
        self._lock_timeout_s = lock_timeout_s
        self._waiting: deque[dict[str, Any]] = deque()
        self._changed = threading.Condition()
        self._stopping = False
        self._busy = self._nowhere = False
        self._written = self._spooled = self._lost = 0
        self._trouble = ""
        self._book: Book | None = None
        self._told_day = -1
        self._thread = threading.Thread(target=self._work, name="audit", daemon=True)

    def start(self) -> None:
        """Begin to write, with what an earlier run had to spool."""
        with self._changed:
            if self._thread.ident is None:
                self._thread.start()

    def note(self, entry: AuditEntry) -> None:
        """Never raises and never waits for a disk."""
        row = fields_of(entry)
        with self._changed:
            if len(self._waiting) >= _MOST_WAITING:
                self._lost += 1
                return
            self._waiting.append(row)
            self._changed.notify_all()
            if self._thread.ident is None:
                self._thread.start()

    def flush(self, timeout_s: float) -> bool:
        """Wait until everything noted is in the trail or the spool; whether it is in the trail."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting and not self._busy, timeout_s)
            return not self._waiting and not self._busy and not self._spooled

    def stop(self, timeout_s: float = 5.0) -> None:
        """Write or spool what waits, then end."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def status(self) -> AuditStatus:
        """As of now."""
        with self._changed:
            waiting = len(self._waiting)
            return AuditStatus(self._written, waiting, self._spooled, self._lost, self._trouble)

    def _work(self) -> None:
        clear = self._drain_spool()
        while (rows := self._next(clear)) is not None:
            clear = clear or self._drain_spool()
            if rows and not (clear and self._append(rows)):
                clear = False
                self._keep(rows)
            with self._changed:
                self._busy = False
                self._changed.notify_all()
        if self._book:
            self._book.close()

    def _next(self, clear: bool) -> list[dict[str, Any]] | None:
        """The next lines; none where only the spool is to be tried again; None = the end."""
        with self._changed:
            if self._nowhere:  # neither trail nor spool take them: not again at once
                self._changed.wait_for(lambda: self._stopping, _RETRY_S)
            self._changed.wait_for(lambda: self._waiting or self._stopping, None if clear else _RETRY_S)
            if self._stopping and (self._nowhere or not self._waiting):
                if self._waiting:
                    log.critical("audit: %d lines are lost: %s", len(self._waiting), self._trouble)
                return None
            if self._lost and clear and self._waiting:
                self._waiting.append(fields_of(_lost(self._lost, self._waiting[-1]["time"] / 1e6)))
                self._lost = 0
            self._busy = True
            return [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]

    def _append(self, rows: list[dict[str, Any]]) -> bool:
        try:
            if self._book is None:
                self._book = Book(self._path, self._lock_timeout_s)
            self._book.append(rows)
            self._tell_head(rows[-1]["time"] // _DAY_US)
        except ERRORS as error:
            self._failed(error)
            return False
        with self._changed:
            self._written += len(rows)
            if self._trouble:
                log.warning("audit: the trail takes lines again")
            self._trouble, self._nowhere = "", False
        return True

    def _tell_head(self, day: int) -> None:
        """Into the log, at the first line and once a day: a trail that was cut short does not show it by itself, the
        log of the machine, which may go elsewhere, does. Raises ERRORS."""
        if day != self._told_day and self._book is not None:
            self._told_day = day
            log.info("audit: line %d has the head %s", *self._book.head())

    def _drain_spool(self) -> bool:
        """Whether the trail takes lines again, those that had to wait before."""
        try:
            rows = self._spool.read()
            if rows and not self._append(rows):
                with self._changed:
                    self._spooled = len(rows)
                return False
            if rows:
                self._spool.clear()
        except OSError as error:
            self._failed(error)
            return False
        with self._changed:
            self._spooled = 0
        return True

    def _keep(self, rows: list[dict[str, Any]]) -> None:
        try:
            self._spool.keep(rows)
        except OSError as error:
            self._failed(error)
            with self._changed:
                self._nowhere = True
                self._waiting.extendleft(reversed(rows))
            return
        with self._changed:
            self._nowhere = False
            self._spooled += len(rows)

    def _failed(self, error: BaseException) -> None:
        if self._book is not None:
            self._book.close()
            self._book = None
        with self._changed:
            if not self._trouble:
                log.error("audit: the trail takes nothing (%s); lines are kept in %s", error, self._spool.path)
            self._trouble = str(error) or type(error).__name__


def spooled(path: Path, writer: str) -> list[dict[str, Any]]:
    """Lines that a writer of the trail has not brought into it yet. Raises OSError."""
    return _spool_of(path, writer).read()


def _spool_of(path: Path, writer: str) -> Spool:
    return Spool(path.with_name(f"{path.name}.{writer}-spool.jsonl"))


def _lost(count: int, time: float) -> AuditEntry:
    """A gap that is told is better than one that is not."""
    return AuditEntry(time, "scada", "", "", "", "audit.lost", new=str(count), result="failed")
