"""The writing end of the database: a batch in one transaction, each record once; the last stage of the flow."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import peewee
from psycopg2.extras import execute_values

from tagdb.history.base_ledger import BaseLedger, Taken
from tagdb.history.database import DATA_ERRORS, cursor_of, is_sqlite
from tagdb.history.events import Event
from tagdb.history.migrations import LINEAGE
from tagdb.history.models import Alarm, Journal, RuntimeState, WriterMark, columns_of, table_of
from tagdb.history.plain import dump
from tagdb.history.records import AlarmRecord, Kind, Record

__all__ = ["Ledger", "Taken"]

_log = logging.getLogger("history")

_Row = tuple[Any, ...]


class Ledger(BaseLedger):
    """Of journal, alarm occurrences and retained state."""

    lineage, marks = LINEAGE, WriterMark

    def write(self, records: Sequence[Record], durable: bool = False) -> Taken:
        """Take a batch in order; records it has taken before are passed over.

        Args:
            durable: on the disk before this returns, even through a power cut: for what is deleted from the spool
                afterwards.

        Raises ERRORS when the database cannot take it now (then nothing of it is taken, or all), SchemaTooNew.
        """
        with self._session(durable):
            try:
                return self._transaction(records)
            except DATA_ERRORS:
                return self._one_by_one(records)

    def _transaction(self, records: Sequence[Record]) -> Taken:
        with self._database.atomic():
            fresh = self._fresh(records)
            rows = list(_rows(fresh))
            self._insert(Journal, [_journal_row(row) for kind, row in rows if kind == "event"], "")
            refused = self._alarms([row for kind, row in rows if kind == "alarm"])
            states = {row["key"]: (row["key"], dump(row["value"])) for kind, row in rows if kind == "retained"}
            self._insert(RuntimeState, states.values(), "ON CONFLICT (key) DO UPDATE SET value = excluded.value")
            self._note(fresh)
        error = "an alarm's id is taken by another occurrence" if refused else ""
        return Taken(len(fresh) - refused, refused, error)

    def _one_by_one(self, records: Sequence[Record]) -> Taken:
        written = refused = 0
        error = ""
        for record in records:
            try:
                taken = self._transaction([record])
            except DATA_ERRORS as problem:
                _log.error("the database refuses a record, which is lost: %s: %s", problem, dump(record.row))
                # what is left of it is the mark: it must not come back
                self._transaction([Record(record.run, record.number, "refused", {})])
                taken = Taken(0, 1, str(problem))
            written += taken.written
            refused += taken.refused
            error = taken.error or error
        return Taken(written, refused, error)

    def _alarms(self, rows: Iterable[dict[str, Any]]) -> int:
        # One statement may not change a row twice, and only the last state counts.
        newest = {row["id"]: _alarm_row(row) for row in rows}
        update = ", ".join(f"{column} = excluded.{column}" for column in columns_of(Alarm) if column != "id")
        # An id that starts again from 1 must not overwrite the history of another alarm.
        same = "alarm.key = excluded.key AND alarm.raised_at = excluded.raised_at"
        changed = self._insert(Alarm, newest.values(), f"ON CONFLICT (id) DO UPDATE SET {update} WHERE {same}")
        return len(newest) - changed

    def _insert(self, model: type[peewee.Model], rows: Iterable[_Row], conflict: str) -> int:
        # Past peewee: its insert_many takes twenty times as long.
        rows = list(rows)
        if not rows:
            return 0
        columns = list(columns_of(model))
        if model is Journal:
            columns.remove("id")
        head = f"INSERT INTO {table_of(model)} ({', '.join(columns)}) VALUES"
        cursor = cursor_of(self._database)
        with contextlib.closing(cursor):
            if is_sqlite(self._database):
                cursor.executemany(f"{head} ({', '.join('?' * len(columns))}) {conflict}", rows)
            else:
                execute_values(cursor, f"{head} %s {conflict}", rows, page_size=len(rows))
            return int(cursor.rowcount)


def _rows(records: Iterable[Record]) -> Iterator[tuple[Kind, dict[str, Any]]]:
    for record in records:
        if record.kind == "together":
            yield from ((kind, row) for kind, row in record.row["items"])
        else:
            yield record.kind, record.row


def _journal_row(row: dict[str, Any]) -> _Row:
    text = row["text"]
    plain: dict[str, Any] = {**_JOURNAL_DEFAULTS, **row, "text_en": text.get("en", ""), "text_ru": text.get("ru", "")}
    return tuple(convert(plain[name]) for name, convert in _JOURNAL)


def _alarm_row(row: dict[str, Any]) -> _Row:
    label = row["label"]
    plain: dict[str, Any] = {**_ALARM_DEFAULTS, **row, "label_en": label.get("en", ""), "label_ru": label.get("ru", "")}
    return tuple(convert(plain[name]) for name, convert in _ALARM)


_JOURNAL = [(name, convert) for name, convert in columns_of(Journal).items() if name != "id"]
_ALARM = list(columns_of(Alarm).items())

# A spool may have been written by an earlier version, which knew fewer fields.
_JOURNAL_DEFAULTS = Event(time=0.0, category="", event="").to_json()
_ALARM_DEFAULTS = AlarmRecord(
    id=0, key="", site="", device="", priority=5, kind="", label={}, state="", raised_at=0.0
).to_json()
