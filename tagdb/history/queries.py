"""Questions to the history as peewee queries: filters, pages newest first, counts; the reading end of the flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import peewee
from peewee import SQL, Expression, fn

from tagdb.history.database import is_sqlite
from tagdb.history.events import Event
from tagdb.history.models import Alarm, Journal
from tagdb.history.plain import microseconds
from tagdb.history.records import AlarmRecord

__all__ = [
    "LONGEST_PAGE",
    "AlarmFilter",
    "Entry",
    "JournalFilter",
    "alarm_counts",
    "alarm_page",
    "alarm_rate",
    "alarms_by_id",
    "journal_counts",
    "journal_page",
    "last_alarm_id",
    "register_folding",
]

#: rows in one page at most
LONGEST_PAGE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalFilter:
    """Which rows of the journal; what is empty does not restrict."""

    #: from this time on, Unix seconds UTC
    since: float | None = None
    #: before this time
    until: float | None = None
    category: tuple[str, ...] = ()
    site: str = ""
    device: str = ""
    key: str = ""
    event: tuple[str, ...] = ()
    #: part of a text, key, name or comment, in any case
    q: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmFilter:
    """Which occurrences; what is empty does not restrict."""

    #: raised from this time on, Unix seconds UTC
    since: float | None = None
    #: raised before this time
    until: float | None = None
    site: str = ""
    device: str = ""
    key: str = ""
    kind: tuple[str, ...] = ()
    priority: tuple[int, ...] = ()
    state: tuple[str, ...] = ()
    #: only those not cleared yet
    open_only: bool = False
    #: part of a label, key, code, name or comment, in any case
    q: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the journal."""

    #: grows in the order of recording; the cursor of paging
    id: int
    event: Event

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {"id": self.id, **self.event.to_json()}


def register_folding(database: peewee.Database) -> None:
    """Teach SQLite what upper and lower case are beyond ASCII; PostgreSQL has ICU for it."""
    if isinstance(database, peewee.SqliteDatabase):
        database.register_function(str.casefold, "fold", 1)


def journal_page(
    database: peewee.Database, which: JournalFilter, limit: int, before_id: int | None, after_id: int | None
) -> list[Entry]:
    """Newest first by (time, id), or by id after one; see ``History.journal``."""
    where = _journal_where(database, which)
    order: tuple[peewee.Ordering, ...] = (Journal.time.desc(), Journal.id.desc())
    if before_id is not None:
        where.append(_before(database, Journal, Journal.time, before_id))
    if after_id is not None:
        # in the order of recording: that way the few new rows are found without a look at the old ones
        where.append(Journal.id > after_id)
        order = (Journal.id.desc(),)
    query = _narrowed(Journal.select(), where).order_by(*order).limit(_bounded(limit))
    return [_entry(row) for row in query.execute(database)]


def alarm_page(database: peewee.Database, which: AlarmFilter, limit: int, before_id: int | None) -> list[AlarmRecord]:
    """Newest first by (raised_at, id); see ``History.alarms``."""
    where = _alarm_where(database, which)
    if before_id is not None:
        where.append(_before(database, Alarm, Alarm.raised_at, before_id))
    query = _narrowed(Alarm.select(), where).order_by(Alarm.raised_at.desc(), Alarm.id.desc()).limit(_bounded(limit))
    return [_alarm(row) for row in query.execute(database)]


def alarms_by_id(database: peewee.Database, numbers: Sequence[int]) -> list[AlarmRecord]:
    """The occurrences of these ids, as far as they are there."""
    return [_alarm(row) for row in Alarm.select().where(Alarm.id.in_(numbers)).execute(database)]


def last_alarm_id(database: peewee.Database) -> int:
    """The highest id an occurrence has; 0 = there is none."""
    ((last,),) = Alarm.select(fn.MAX(Alarm.id)).tuples().execute(database)
    return last or 0


def journal_counts(database: peewee.Database, which: JournalFilter, by: str) -> dict[str, int]:
    """Rows per category, site, device, key or event, most first. Raises ValueError for another field."""
    fields = ("category", "site", "device", "key", "event")
    return _counts(database, Journal, by, fields, _journal_where(database, which))


def alarm_counts(database: peewee.Database, which: AlarmFilter, by: str) -> dict[Any, int]:
    """Occurrences per priority, kind, state, site, device or key, most first. Raises ValueError for another field."""
    fields = ("priority", "kind", "state", "site", "device", "key")
    return _counts(database, Alarm, by, fields, _alarm_where(database, which))


