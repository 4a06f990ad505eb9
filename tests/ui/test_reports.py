"""REST of reports: what is kept, any on demand, and what is refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import time as clock
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from reports import STYLE, ReportSettings, Shelf
from tagdb.samples import samples_url
from tests.reports.test_forms import REPORT
from tests.tagdb.samples.bench import Bench
from tests.ui.conftest import accounts_of, make_app
from tests.ui.fake_history import write_events
from tests.ui.fake_plant import FakePlant


@pytest.fixture
def app(plant: FakePlant, tmp_path: Path) -> Iterator[Flask]:
    url = f"sqlite:///{tmp_path / 'history.sqlite3'}"
    write_events(url, tmp_path, time.time())
    bench = Bench(samples_url(url), tmp_path, list(plant.tags), time.time() - 7200)
    for n in range(13):
        bench.scan(time.time() - 7200 + 600 * n, {"mkz.gpu1.energy_kwh": 100.0 + 10 * n, "mkz.gpu1.gen_closed": 1})
    bench.write(time.time())
    bench.close()
    settings = ReportSettings(tmp_path / "reports", shifts=(clock(0),), zone="Europe/Moscow")
    app = make_app(plant.folder.folder, history=url, reports=settings)
    yield app
    accounts_of(app).close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client(use_cookies=False)


def today() -> str:
    return time.strftime("%Y-%m", time.gmtime(time.time() + 3 * 3600))


def test_what_is_kept_and_what_may_be_asked_for(client: FlaskClient, tmp_path: Path) -> None:
    Shelf(tmp_path / "reports").put(REPORT, "en")
    answer = client.get("/api/reports").json
    assert answer
    assert [(row["kind"], row["period"], row["site"]) for row in answer["reports"]] == [("day", "2026-11-24", "mkz")]
    assert [site["site"] for site in answer["sites"]] == ["mkz", "yakz"]
    assert answer["sites"][0]["zone"] == "Europe/Moscow"
    assert set(answer["sites"][0]["last"]) == {"shift", "day", "month"}
    assert answer["made"] == ["shift", "day", "month"]


def test_a_kept_report_comes_as_it_was_kept(client: FlaskClient, tmp_path: Path) -> None:
    Shelf(tmp_path / "reports").put(replace(REPORT, title={"en": "As kept", "ru": "Как было"}), "en")
    answer = client.get("/api/reports/day/2026-11-24/mkz.html?lang=en")
    assert "As kept" in answer.text
    assert STYLE in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "As kept" not in client.get("/api/reports/day/2026-11-24/mkz.html?lang=en&fresh=1").text


@pytest.mark.parametrize(("form", "start"), [("html", b"<!doctype html>"), ("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")])
def test_a_report_on_demand(client: FlaskClient, form: str, start: bytes) -> None:
    answer = client.get(f"/api/reports/month/{today()}/mkz.{form}?lang=en")
    assert answer.status_code == 200
    assert answer.data.startswith(start)
    if form != "html":
        assert f'filename="month-{today()}-mkz.{form}"' in answer.headers["Content-Disposition"]


def test_its_figures_are_those_of_the_history(client: FlaskClient) -> None:
    text = client.get(f"/api/reports/month/{today()}/mkz.csv?lang=en").data.decode("utf-8-sig")
    energy = next(line for line in text.splitlines() if line.startswith('"Energy, kWh"'))
    assert energy.split(",")[2] in ("120", "110", "0"), "of this month, which may have begun an hour ago"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("day/2026-11-24/mkz.pdf", 400, "bad-format"),
        ("week/2026-11-24/mkz.html", 400, "bad-kind"),
        ("day/2026-24-11/mkz.html", 400, "bad-period"),
        ("day/2099-01-01/mkz.html", 400, "bad-period"),
        ("shift/2026-11-24-2/mkz.html", 400, "bad-period"),
        ("day/2026-11-24/mkzz.html", 404, "unknown-site"),
    ],
)
def test_what_is_refused(client: FlaskClient, path: str, status: int, code: str) -> None:
    answer = client.get(f"/api/reports/{path}")
    assert (answer.status_code, answer.json and answer.json["error"]["code"]) == (status, code)


def test_without_reports(plant: FakePlant) -> None:
    app = make_app(plant.folder.folder)
    assert app.test_client().get("/api/reports").status_code == 503
    assert app.test_client().get("/reports").status_code == 200
    accounts_of(app).close()
