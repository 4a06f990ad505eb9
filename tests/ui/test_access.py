"""Every route × every role, out of the application's own routing table; and what a route without a rule gets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tagdb.accounts import RIGHTS, Right, Role
from tests.ui.conftest import accounts_of, as_role, make_app
from tests.ui.fake_plant import FakePlant
from ui import create_app
from ui.access import ACCESS, AUDITED, MESSAGES, Open

NOBODY = ("no-session", "no-token")


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakePlant]:
    plant = FakePlant(tmp_path_factory.mktemp("access") / "run")
    yield plant
    plant.close()


@pytest.fixture(scope="module")
def app(plant: FakePlant) -> Iterator[Flask]:
    app = make_app(plant.folder.folder)
    yield app
    accounts_of(app).close()


def routes(app: Flask) -> Iterator[tuple[str, str, str]]:
    """(method, path with something for its parts, endpoint) of all but the files."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if rule.endpoint == "static" or rule.websocket:
                continue
            values: dict[str, Any] = {name: 1 if "int:" in str(rule) else "x" for name in rule.arguments}
            _, path = rule.build(values)  # type: ignore[misc]
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, path, rule.endpoint


def code_of(answer: Any) -> str:
    body = answer.get_json(silent=True) or {}
    error = body.get("error")
    return error["code"] if isinstance(error, dict) else ""


def test_every_route_has_a_rule_and_every_rule_a_route(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert endpoints - set(ACCESS) == set(), "say in ui/access.py who may use it"
    assert set(ACCESS) - endpoints == set()
    assert set(app.blueprints) >= AUDITED


def test_a_route_without_a_rule_is_refused_to_everybody(plant: FakePlant, tmp_path: Path) -> None:
    app = make_app(plant.folder.folder, failures=3)

    @app.get("/api/forgotten", endpoint="forgotten")
    def forgotten() -> str:
        raise AssertionError("it was reached")

    for role in (None, *Role):
        answer = as_role(app, role).get("/api/forgotten")
        assert (answer.status_code, code_of(answer)) == (403, "no-rule")
    accounts_of(app).close()


@pytest.mark.parametrize("role", [None, *Role], ids=lambda role: role.word if role else "nobody")
def test_the_matrix(app: Flask, role: Role | None) -> None:
    client = as_role(app, role)
    for method, path, endpoint in routes(app):
        need = ACCESS[endpoint]
        answer = client.open(path, method=method, json=None if method == "GET" else {"unknown key": 1})
        where = (method, path, role, answer.status_code, answer.get_data()[:200])
        code = code_of(answer)
        if need is Open.PUBLIC:
            assert code not in (*NOBODY, "not-allowed"), where
        elif role is None:
            to_login = answer.status_code == 302 and "/login?next=" in answer.headers["Location"]
            assert to_login or (answer.status_code == 401 and code in NOBODY), where
        elif need is Open.OWN:
            assert (answer.status_code, code) == (403, "not-allowed"), (where, "a program has no profile")
        elif isinstance(need, Right) and role >= RIGHTS[need]:
            assert code not in (*NOBODY, "not-allowed"), where
        else:
            assert answer.status_code == 403, where
            assert code in ("not-allowed", ""), where


@pytest.mark.parametrize("role", Role, ids=lambda role: role.word)
def test_nothing_was_changed_by_who_may_not(app: Flask, role: Role) -> None:
    accounts = accounts_of(app)
    before = (accounts.users.all(), len(accounts.tokens.all()))
    client = as_role(app, role)
    answer = client.post("/api/users", json={"name": f"by {role.word}", "role": "administrator"})
    assert (answer.status_code == 201) is (role is Role.ADMINISTRATOR)
    if role is not Role.ADMINISTRATOR:
        assert accounts.users.all() == before[0]


def test_every_message_of_the_feed_has_a_rule() -> None:
    assert set(MESSAGES) == {"subscribe", "subscribe_alarms"}
    assert set(MESSAGES.values()) <= set(Right)


def test_without_accounts_nobody_may_anything(plant: FakePlant) -> None:
    client = create_app(plant.folder.folder).test_client()
    answer = client.get("/api/tags", headers={"Authorization": "Bearer x"})
    assert (answer.status_code, code_of(answer)) == (503, "no-accounts")
    assert client.get("/healthz").status_code in (200, 503)
    assert code_of(client.post("/api/login", json={"name": "a", "password": "b"})) == "no-accounts"


def test_rights_are_read_anew_for_each_request(app: Flask) -> None:
    accounts = accounts_of(app)
    secret, info = accounts.tokens.create("short", Role.ADMINISTRATOR, "tests")
    client, headers = as_role(app, None), {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/users", headers=headers).status_code == 200
    accounts.tokens.end(info.reference)
    answer = client.get("/api/users", headers=headers)
    assert (answer.status_code, code_of(answer)) == (401, "token-ended")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
