"""REST of recorded values: series, gaps, moments, statistics, states, totals, files; all as documented."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tagdb import Kind, Quality
from tests.tagdb.samples.bench import NOON, Bench, tag
from tests.ui.conftest import make_app
from tests.ui.fake_plant import FakePlant
from tests.ui.test_api import check

POWER, STATUS, ENERGY = "mkz.gpu1.power_total", "mkz.gpu1.gen_status", "mkz.gpu1.energy"
TAGS = [
    tag(POWER, 0, unit="kW", decimals=1),
    tag(STATUS, 1, Kind.ENUM),
    tag(ENERGY, 2, Kind.INT, unit="kWh"),
    tag("mkz.gpu1.note", 3, Kind.TEXT),
    tag("mkz.gpu1.slope", 4, deadband=0.5, compression="swinging-door"),
]
HOUR = "from=2026-11-24T12:00:00Z&to=2026-11-24T13:00:00Z"


@pytest.fixture
def client(plant: FakePlant, tmp_path: Path) -> FlaskClient:
    one = Bench(f"sqlite:///{tmp_path}/history-samples.sqlite3", tmp_path, TAGS)
    for minute in range(30):
        values = {POWER: 100.0 + minute, STATUS: 9 if minute < 20 else 0, ENERGY: 5000 + minute}
        if minute >= 25:
            values[ENERGY] = minute - 25
        one.scan(NOON + 60 * minute, values | {"mkz.gpu1.note": f"{minute // 10}", "mkz.gpu1.slope": 2.0 * minute})
    one.mark(NOON + 1800, POWER, Quality.NOT_CONNECTED)
    one.write(NOON + 2700)
    one.close()
    app = make_app(plant.folder.folder, "ru", history=f"sqlite:///{tmp_path}/history.sqlite3")
    return app.test_client(use_cookies=False)


def test_a_short_span_is_samples(client: FlaskClient) -> None:
    answer = client.get(f"/api/history?tags={POWER},none,mkz.gpu1.note&{HOUR}")
    check(answer, "/api/history")
    body = answer.get_json()
    assert (body["from"], body["until"]) == ("2026-11-24T12:00:00.000Z", "2026-11-24T12:45:00.000Z")
    assert body["unknown"] == ["none"]
    power, note = body["series"]
    assert (power["form"], power["tier"], power["shape"], power["unit"]) == ("samples", "raw", "step", "kW")
    assert power["v"][:2] == [100, 101]
    assert (power["v"][-1], power["q"][-1]) == (None, 522)
    assert power["t"][0] == round(NOON * 1000)
    assert note["v"] == ["0", "1", "2"]


def test_epoch_seconds_are_times_too(client: FlaskClient) -> None:
    span = f"from={NOON + 90.5}&to={NOON + 200}"
    series = client.get(f"/api/history?tags={POWER}&{span}").get_json()["series"][0]
    assert series["v"] == [101, 102, 103]  # the first is in force where the span begins


def test_many_samples_become_buckets_that_keep_extremes(client: FlaskClient) -> None:
    answer = client.get(f"/api/history?tags={POWER}&{HOUR}&points=4")
    check(answer, "/api/history")
    series = answer.get_json()["series"][0]
    assert (series["form"], series["step_ms"], len(series["t"])) == ("buckets", 900_000, 4)
    assert (series["low"], series["high"]) == ([100, 115, None, None], [114, 129, None, None])
    assert series["mean"][0] == 107
    assert series["good"] == [1, 1, 0, 0]


def test_a_line_says_so_and_reaches_beyond_the_end(client: FlaskClient) -> None:
    series = client.get(f"/api/history?tags=mkz.gpu1.slope&from={NOON + 300}&to={NOON + 600}").get_json()["series"][0]
    assert series["shape"] == "line"
    assert series["v"] == [0, 58]


def test_values_at_a_moment(client: FlaskClient) -> None:
    answer = client.get(f"/api/history/at?tags={POWER},{STATUS},mkz.gpu1.slope&time={NOON + 90}&lang=en")
    check(answer, "/api/history/at")
    power, status, slope = answer.get_json()["values"]
    assert (power["value"], power["text"], power["time"]) == (101.0, "101.0", "2026-11-24T12:01:00.000Z")
    assert status["text"] == "Running"
    assert slope["value"] == pytest.approx(3.0)
    after = client.get(f"/api/history/at?tags={POWER}&time={NOON + 2000}").get_json()["values"][0]
    assert (after["value"], after["quality"], after["reason"]) == (None, "bad", "not connected")
    assert client.get(f"/api/history/at?tags={POWER}&time={NOON - 2000}").get_json()["unknown"] == [POWER]


def test_statistics(client: FlaskClient) -> None:
    answer = client.get(f"/api/history/statistics?tags={POWER}&{HOUR}")
    check(answer, "/api/history/statistics")
    row = answer.get_json()["statistics"][0]
    assert (row["low"], row["high"], row["mean"], row["last"], row["good"]) == (100, 129, 114.5, 129, 0.5)


def test_time_in_states(client: FlaskClient) -> None:
    answer = client.get(f"/api/history/states?tags={STATUS}&{HOUR}&lang=en")
    check(answer, "/api/history/states")
    states = answer.get_json()["tags"][0]["states"]
    assert [(state["value"], state["seconds"], state["times"]) for state in states] == [
        (0, 1500, 1), (9, 1200, 1), (None, 900, 0),
    ]  # fmt: skip
    assert states[1]["text"] == "Running"


def test_totals_survive_a_reset(client: FlaskClient) -> None:
    answer = client.get(f"/api/history/totals?tags={ENERGY}&{HOUR}")
    check(answer, "/api/history/totals")
    row = answer.get_json()["totals"][0]
    assert (row["total"], row["resets"], row["unit"]) == (24 + 4, 1, "kWh")


def test_files(client: FlaskClient) -> None:
    answer = client.get(f"/api/history.csv?tags={POWER}&{HOUR}&lang=en")
    lines = answer.get_data(as_text=True).splitlines()
    assert lines[0] == "\ufefftime,tag,value,quality,kind,unit,decimals,shape"
    assert lines[1] == f"2026-11-24T12:00:00.000Z,{POWER},100.0,192,float,kW,1,step"
    assert len(lines) == 32
    table = client.get(f"/api/history.csv?tags={POWER}&{HOUR}&step=900").get_data(as_text=True).splitlines()
    assert table[1] == "2026-11-24T12:00:00.000Z;107.0"
    book = client.get(f"/api/history.xlsx?tags={POWER}&{HOUR}")
    assert book.get_data()[:2] == b"PK"
    book.close()


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/history", "no-tags"),
        (f"/api/history?tags={POWER}&from=yesterday", "bad-time"),
        (f"/api/history?tags={POWER}&from=2026-11-25&to=2026-11-24", "bad-span"),
        (f"/api/history?tags={POWER}&points=1", "bad-points"),
        (f"/api/history?tags={POWER}&points={'9' * 5000}", "bad-points"),
        (f"/api/history.csv?tags={POWER}&step={'9' * 5000}", "bad-step"),
        (f"/api/history?tags={POWER}&from=0202-11-24&to=2026-11-24", "bad-span"),
        (f"/api/history?tags={POWER}&to=9999-12-31T23:59:59-12:00", "bad-time"),
        (f"/api/history/at?tags={POWER}&time=0001-01-01T00:00:00%2B12:00", "bad-time"),
        ("/api/history?tags=" + ",".join(map(str, range(51))), "too-many-tags"),
        (f"/api/history/at?tags={POWER}", "no-time"),
        (f"/api/history.csv?tags={POWER}&step=0", "bad-step"),
        (f"/api/history.xlsx?tags={POWER}&from=1000000000&to=1700000000&step=1", "too-many-rows"),
    ],
)
def test_what_is_asked_wrongly(client: FlaskClient, path: str, code: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, code)


@pytest.mark.parametrize(("history", "code"), [("", "no-history"), ("none.sqlite3", "history-gone")])
def test_without_a_history(plant: FakePlant, tmp_path: Path, history: str, code: str) -> None:
    url = f"sqlite:///{tmp_path}/{history}" if history else ""
    answer = make_app(plant.folder.folder, history=url).test_client(use_cookies=False).get(f"/api/history?tags={POWER}")
    check(answer, "/api/history")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, code)