def alarm_rate(database: peewee.Database, which: AlarmFilter, bucket_s: int) -> list[tuple[float, int]]:
    """Occurrences raised in each stretch of ``bucket_s`` seconds that has any: (its start, Unix seconds, count)."""
    width = bucket_s * 1_000_000
    # written out: PostgreSQL takes two parameters for two expressions, and would not group by the one selected
    number = SQL(f"(raised_at / {width})")
    query = _narrowed(Alarm.select(number, fn.COUNT(SQL("*"))), _alarm_where(database, which))
    rows = query.group_by(number).order_by(number).tuples().execute(database)
    return [(float(bucket * bucket_s), count) for bucket, count in rows]


def _journal_where(database: peewee.Database, which: JournalFilter) -> list[Expression]:
    where = _span(Journal.time, which.since, which.until)
    where += [field == wanted for field, wanted in _pairs(Journal, which, "site", "device", "key") if wanted]
    where += [field.in_(wanted) for field, wanted in _pairs(Journal, which, "category", "event") if wanted]
    texts = (Journal.text_en, Journal.text_ru, Journal.key, Journal.who, Journal.comment)
    return where + _containing(database, texts, which.q)


def _alarm_where(database: peewee.Database, which: AlarmFilter) -> list[Expression]:
    where = _span(Alarm.raised_at, which.since, which.until)
    where += [field == wanted for field, wanted in _pairs(Alarm, which, "site", "device", "key") if wanted]
    where += [field.in_(wanted) for field, wanted in _pairs(Alarm, which, "kind", "priority", "state") if wanted]
    if which.open_only:
        where.append(Alarm.cleared_at.is_null())
    texts = (Alarm.label_en, Alarm.label_ru, Alarm.key, Alarm.code, Alarm.who, Alarm.comment)
    return where + _containing(database, texts, which.q)


def _pairs(model: type[peewee.Model], which: object, *names: str) -> list[tuple[Any, Any]]:
    return [(getattr(model, name), getattr(which, name)) for name in names]


def _span(field: Any, since: float | None, until: float | None) -> list[Expression]:
    where = []
    if since is not None:
        where.append(field >= since)
    if until is not None:
        where.append(field < until)
    return where


def _containing(database: peewee.Database, fields: Sequence[Any], q: str) -> list[Expression]:
    if not q:
        return []
    if is_sqlite(database):
        folded = [fn.instr(fn.fold(field), q.casefold()) > 0 for field in fields]
    else:
        # a cluster made under the locale C knows only ASCII; ICU's root collation knows all, on every machine
        icu = SQL('COLLATE "und-x-icu"')
        folded = [fn.strpos(fn.lower(peewee.NodeList((field, icu))), q.lower()) > 0 for field in fields]
    found = folded[0]
    for one in folded[1:]:
        found |= one
    return [found]


def _before(database: peewee.Database, model: Any, field: Any, before_id: int) -> Expression:
    """Rows that come after the row of this id when the newest is first; none when there is no such row."""
    query = model.select(field).where(model.id == before_id).tuples()
    for (time,) in query.execute(database):
        # as a row value, with which both databases go to the place in the index instead of reading up to it
        older: Expression = peewee.Tuple(field, model.id) < peewee.Tuple(microseconds(time), before_id)
        return older
    nothing: Expression = model.id < 0
    return nothing


def _narrowed(query: Any, where: Sequence[Expression]) -> Any:
    return query.where(*where) if where else query


def _counts(
    database: peewee.Database, model: Any, by: str, allowed: Sequence[str], where: Sequence[Expression]
) -> dict[Any, int]:
    if by not in allowed:
        raise ValueError(f"cannot count by '{by}': one of {', '.join(allowed)}")
    field, count = getattr(model, by), fn.COUNT(SQL("*"))
    query = _narrowed(model.select(field, count), where).group_by(field).order_by(count.desc(), field)
    return dict(query.tuples().execute(database))


def _bounded(limit: int) -> int:
    return max(1, min(limit, LONGEST_PAGE))


def _entry(row: Any) -> Entry:
    event = Event(
        time=row.time,
        source_time=row.source_time,
        category=row.category,
        site=row.site,
        device=row.device,
        key=row.key,
        event=row.event,
        text=_words(row.text_en, row.text_ru),
        before=row.before,
        after=row.after,
        who=row.who,
        comment=row.comment,
        data=row.data,
    )
    return Entry(row.id, event)


def _alarm(row: Any) -> AlarmRecord:
    fields = {name: getattr(row, name) for name in AlarmRecord.__slots__ if name != "label"}
    return AlarmRecord(**fields, label=_words(row.label_en, row.label_ru))


def _words(en: str, ru: str) -> dict[str, str]:
    return {language: words for language, words in (("en", en), ("ru", ru)) if words}
