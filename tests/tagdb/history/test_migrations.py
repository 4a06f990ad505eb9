"""The schema comes forward by itself from every earlier one; ``schemas/`` holds each as its program left it.

A new migration needs a snapshot of the schema before it, with a row or two, made by that program::

    sqlite3 var/history.sqlite3 .dump > tests/tagdb/history/schemas/sqlite-<number>.sql
    pg_dump --inserts --no-owner history > tests/tagdb/history/schemas/postgresql-<number>.sql
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import peewee
import psycopg2
import pytest

from tagdb.history import History, SchemaTooNew, SchemaTooOld, open_history
from tagdb.history.database import database_of, is_sqlite, run
from tagdb.history.migrations import LINEAGE
from tagdb.history.models import Alarm, Journal, RuntimeState, WriterMark, columns_of, table_of

NEWEST = LINEAGE.newest
_SCHEMAS = Path(__file__).parent / "schemas"


@pytest.fixture
def database(url: str) -> Iterator[peewee.Database]:
    made = database_of(url)
    made.connect()
    yield made
    made.close()


def indexes(database: peewee.Database) -> set[tuple[str, str]]:
    tables = sorted(database.get_tables())
    found = [(index.name, index.sql) for table in tables for index in database.get_indexes(table)]
    return {(name, re.sub(r"\s+", " ", sql or "")) for name, sql in found}


def shape(database: peewee.Database) -> dict[str, list[tuple[str, str, bool]]]:
    tables = sorted(database.get_tables())
    return {table: [(c.name, c.data_type, c.null) for c in database.get_columns(table)] for table in tables}


def test_the_numbers_count_up_from_one() -> None:
    assert [step.number for step in LINEAGE.steps] == list(range(1, NEWEST + 1))


def test_there_is_a_snapshot_of_every_schema() -> None:
    wanted = {f"{kind}-{number}.sql" for kind in ("sqlite", "postgresql") for number in range(1, NEWEST + 1)}
    assert {path.name for path in _SCHEMAS.iterdir()} == wanted


def test_a_new_database_gets_the_tables_of_the_models(database: peewee.Database) -> None:
    assert LINEAGE.migrate(database) == NEWEST
    assert LINEAGE.version(database) == NEWEST
    assert LINEAGE.migrate(database) == 0
    for model in (Journal, Alarm, RuntimeState, WriterMark):
        columns = database.get_columns(table_of(model))
        assert [column.name for column in columns] == list(columns_of(model))
        nullable = {name for name, field in model._meta.fields.items() if field.null}
        assert {column.name for column in columns if column.null and not column.primary_key} == nullable


def load(url: str, number: int) -> None:
    if url.startswith("sqlite"):
        file = sqlite3.connect(url.removeprefix("sqlite:///"))
        file.executescript((_SCHEMAS / f"sqlite-{number}.sql").read_text())
        file.close()
        return
    dump = (_SCHEMAS / f"postgresql-{number}.sql").read_text()
    # psql's own commands, which some versions of pg_dump write, are not SQL
    sql = "\n".join(line for line in dump.splitlines() if not line.startswith("\\"))
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(sql)
    connection.close()


@pytest.mark.parametrize("number", range(1, NEWEST + 1))
def test_every_earlier_schema_comes_forward_with_its_rows(url: str, tmp_path: Path, number: int) -> None:
    load(url, number)
    database = database_of(url)
    with database.connection_context():
        assert LINEAGE.version(database) == number
    history = open_history(url)
    new = database_of(f"sqlite:///{tmp_path}/new.sqlite3") if is_sqlite(database) else None
    with database.connection_context():
        assert LINEAGE.version(database) == NEWEST
        if new is not None:
            with new.connection_context():
                LINEAGE.migrate(new)
                assert shape(database) == shape(new)
                assert indexes(database) == indexes(new)
    (entry,) = history.journal()
    assert entry.event.text == {"en": "Breaker closed", "ru": "Выключатель включён"}
    assert entry.event.data == {"schema": number}
    assert [alarm.id for alarm in history.alarms()] == ([7] if number >= 2 else [])
    assert history.retained() == ({"hours": 5} if number >= 3 else {})


def test_a_newer_schema_is_refused_with_a_sentence(url: str) -> None:
    open_history(url)
    database = database_of(url)
    with database.connection_context():
        run(database, f"INSERT INTO schema_version VALUES ({NEWEST + 1}, 'of the future')")
    for read_only in (False, True):
        with pytest.raises(SchemaTooNew, match=f"has schema {NEWEST + 1}, this program knows schemas up to {NEWEST}: "):
            open_history(url, read_only=read_only)


def test_a_reader_does_not_bring_the_schema_forward(url: str) -> None:
    database = database_of(url)
    with database.connection_context():
        LINEAGE.migrate(database, newest=1)
    with pytest.raises(SchemaTooOld, match="start the runtime once"):
        open_history(url, read_only=True)
    with database.connection_context():
        assert LINEAGE.version(database) == 1


def test_a_migration_that_breaks_leaves_the_earlier_schema(url: str, database: peewee.Database) -> None:
    LINEAGE.migrate(database, newest=1)
    run(database, "CREATE TABLE runtime_state (in_the_way INTEGER)")
    before = shape(database)
    with pytest.raises(peewee.PeeweeException):
        LINEAGE.migrate(database)
    assert LINEAGE.version(database) == 1
    assert shape(database) == before


def test_two_programs_that_open_at_once_take_turns(url: str) -> None:
    problems: list[BaseException] = []
    gate = threading.Barrier(3)

    def work() -> None:
        history = History(url, read_only=False, timeout_s=10)
        gate.wait(60)
        try:
            history.bring_forward()
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
    open_history(url, read_only=True)


def test_the_journal_refuses_to_be_changed(database: peewee.Database) -> None:
    LINEAGE.migrate(database)
    row = "1, 1, NULL, 'runtime', '', '', '', 'x', '', '', '', '', '', '', '{}'"
    run(database, f"INSERT INTO journal VALUES ({row})")
    with pytest.raises(peewee.PeeweeException, match="append-only"):
        run(database, "UPDATE journal SET comment = 'never happened'")
