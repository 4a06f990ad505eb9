"""Logging in through the API: cookies, CSRF, fixation, waits, the second factor, one-time links, the audit trail."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tagdb.accounts import Role
from tagdb.accounts.totp import code_at
from tagdb.audit import AuditFilter, reading
from tests.support.accounts import PASSWORD, open_accounts
from tests.ui.conftest import accounts_of, as_role, make_app
from tests.ui.fake_plant import FakePlant
from ui import create_app
from ui.services import Services

COOKIE = "scada_80"


def code_of(answer: Any) -> str:
    return str((answer.get_json(silent=True) or {}).get("error", {}).get("code", ""))


def log_in(client: FlaskClient, name: str = "operator", password: str = PASSWORD, code: str = "", **more: Any) -> Any:
    return client.post("/api/login", json={"name": name, "password": password, "code": code}, **more)


def csrf(client: FlaskClient) -> dict[str, str]:
    """As the pages' scripts find it."""
    match = re.search(r'<meta name="csrf" content="(\w*)">', client.get("/").get_data(as_text=True))
    assert match
    return {"X-CSRF-Token": match[1]}


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie(COOKIE)
    return found.value if found else ""


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return as_role(app, None)


def lines(app: Flask, action: str = "") -> list[Any]:
    here: Services = app.extensions["scada"]
    assert here.audit
    assert here.audit.flush(20)
    with reading(accounts_of(app).settings.audit) as book:
        return book.lines(AuditFilter(action=action))[::-1]


def test_pages_lead_to_the_log_in_and_back(browser: FlaskClient) -> None:
    answer = browser.get("/alarms?tab=past")
    assert answer.headers["Location"] == "/login?next=/alarms%3Ftab%3Dpast"
    page = browser.get(answer.headers["Location"]).get_data(as_text=True)
    assert 'data-next="/alarms?tab=past"' in page
    assert log_in(browser).status_code == 200
    assert browser.get("/alarms").status_code == 200
    assert browser.get("/login").headers["Location"] == "/"


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:", "/\n/"])
def test_the_way_back_stays_here(browser: FlaskClient, target: str) -> None:
    assert 'data-next="/"' in browser.get("/login", query_string={"next": target}).get_data(as_text=True)


def test_the_cookie_is_of_no_use_to_scripts_and_other_sites(browser: FlaskClient) -> None:
    plain = log_in(browser).headers["Set-Cookie"]
    assert plain.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(plain.split("; "))
    assert "Secure" not in plain
    assert "Domain" not in plain
    secure = log_in(browser, base_url="https://localhost").headers["Set-Cookie"]
    assert secure.startswith("__Host-scada=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/", "Secure"} <= set(secure.split("; "))
    assert "Domain" not in secure


def test_a_session_that_was_there_before_is_not_taken_over(app: Flask, browser: FlaskClient) -> None:
    """Session fixation: whoever planted a cookie does not know the one that the log-in makes."""
    browser.set_cookie(COOKIE, "planted", domain="localhost")
    log_in(browser)
    first = cookie(browser)
    assert first not in ("", "planted")
    assert log_in(browser, "engineer").status_code == 200
    second = cookie(browser)
    assert second != first
    other = as_role(app, None)
    other.set_cookie(COOKIE, first, domain="localhost")
    assert code_of(other.get("/api/session")) == "session-ended"
    assert browser.get("/api/session").get_json()["name"] == "engineer"


def test_log_out_ends_it_everywhere(app: Flask, browser: FlaskClient) -> None:
    log_in(browser)
    secret = cookie(browser)
    assert browser.post("/api/logout", json={}, headers=csrf(browser)).status_code == 200
    assert cookie(browser) == ""
    other = as_role(app, None)
    other.set_cookie(COOKIE, secret, domain="localhost")
    assert other.get("/api/tags").status_code == 401
    assert other.get("/").status_code == 302


def test_changes_need_the_token_that_only_our_pages_have(app: Flask, browser: FlaskClient) -> None:
    log_in(browser, "administrator")
    body = {"name": "mallory", "role": "administrator"}
    for headers in ({}, {"X-CSRF-Token": "x" * 64}, {"X-CSRF-Token": "й"}):
        answer = browser.post("/api/users", json=body, headers=headers)
        assert (answer.status_code, code_of(answer)) == (403, "bad-csrf-token")
    other = as_role(app, None)
    log_in(other, "engineer")
    assert code_of(browser.post("/api/users", json=body, headers=csrf(other))) == "bad-csrf-token"
    assert browser.post("/api/users", json=body, headers=csrf(browser)).status_code == 201


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:81"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_pages_of_other_sites_change_nothing(browser: FlaskClient, headers: dict[str, str]) -> None:
    assert code_of(log_in(browser, headers=headers)) == "foreign-origin", "nor log anybody in"
    log_in(browser, "administrator")
    answer = browser.post("/api/users", json={"name": "x", "role": "viewer"}, headers={**csrf(browser), **headers})
    assert (answer.status_code, code_of(answer)) == (403, "foreign-origin")


