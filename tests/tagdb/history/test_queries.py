"""Questions to the history: filters, pages, counts, and that each finds its way by an index."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import peewee
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tagdb.history import AlarmFilter, Entry, Event, History, JournalFilter, open_history
from tagdb.history.database import database_of
from tagdb.history.ledger import Ledger
from tagdb.history.queries import LONGEST_PAGE, alarm_page, journal_page, register_folding
from tagdb.history.records import record_of
from tests.tagdb.history.samples import alarm, event

Write = Callable[..., None]

BREAKER = Event(
    time=1_700_000_000.123456,
    source_time=1_700_000_000.0,
    category="breaker",
    site="mkz",
    device="mkz.gpu1",
    key="mkz.gpu1.gen_breaker",
    event="close",
    text={"en": "Generator breaker closed", "ru": "Выключатель генератора ВКЛЮЧЁН"},
    before="open",
    after="closed",
    who="ivanov",
    comment="100% = готово_",
    data={"n": [1, 2.5, None, True, "ё"]},
)


def numbers(history: History, which: JournalFilter) -> list[str]:
    return [entry.event.key for entry in history.journal(which)]


def test_an_event_comes_back_as_it_was(url: str, write: Write) -> None:
    write(BREAKER)
    (entry,) = open_history(url).journal()
    assert entry.event == BREAKER
    assert entry.to_json() == {"id": entry.id, **BREAKER.to_json()}


def test_an_occurrence_comes_back_as_it_was(url: str, write: Write) -> None:
    whole = alarm(
        5,
        code="SD0.5",
        raised_source_time=1e9,
        acknowledged_at=1e9 + 6,
        returned_at=1e9 + 7,
        cleared_at=1e9 + 8,
        value_raised=True,
        value_acknowledged=3.5,
        value_returned="text",
        who="ivanov",
        comment="seen",
        first_out=True,
        group_id=4,
        snapshot={"mkz.gpu1.rpm": {"value": 1500, "quality": 192}},
        data={"again": 2},
    )
    write(whole, alarm(6))
    history = open_history(url)
    assert history.alarm(5) == whole
    assert history.alarm(99) is None
    assert history.alarms() == [alarm(6), whole]
    assert history.last_alarm_id() == 6


def test_an_empty_history_answers(url: str) -> None:
    history = open_history(url)
    assert (history.journal(), history.alarms(), history.open_alarms(), history.retained()) == ([], [], [], {})
    assert (history.last_alarm_id(), history.journal_counts(), history.alarm_counts()) == (0, {}, {})


@pytest.mark.parametrize(
    ("which", "found"),
    [
        (JournalFilter(), ["5", "4", "3", "2", "1"]),
        (JournalFilter(since=1e9 + 2, until=1e9 + 4), ["3", "2"]),
        (JournalFilter(category=("login", "config")), ["4", "3"]),
        (JournalFilter(site="yakz"), ["2", "1"]),
        (JournalFilter(device="mkz.gpu1"), ["5"]),
        (JournalFilter(key="3"), ["3"]),
        (JournalFilter(event=("close",)), ["5"]),
        (JournalFilter(site="mkz", q="IVAN"), ["5"]),
        (JournalFilter(q="включён"), ["5"]),
        (JournalFilter(q="ЁН"), ["5"]),
        (JournalFilter(q="100%"), ["5"]),
        (JournalFilter(q="%"), ["5"]),
        (JournalFilter(q="o_o'\""), []),
    ],
)
def test_filters(url: str, write: Write, which: JournalFilter, found: list[str]) -> None:
    write(
        event(1, site="yakz"),
        event(2, site="yakz"),
        event(3, category="login", site="mkz"),
        event(4, category="config"),
        event(
            5,
            category="breaker",
            site="mkz",
            device="mkz.gpu1",
            event="close",
            who="Ivanov",
            text={"ru": "Выключатель ВКЛЮЧЁН"},
            comment="100%",
        ),
    )
    assert numbers(open_history(url), which) == found


@pytest.mark.parametrize(
    ("which", "found"),
    [
        (AlarmFilter(), [4, 3, 2, 1]),
        (AlarmFilter(open_only=True), [4, 2, 1]),
        (AlarmFilter(priority=(1, 2)), [4, 2, 1]),
        (AlarmFilter(state=("acknowledged",)), [2]),
        (AlarmFilter(device="mkz.gpu2"), [4]),
        (AlarmFilter(site="mkz", kind=("comm",)), [3]),
        (AlarmFilter(key="other"), [2]),
        (AlarmFilter(since=1e9 + 2, until=1e9 + 3), [2]),
        (AlarmFilter(q="ДАВЛЕНИЕ"), [4, 3, 2, 1]),
    ],
)
def test_filters_of_occurrences(url: str, write: Write, which: AlarmFilter, found: list[int]) -> None:
    write(
        alarm(1),
        alarm(2, key="other", state="acknowledged"),
        alarm(3, priority=4, kind="comm", cleared_at=2e9),
        alarm(4, device="mkz.gpu2", priority=2),
    )
    assert [one.id for one in open_history(url).alarms(which)] == found


def test_open_occurrences_come_the_first_raised_first(url: str, write: Write) -> None:
    write(*(alarm(n, cleared_at=2e9 if n % 2 else None) for n in range(1, 8)))
    assert [one.id for one in open_history(url).open_alarms()] == [2, 4, 6]


@given(times=st.lists(st.integers(0, 5), min_size=1, max_size=20), page=st.integers(1, 7))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_join_whatever_the_clock_did(
    tmp_path_factory: pytest.TempPathFactory, times: list[int], page: int
) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('pages')}/history.sqlite3"
    _write(url, *(event(n, time=1e9 + time) for n, time in enumerate(times)))
    _pages_join(open_history(url), page, len(times))


def test_pages_join_on_both(url: str, write: Write) -> None:
    write(*(event(n, time=1e9 + n % 3) for n in range(20)), *(alarm(n, raised_at=1e9 + n % 3) for n in range(1, 21)))
    history = open_history(url)
    _pages_join(history, 3, 20)
    seen: list[int] = []
    while found := history.alarms(limit=3, before_id=seen[-1] if seen else None):
        seen += [one.id for one in found]
    assert seen == [one.id for one in history.alarms()]
    assert history.journal(before_id=10**9) == []


def _pages_join(history: History, page: int, count: int) -> None:
    seen: list[Entry] = []
    while found := history.journal(limit=page, before_id=seen[-1].id if seen else None):
        seen += found
    assert len(seen) == count
    assert seen == sorted(seen, key=lambda entry: (entry.event.time, entry.id), reverse=True)


def _write(url: str, *items: Event) -> None:
    ledger = Ledger(url, "place")
    ledger.write([record_of(item, "run", number) for number, item in enumerate(items, 1)])
    ledger.close()


def test_a_live_tail_asks_for_what_came_after(url: str, write: Write) -> None:
    write(event(1), event(2))
    history = open_history(url)
    newest = history.journal(limit=1)[0].id
    assert history.journal(after_id=newest) == []
    _write(url, event(3), event(4))
    assert [entry.event.key for entry in history.journal(after_id=newest)] == ["4", "3"]


def test_counts(url: str, write: Write) -> None:
    write(
        *(event(n) for n in range(3)),
        event(4, category="login"),
        alarm(1),
        alarm(2, priority=3),
        alarm(3, priority=3, raised_at=1e9 + 1200.5),
    )
    history = open_history(url)
    assert history.journal_counts() == {"runtime": 3, "login": 1}
    assert list(history.journal_counts(JournalFilter(category=("login",)), by="key")) == ["4"]
    assert list(history.alarm_counts().items()) == [(3, 2), (1, 1)]
    assert history.alarm_counts(AlarmFilter(priority=(1,)), by="device") == {"mkz.gpu1": 1}
    assert history.alarm_rate() == [(999999600.0, 2), (1000000800.0, 1)]
    with pytest.raises(ValueError, match="cannot count by 'comment': one of category, site"):
        history.journal_counts(by="comment")


def test_a_page_has_its_limits(url: str, write: Write) -> None:
    write(event(1), event(2))
    history = open_history(url)
    assert len(history.journal(limit=0)) == len(history.journal(limit=-5)) == 1
    assert len(history.journal(limit=LONGEST_PAGE * 10)) == 2


@pytest.mark.parametrize(
    ("which", "index", "before_id"),
    [
        (JournalFilter(), "journal_time", None),
        (JournalFilter(since=1.0, until=2.0, q="x"), "journal_time (time>? AND time<?)", None),
        (JournalFilter(category=("login",)), "journal_category (category=?)", None),
        (JournalFilter(device="mkz.gpu1", since=1.0), "journal_device (device=? AND time>?)", None),
        (JournalFilter(key="k"), "journal_key (key=?)", None),
        (AlarmFilter(), "alarm_raised", None),
        (AlarmFilter(device="mkz.gpu1"), "alarm_device (device=?)", None),
        (AlarmFilter(key="k"), "alarm_key (key=?)", None),
        (AlarmFilter(open_only=True), "alarm_open", None),
        (JournalFilter(), "journal_time (time<?)", 1),
        (JournalFilter(device="mkz.gpu1"), "journal_device (device=? AND time<?)", 1),
        (AlarmFilter(), "alarm_raised (raised_at<?)", 1),
    ],
)
def test_every_index_serves_a_question_and_nothing_is_sorted(
    tmp_path: Path, write_sqlite: Write, which: JournalFilter | AlarmFilter, index: str, before_id: int | None
) -> None:
    url = f"sqlite:///{tmp_path}/history.sqlite3"
    write_sqlite(event(1), alarm(1))
    statements: list[tuple[str, tuple[object, ...]]] = []

    class Listening(peewee.SqliteDatabase):
        def execute_sql(self, sql: str, params: tuple[object, ...] | None = None) -> sqlite3.Cursor:
            statements.append((sql, params or ()))
            return super().execute_sql(sql, params)  # type: ignore[no-untyped-call, no-any-return]

    database = Listening(database_of(url).database)
    register_folding(database)
    with database.connection_context():
        if isinstance(which, JournalFilter):
            journal_page(database, which, 100, before_id, None)
        else:
            alarm_page(database, which, 100, before_id)
        sql, params = statements[-1]
        plan = [row[3] for row in database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", params).fetchall()]
    (line,) = plan
    assert index in line
