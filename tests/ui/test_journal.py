"""The journal over REST: filters, pages, CSV, and what is said while there is no history."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from runtime.engineering import LOGINS
from runtime.scan.alarms.table import Event as AlarmEvent
from tagdb.history import Event, HistoryWriter
from tests.ui.conftest import make_app
from tests.ui.fake_alarms import write_history
from tests.ui.fake_plant import FakePlant
from tests.ui.test_api import check
from ui.language import Language, texts


@pytest.fixture
def past(plant: FakePlant, tmp_path: Path) -> FlaskClient:
    return make_app(plant.folder.folder, "ru", history=write_history(tmp_path)).test_client(use_cookies=False)


def test_the_newest_comes_first(past: FlaskClient) -> None:
    answer = past.get("/api/journal")
    check(answer, "/api/journal")
    body = answer.get_json()
    assert [row["event"] for row in body["entries"][:3]] == ["close", "acknowledge", "raise"]
    assert body["entries"][1]["time"] == "2023-11-14T22:15:00.500Z"
    assert body["entries"][1]["text"] == {"en": "Reverse power", "ru": "Обратная мощность"}
    assert (len(body["entries"]), body["next"]) == (8, None)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("category=breaker", 1),
        ("category=breaker,alarm", 8),
        ("site=yakz", 1),
        ("device=mkz.gpu1", 7),
        ("q=БРИГАДУ", 1),
        ("event=raise", 6),
        ("key=mkz.gpu1.shutdown_high_temp", 6),
        ("from=2023-11-14T22:15:00Z", 2),
        ("from=2023-11-14T22:13:22&to=2023-11-14T22:13:24Z", 2),
        ("to=2023-11-15T01:13:21%2B03:00", 1),
    ],
)
def test_filters(past: FlaskClient, query: str, count: int) -> None:
    assert len(past.get(f"/api/journal?{query}").get_json()["entries"]) == count


def test_pages_and_the_live_tail(past: FlaskClient) -> None:
    first = past.get("/api/journal?limit=3").get_json()
    second = past.get(f"/api/journal?limit=3&before={first['next']}").get_json()
    times = [row["time"] for row in first["entries"] + second["entries"]]
    assert len(set(times)) == 6
    assert times == sorted(times, reverse=True)
    assert len(past.get(f"/api/journal?after={second['entries'][0]['id']}").get_json()["entries"]) == 3


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("from=yesterday", "bad-time"),
        ("category=weather", "bad-category"),
        ("before=x", "bad-before"),
        ("limit=-1", "bad-limit"),
    ],
)
def test_bad_questions(past: FlaskClient, query: str, code: str) -> None:
    answer = past.get(f"/api/journal?{query}")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, code)


@pytest.mark.parametrize(("language", "delimiter"), [("ru", ";"), ("en", ",")])
def test_csv(past: FlaskClient, language: str, delimiter: str) -> None:
    answer = past.get(f"/api/journal.csv?category=alarm&lang={language}")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "journal.csv" in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=delimiter))
    assert len(rows) == 7
    assert rows[0]["comment"] == "Вызвал бригаду"


@pytest.mark.parametrize(("language", "words"), [("ru", ("Ожидание", "Работа")), ("en", ("Standby", "Running"))])
def test_states_are_told_in_the_language(past: FlaskClient, language: str, words: tuple[str, str]) -> None:
    (row,) = past.get(f"/api/journal?category=breaker&lang={language}").get_json()["entries"]
    assert (row["before"], row["after"]) == words


@pytest.mark.parametrize(("language", "said"), [("ru", "Агрегат стоит"), ("en", "The genset stands still")])
def test_why_is_told_in_the_language(plant: FakePlant, tmp_path: Path, language: str, said: str) -> None:
    url = f"sqlite:///{tmp_path / 'history.sqlite3'}"
    why = {"en": "The genset stands still", "ru": "Агрегат стоит"}
    writer = HistoryWriter(url, tmp_path / "spool")
    both = " / ".join(why.values())
    writer.post(Event(time=1_700_000_000.0, category="alarm", event="suppress", comment=both, data={"why": why}))
    writer.start()
    assert writer.flush(30)
    writer.stop()
    client = make_app(plant.folder.folder, history=url).test_client(use_cookies=False)
    (row,) = client.get(f"/api/journal?lang={language}").get_json()["entries"]
    assert row["comment"] == said


def test_every_event_of_the_journal_has_its_word_in_both_languages() -> None:
    several = {f"{event}-several" for event in ("suppress", "unsuppress", "unsafe", "resolve", "removed")}
    events = {*map(str, AlarmEvent), *LOGINS, *several, "start", "stop", "reload", "heartbeat"}
    for language in Language:
        assert {event for event in events if f"event.{event}" not in texts(language)} == set()


def test_no_history_is_said_plainly(client: FlaskClient) -> None:
    for path in ("/api/journal", "/api/journal.csv", "/api/alarms/history"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert answer.get_json() == {"error": {"code": "no-history", "message": "no history is configured"}}


def test_a_history_that_is_not_there_yet_is_opened_later(plant: FakePlant, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'history.sqlite3'}"
    client = make_app(plant.folder.folder, history=url).test_client(use_cookies=False)
    answer = client.get("/api/journal")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "history-gone")
    assert not (tmp_path / "history.sqlite3").exists()
    assert write_history(tmp_path) == url
    assert len(client.get("/api/journal").get_json()["entries"]) == 8


def test_an_unknown_url_is_a_sentence(plant: FakePlant) -> None:
    client = make_app(plant.folder.folder, history="mysql://x").test_client(use_cookies=False)
    assert "'mysql' is no database we know" in client.get("/api/journal.csv").get_json()["error"]["message"]
