"""Attempts that were turned away stand in the audit trail, whoever turned them away; what nobody asked for does not."""

from __future__ import annotations

import sqlite3

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tagdb.accounts import Role
from tagdb.audit import AuditFilter, reading
from tests.support.accounts import PASSWORD
from tests.ui.conftest import accounts_of, as_role, make_app
from tests.ui.fake_plant import FakePlant
from tests.ui.test_login import csrf, log_in
from ui.access import ACCESS, ACTIONS
from ui.services import Services

SELECT = "/api/devices/mkz.gpu1/commands/stop/select"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return as_role(app, None)


def told(app: Flask) -> list[tuple[str, str, str, str]]:
    """(who, action, result, detail) of what was refused or failed."""
    here: Services = app.extensions["scada"]
    assert here.audit
    here.audit.flush(30)
    path = accounts_of(app).settings.audit
    if not path.exists():
        return []
    with reading(path) as book:
        lines = book.lines(AuditFilter())[::-1]
    return [(line.who, line.action, line.result, line.detail) for line in lines if line.result != "done"]


def test_a_command_without_the_right_to_it(app: Flask) -> None:
    as_role(app, Role.VIEWER).post(SELECT, json={})
    assert told(app) == [
        ("test viewer", "command.select", "refused", '{"code":"not-allowed","command":"stop","status":403}'),
    ]


def test_a_change_without_the_token_of_its_page(app: Flask, client: FlaskClient) -> None:
    log_in(client)
    client.post(SELECT, json={})
    client.post("/api/tag-outs", json={}, headers={"Origin": "http://evil.example"})
    assert [(who, action, detail) for who, action, _, detail in told(app)] == [
        ("operator", "command.select", '{"code":"bad-csrf-token","command":"stop","status":403}'),
        ("operator", "tag-out", '{"code":"foreign-origin","status":403}'),
    ]


def test_a_wrong_password_before_a_change_of_the_own_account(app: Flask, client: FlaskClient) -> None:
    log_in(client)
    headers = csrf(client)
    client.post("/api/profile/password", json={"old": "wrong", "new": f"{PASSWORD} 2"}, headers=headers)
    client.post("/api/profile/second-factor/drop", json={"password": "wrong"}, headers=headers)
    assert [(who, action) for who, action, _, _ in told(app)] == [
        ("operator", "user.password"), ("operator", "user.second-factor"),
    ]  # fmt: skip


def test_an_order_that_no_runtime_took(app: Flask) -> None:
    as_role(app, Role.OPERATOR).post(SELECT, json={})
    assert told(app) == [
        ("test operator", "command.select", "failed", '{"code":"no-runtime","command":"stop","status":503}'),
    ]


def test_looking_and_steps_of_a_log_in_are_no_attempts(app: Flask, client: FlaskClient) -> None:
    log_in(client)
    client.get("/api/audit")
    client.post("/api/session/active", json={}, headers=csrf(client))
    as_role(app, None).post("/api/devices/mkz.gpu1/commands/stop/select", json={})
    assert told(app) == []


def test_where_a_session_is_used_is_told(app: Flask, client: FlaskClient) -> None:
    log_in(client)
    client.post(SELECT, json={}, environ_overrides={"REMOTE_ADDR": "10.0.0.66"})
    here: Services = app.extensions["scada"]
    assert here.audit
    here.audit.flush(30)
    with reading(accounts_of(app).settings.audit) as book:
        assert [line.origin for line in book.lines(AuditFilter(result="refused"))] == ["10.0.0.66"]


def test_what_an_attempt_was_at_is_told_as_the_runtime_would(app: Flask) -> None:
    """One filter finds what was done and what was not."""
    assert set(ACTIONS) <= set(ACCESS)
    as_role(app, Role.VIEWER).post(SELECT, json={})
    here: Services = app.extensions["scada"]
    assert here.audit
    here.audit.flush(30)
    with reading(accounts_of(app).settings.audit) as book:
        assert [line.target for line in book.lines(AuditFilter(action="force, command."))] == ["mkz.gpu1"]
        assert book.lines(AuditFilter(action="force,release,comm.")) == []


def test_who_lacks_a_second_factor_that_is_a_duty_is_offered_to_look(plant: FakePlant) -> None:
    app = make_app(plant.folder.folder, second_factor=Role.ENGINEER)
    engineer, operator = as_role(app, None), as_role(app, None)
    log_in(engineer, "engineer")
    log_in(operator, "operator")
    assert engineer.get("/api/session").get_json()["rights"] == ["view"]
    assert 'data-rights="view"' in engineer.get("/").get_data(as_text=True)
    assert "command" in operator.get("/api/session").get_json()["rights"]
    drop = engineer.post("/api/profile/second-factor/drop", json={"password": PASSWORD}, headers=csrf(engineer))
    assert (drop.status_code, drop.get_json()["error"]["code"]) == (403, "second-factor")
    accounts_of(app).close()


def test_accounts_that_are_locked_or_full_are_told_as_such(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(accounts_of(app).logins, "log_in", locked)
    answer = log_in(client)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "accounts-unavailable")
    assert "database is locked" not in answer.get_data(as_text=True)
