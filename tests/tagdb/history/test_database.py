"""Which database a URL means, and that no password gets anywhere."""

from __future__ import annotations

import pytest

from tagdb.history.database import BadUrl, connect, database_of, run, sentence, shown


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://user@host/db", "'mysql' is no database we know: the URL begins with sqlite:/// or postgresql://"),
        (
            "history.sqlite3",
            "'history.sqlite3' is no database we know: the URL begins with sqlite:/// or postgresql://",
        ),
        (
            "sqlite://var/history",
            "sqlite://var/history: a file is named by three slashes, sqlite:///var/history.sqlite3",
        ),
        ("sqlite://", "sqlite://: a file is named by three slashes, sqlite:///var/history.sqlite3"),
        (
            "postgresql://user:geheim@host/db",
            "postgresql://user@host/db: the password goes into ~/.pgpass or PGPASSWORD, not into the URL",
        ),
        (
            "postgresql://user@host/db?password=geheim",
            "postgresql://user@host/db: the password goes into ~/.pgpass or PGPASSWORD, not into the URL",
        ),
        ("postgresql://user:geheim@host/db?colour=red", "postgresql://user@host/db: libpq cannot read this URL"),
    ],
)
def test_what_is_no_url_of_ours_is_refused(url: str, message: str) -> None:
    with pytest.raises(BadUrl) as caught:
        database_of(url)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("sqlite:///var/history.sqlite3", "sqlite:///var/history.sqlite3"),
        ("postgresql://user:a@b@host:5433/db?password=c", "postgresql://user@host:5433/db"),
        ("postgresql://host/db", "postgresql://host/db"),
    ],
)
def test_what_is_logged_has_no_password(url: str, text: str) -> None:
    assert shown(url) == text


def test_settings_of_sqlite(tmp_path: object) -> None:
    database = database_of(f"sqlite:///{tmp_path}/deep/er/history.sqlite3", timeout_s=1.5)
    connect(database)
    found = {
        name: run(database, f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    }
    database.close()
    assert found == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 1500}


def test_settings_of_postgresql(fresh_postgresql: str) -> None:
    database = database_of(fresh_postgresql, read_only=True, timeout_s=1.5)
    with database.connection_context():
        found = [
            run(database, f"SHOW {name}").fetchone()[0]
            for name in ("statement_timeout", "lock_timeout", "application_name", "default_transaction_read_only")
        ]
    assert found == ["1500ms", "1500ms", "scada", "on"]


def test_the_first_of_several_mistakes_is_told() -> None:
    problem = ValueError("nothing to roll back")
    problem.__context__ = OSError("the disk\nis full")
    assert sentence(problem) == "the disk is full"
    assert sentence(TimeoutError()) == "TimeoutError"