def test_forms_of_other_sites_change_nothing(browser: FlaskClient) -> None:
    """A form can send these without asking first; none of them is JSON."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        answer = browser.post("/api/login", data='{"name": "operator", "password": "x"}', content_type=kind)
        assert (answer.status_code, code_of(answer)) == (415, "not-json")


def test_wrong_names_and_passwords_look_alike(app: Flask, browser: FlaskClient) -> None:
    accounts = accounts_of(app)
    accounts.users.add("nopassword", Role.VIEWER)
    answers = [log_in(browser, name, "wrong") for name in ("operator", "nobody", "nopassword")]
    assert {(answer.status_code, answer.get_data()) for answer in answers} == {(401, answers[0].get_data())}
    assert [line.target for line in lines(app, "login")] == ["operator", "unknown user", "nopassword"]
    assert {line.result for line in lines(app, "login")} == {"refused"}


def test_after_failures_one_waits(browser: FlaskClient) -> None:
    for _ in range(5):
        log_in(browser, password="wrong")
    answer = log_in(browser)
    assert (answer.status_code, code_of(answer)) == (429, "wait")


def test_a_second_factor_from_set_up_to_log_in(app: Flask, browser: FlaskClient) -> None:
    log_in(browser)
    headers = csrf(browser)
    made = browser.post("/api/profile/second-factor/new", json={}, headers=headers).get_json()
    assert made["svg"].startswith("<svg")
    assert "script" not in made["svg"]
    step = int(time.time() // 30)
    body = {"password": PASSWORD, "key": made["key"], "code": code_at(made["key"], step)}
    wrong = browser.post("/api/profile/second-factor", json={**body, "password": "no"}, headers=headers)
    assert code_of(wrong) == "bad-login"
    taken = browser.post("/api/profile/second-factor", json=body, headers=headers)
    assert len(taken.get_json()["recovery_codes"]) == 10
    profile = browser.get("/api/profile").get_json()
    assert (profile["second_factor"], profile["recovery_codes_left"]) == (True, 10)
    other = as_role(app, None)
    assert (log_in(other).status_code, code_of(log_in(other))) == (401, "code-needed")
    assert code_of(log_in(other, code="000000")) == "bad-code"
    assert log_in(other, code=taken.get_json()["recovery_codes"][0]).status_code == 200
    dropped = browser.post("/api/profile/second-factor/drop", json={"password": PASSWORD}, headers=headers)
    assert dropped.status_code == 200
    told = [(line.result, line.new) for line in lines(app, "user.second-factor")]
    assert told == [("refused", ""), ("done", "on"), ("done", "none")]


@pytest.mark.parametrize("key", ["", "1", "not base32!", "A" * 65])
def test_keys_that_are_none(browser: FlaskClient, key: str) -> None:
    log_in(browser)
    body = {"password": PASSWORD, "key": key, "code": "123456"}
    answer = browser.post("/api/profile/second-factor", json=body, headers=csrf(browser))
    assert answer.status_code in (400, 401)


def test_another_password_ends_the_other_sessions(app: Flask, browser: FlaskClient) -> None:
    other = as_role(app, None)
    log_in(other)
    log_in(browser)
    headers, new = csrf(browser), "a different horse battery"
    weak = browser.post("/api/profile/password", json={"old": PASSWORD, "new": "short"}, headers=headers)
    assert (weak.status_code, code_of(weak)) == (400, "weak-password")
    wrong = browser.post("/api/profile/password", json={"old": "x", "new": new}, headers=headers)
    assert code_of(wrong) == "bad-login"
    assert browser.post("/api/profile/password", json={"old": PASSWORD, "new": new}, headers=headers).status_code == 200
    assert browser.get("/api/profile").status_code == 200
    assert code_of(other.get("/api/profile")) == "session-ended"


def test_a_user_ends_own_sessions_and_no_others(app: Flask, browser: FlaskClient) -> None:
    engineer, mine = as_role(app, None), as_role(app, None)
    log_in(engineer, "engineer")
    log_in(mine)
    log_in(browser)
    sessions = browser.get("/api/profile").get_json()["sessions"]
    assert [session["own"] for session in sessions].count(True) == 1
    assert {session["name"] for session in sessions} == {"operator"}
    (foreign,) = accounts_of(app).sessions.open("engineer")
    headers = csrf(browser)
    answer = browser.post(f"/api/profile/sessions/{foreign.reference}/end", json={}, headers=headers)
    assert (answer.status_code, code_of(answer)) == (404, "unknown-session")
    other = next(session for session in sessions if not session["own"])
    assert browser.post(f"/api/profile/sessions/{other['reference']}/end", json={}, headers=headers).status_code == 200
    assert mine.get("/api/profile").status_code == 401
    assert engineer.get("/api/profile").status_code == 200


def test_the_first_administrator(plant: FakePlant, tmp_path: Path) -> None:
    accounts = open_accounts(tmp_path / "empty", time.time)
    client = create_app(plant.folder.folder, accounts=accounts).test_client()
    link = accounts.first_link()
    assert client.post("/api/link", json={"link": link}).get_json()["purpose"] == "first"
    body = {"link": link, "name": "chief", "password": PASSWORD}
    weak = client.post("/api/link/use", json={**body, "password": "chief-chief-1"})
    assert code_of(weak) == "weak-password", "and the link still works"
    assert client.post("/api/link/use", json=body).get_json() == {"name": "chief"}
    again = client.post("/api/link/use", json={**body, "name": "mallory"})
    assert (again.status_code, code_of(again)) == (410, "bad-link")
    assert log_in(client, "chief").get_json()["role"] == "administrator"
    assert accounts.first_link() == ""
    accounts.close()


def test_a_new_user_chooses_a_password_by_a_link(app: Flask, client: FlaskClient, browser: FlaskClient) -> None:
    made = client.post("/api/users", json={"name": "petrov", "role": "operator", "sites": ["mkz"]})
    assert made.status_code == 201
    link = made.get_json()["link"].removeprefix("/setup#")
    assert code_of(log_in(browser, "petrov", "")) == "bad-order"
    assert browser.post("/api/link/use", json={"link": link, "password": PASSWORD}).get_json() == {"name": "petrov"}
    assert log_in(browser, "petrov").status_code == 200
    assert browser.get("/api/session").get_json()["sites"] == ["mkz"]
    unknown = client.post("/api/users", json={"name": "x", "role": "viewer", "sites": ["nowhere"]})
    assert "there is no site 'nowhere'" in unknown.get_json()["error"]["message"]


def test_a_screen_may_look_and_nothing_else(client: FlaskClient, browser: FlaskClient) -> None:
    link = client.post("/api/screens", json={"name": "Wall"}).get_json()["link"].removeprefix("/setup#")
    answer = browser.post("/api/link/use", json={"link": link})
    assert "Max-Age=" in answer.headers["Set-Cookie"]
    assert browser.get("/api/session").get_json()["kind"] == "screen"
    assert browser.get("/alarms").status_code == 200
    refused = browser.post("/api/alarms/acknowledge", json={"everything": True}, headers=csrf(browser))
    assert code_of(refused) == "not-allowed"
    assert browser.get("/api/profile").status_code == 403
    sessions = client.get("/api/sessions").get_json()["sessions"]
    (wall,) = [session for session in sessions if session["kind"] == "screen"]
    assert client.post(f"/api/sessions/{wall['reference']}/end", json={}).status_code == 200
    assert browser.get("/api/tags").status_code == 401


def test_a_disabled_user_is_out_at_once(client: FlaskClient, browser: FlaskClient) -> None:
    log_in(browser)
    assert client.post("/api/users/operator", json={"disabled": True}).status_code == 200
    assert browser.get("/api/tags").status_code == 401
    last = client.post("/api/users/administrator", json={"disabled": True})
    assert (last.status_code, code_of(last)) == (409, "last-administrator")


def test_tokens(app: Flask, client: FlaskClient) -> None:
    made = client.post("/api/tokens", json={"name": "grafana", "role": "viewer", "days": 30}).get_json()
    headers = {"Authorization": f"Bearer {made['secret']}"}
    nobody = as_role(app, None)
    assert nobody.get("/api/tags", headers=headers).status_code == 200
    assert nobody.get("/metrics", headers=headers).status_code == 200
    assert made["secret"] not in client.get("/api/tokens").get_data(as_text=True)
    client.post(f"/api/tokens/{made['token']['reference']}/end", json={})
    assert code_of(nobody.get("/api/tags", headers=headers)) == "token-ended"
    for days in (0, -1, 4000, "30", True, 1.5):
        assert code_of(client.post("/api/tokens", json={"name": "x", "role": "viewer", "days": days})) == "bad-order"


def test_the_password_once_more(plant: FakePlant) -> None:
    app = make_app(plant.folder.folder, reauthenticate_s=60.0)
    browser = as_role(app, None)
    log_in(browser)
    headers = csrf(browser)
    assert code_of(browser.post("/api/login/again", json={"password": "no"}, headers=headers)) == "bad-login"
    assert browser.post("/api/login/again", json={"password": PASSWORD}, headers=headers).status_code == 200
    assert [line.result for line in lines(app, "login.again")] == ["refused", "done"]
    accounts_of(app).close()


def test_what_is_done_stands_in_the_audit_trail(app: Flask, client: FlaskClient, browser: FlaskClient) -> None:
    log_in(browser, "administrator")
    client.post("/api/users/operator", json={"role": "engineer", "sites": ["mkz"]})
    assert lines(app)[-1].new == "engineer at mkz"
    answer = client.get("/api/audit?action=user.&limit=10").get_json()
    (line,) = answer["lines"]
    assert (line["who"], line["old"], line["target"]) == ("test administrator", "operator at all sites", "operator")
    login = client.get("/api/audit?action=login").get_json()["lines"][0]
    assert (login["who"], login["origin"], login["role"]) == ("administrator", "127.0.0.1", "administrator")
    sheet = client.get("/api/audit.csv?lang=en").get_data(as_text=True)
    assert sheet.startswith("\N{BYTE ORDER MARK}number,time,who")
    verdict = client.get("/api/audit/verdict").get_json()
    assert verdict["broken"] is None
    assert verdict["lines"] >= 2
    assert code_of(client.get("/api/audit?from=yesterday")) == "bad-time"
    everything = client.get("/api/audit").get_data(as_text=True)
    assert PASSWORD not in everything
    assert cookie(browser) not in everything


def test_a_page_that_was_logged_out_of_does_not_come_back_from_a_cache(browser: FlaskClient) -> None:
    log_in(browser)
    for path in ("/", "/api/session", "/profile", "/metrics", "/nothing"):
        assert browser.get(path).headers["Cache-Control"] == "no-store"


class TestDemo:
    """Opens without a log-in, view-only, to this machine alone."""

    @pytest.fixture
    def visitor(self, plant: FakePlant, tmp_path: Path) -> Iterator[FlaskClient]:
        accounts = open_accounts(tmp_path / "demo", time.time, demo=True)
        yield create_app(plant.folder.folder, accounts=accounts).test_client()
        accounts.close()

    def test_looking_is_free_and_nothing_else(self, visitor: FlaskClient) -> None:
        for path in ("/", "/alarms", "/api/tags", "/metrics", "/api/openapi.json"):
            assert visitor.get(path).status_code == 200
        assert visitor.get("/api/session").get_json()["kind"] == "visitor"
        assert code_of(visitor.post("/api/alarms/acknowledge", json={"everything": True})) == "not-allowed"
        assert visitor.get("/audit").status_code == 403
        assert visitor.get("/api/links/mkz_line/frames").status_code == 403

    def test_acting_as_its_users(self, visitor: FlaskClient) -> None:
        for role in ("operator", "engineer", "administrator"):
            assert visitor.post("/api/demo/act", json={"role": role}, headers=csrf(visitor)).get_json()["role"] == role
            assert visitor.get("/api/session").get_json()["name"] == role
        assert visitor.get("/audit").status_code == 200
        visitor.post("/api/demo/act", json={"role": "viewer"}, headers=csrf(visitor))
        assert visitor.get("/audit").status_code == 403
        assert code_of(visitor.post("/api/demo/act", json={"role": "king"})) == "bad-order"

    @pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.5:8010", "[::2]:80", ""])
    def test_not_under_a_name_that_is_not_this_machines(self, visitor: FlaskClient, host: str) -> None:
        """DNS rebinding: a page elsewhere makes its own name mean 127.0.0.1."""
        answer = visitor.get("/api/tags", headers={"Host": host})
        assert (answer.status_code, code_of(answer)) in ((403, "not-here"), (400, "bad-request"))

    def test_not_for_another_machine(self, visitor: FlaskClient) -> None:
        answer = visitor.get("/api/tags", environ_overrides={"REMOTE_ADDR": "10.0.0.5"})
        assert (answer.status_code, code_of(answer)) == (403, "not-here")

    def test_a_real_plant_has_no_such_switch(self, browser: FlaskClient) -> None:
        answer = browser.post("/api/demo/act", json={"role": "administrator"})
        assert (answer.status_code, code_of(answer)) == (404, "no-demo")
