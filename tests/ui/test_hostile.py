"""What a hostile client sends: paths out of the folder, too much, too often, malformed; nothing is a 500."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.ui.conftest import accounts_of, as_role, make_app
from tests.ui.fake_plant import FakePlant
from ui.pace import Pace


@pytest.fixture(scope="module")
def one_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """For cases that each come from an address of their own, since strangers are held up by what they did before."""
    plant = FakePlant(tmp_path_factory.mktemp("hostile") / "run")
    app = make_app(plant.folder.folder)
    yield app
    accounts_of(app).close()
    plant.close()


def stranger(app: Flask) -> FlaskClient:
    client = as_role(app, None)
    client.environ_base["REMOTE_ADDR"] = f"10.1.0.{next(_addresses)}"
    return client


_addresses = itertools.count(1)
DEEP = "[" * 20_000 + "]" * 20_000


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/app.py", "/static/..%5capp.py",
        "/static//etc/passwd", "/static/%2fetc%2fpasswd", "/static/js/..%2f..%2f..%2fscada.ini",
        "/tags/..%2f..%2fetc%2fpasswd", "/api/links/..%2f..%2fx/frames", "/api/tags/%00", "/static/js/shell.js%00.css",
    ],
)  # fmt: skip
def test_no_path_leads_out(one_app: Flask, path: str) -> None:
    answer = one_app.test_client(use_cookies=False).get(path, follow_redirects=True)
    assert answer.status_code in (400, 404)
    assert b"root:" not in answer.get_data()
    assert b"from __future__" not in answer.get_data()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"{", "application/json"),
        (b"\xff\xfe", "application/json"),
        (b'"text"', "application/json"),
        (b"null", "application/json"),
        (b"NaN", "application/json"),
        (DEEP.encode(), "application/json"),
        (b'{"name": "a", "name": "b"}', "application/json"),
        (b'{"name": "\\ud800", "password": "\\ud800"}', "application/json"),
        (b'{"name": "a\\u0000", "password": "x"}', "application/json"),
        (b'{"name": ["a"], "password": {"x": 1}}', "application/json"),
        (b'{"name": 1e999, "password": 1}', "application/json"),
        (b"", "application/json"),
        (b"x" * 70_000, "application/json"),
        (b"<xml/>", "text/xml"),
    ],
)
@pytest.mark.parametrize("path", ["/api/login", "/api/link", "/api/link/use"])
def test_malformed_bodies_are_told_as_such(one_app: Flask, path: str, data: bytes, kind: str) -> None:
    answer = stranger(one_app).post(path, data=data, content_type=kind)
    assert answer.status_code in (400, 401, 410, 413, 415), answer.get_data()
    assert answer.get_json()["error"]["message"]


@pytest.mark.parametrize(
    "authorization",
    ["Bearer", "Bearer ", "Bearer \xff", "Basic b3BlcmF0b3I6eA==", f"Bearer {'x' * 5000}", "bearer x", "Bearer a b"],
)
def test_tokens_that_are_none(one_app: Flask, authorization: str) -> None:
    answer = stranger(one_app).get("/api/tags", headers={"Authorization": authorization})
    assert answer.status_code == 401
    assert authorization[7:40].strip() not in answer.get_data(as_text=True) or len(authorization) < 12


@pytest.mark.parametrize("value", ["", "x", "x" * 4000, "a\\b", "\u2028", '"'])
def test_cookies_that_are_none(one_app: Flask, value: str) -> None:
    client = stranger(one_app)
    client.set_cookie("scada_80", value, domain="localhost")
    assert client.get("/api/tags").status_code == 401


def test_too_often(app: Flask) -> None:
    client = as_role(app, None)
    codes = [client.post("/api/link", json={"link": "x"}).status_code for _ in range(400)]
    assert codes[0] == 410
    assert 429 in codes
    answer = client.post("/api/link", json={"link": "x"})
    assert answer.get_json()["error"]["code"] == "too-many-requests"
    elsewhere = client.post("/api/link", json={"link": "x"}, environ_overrides={"REMOTE_ADDR": "10.0.0.9"})
    assert elsewhere.status_code == 410, "others are not held up"


def test_pace_lets_through_what_it_says() -> None:
    now = [0.0]
    pace = Pace(2.0, 3, lambda: now[0])
    assert [pace.wait_s("a") for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    assert pace.wait_s("b") == 0.0
    now[0] = 0.5
    assert pace.wait_s("a") == 0.0
    assert pace.wait_s("a") == 0.5
    now[0] = 1000.0
    assert [pace.wait_s("a") for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]


def test_headers_say_it_on_every_answer(client: FlaskClient, app: Flask) -> None:
    answers: list[Any] = [client.get(path) for path in ("/", "/api/tags", "/none")]
    answers.append(as_role(app, None).get("/login"))
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "Strict-Transport-Security" not in answer.headers
    secure = client.get("/", base_url="https://localhost")
    assert "max-age=" in secure.headers["Strict-Transport-Security"]
