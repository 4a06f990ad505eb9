"""The gate: what was true when the page was drawn counts for nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tagdb.accounts import RIGHTS, Accounts, Denied, Gate, Right, Role, new_key
from tagdb.accounts.totp import code_at
from tests.support.accounts import PASSWORD, WallClock, open_accounts


def log_in(accounts: Accounts, role: Role) -> dict[str, Any]:
    return accounts.logins.log_in(role.word, PASSWORD, "", "127.0.0.1")[1].actor.to_json()


def code_of(gate: Gate, actor: Any, right: Right = Right.COMMAND, site: str = "mkz") -> str:
    try:
        gate.check(actor, right, site)
    except Denied as denied:
        return denied.code
    return "passed"


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("right", Right)
def test_roles_and_rights(accounts: Accounts, role: Role, right: Right) -> None:
    expected = "passed" if role >= RIGHTS[right] else "not-allowed"
    assert code_of(Gate(accounts), log_in(accounts, role), right) == expected


def test_what_the_caller_says_of_itself_counts_for_nothing(accounts: Accounts) -> None:
    actor = log_in(accounts, Role.VIEWER) | {"role": "administrator", "sites": ["*"], "name": "administrator"}
    assert code_of(Gate(accounts), actor) == "not-allowed"
    real = Gate(accounts).check(actor, Right.VIEW)
    assert (real.name, real.role) == ("viewer", Role.VIEWER)


def test_rights_of_another_site(accounts: Accounts) -> None:
    actor = log_in(accounts, Role.OPERATOR)
    accounts.users.change("operator", sites=["yakz"])
    assert code_of(Gate(accounts), actor) == "not-your-site"


@pytest.mark.parametrize(
    "actor", [{}, {"name": 1}, {"name": "x", "role": "king", "sites": [], "origin": "", "session": ""}]
)
def test_what_is_no_actor(accounts: Accounts, actor: dict[str, Any]) -> None:
    assert code_of(Gate(accounts), actor) == "bad-actor"


@pytest.mark.parametrize("session", ["", "session:", "session:guess", "token:guess", "demo:operator"])
def test_nobody_stands_behind_it(accounts: Accounts, session: str) -> None:
    actor = {"name": "x", "role": "administrator", "sites": ["*"], "origin": "cli", "session": session}
    assert code_of(Gate(accounts), actor) in ("no-session", "no-token")


def test_an_expired_an_ended_and_a_disabled_one(accounts: Accounts, clock: WallClock) -> None:
    gate = Gate(accounts)
    expired = log_in(accounts, Role.OPERATOR)
    clock.advance(1800)
    assert code_of(gate, expired) == "session-expired"
    ended = log_in(accounts, Role.OPERATOR)
    accounts.sessions.end(ended["session"].partition(":")[2], "revoked")
    assert code_of(gate, ended) == "session-ended"
    disabled = log_in(accounts, Role.OPERATOR)
    accounts.users.change("operator", disabled=True)
    assert code_of(gate, disabled) == "session-ended"


def test_tokens_pass_as_far_as_their_role(accounts: Accounts) -> None:
    _, info = accounts.tokens.create("robot", Role.OPERATOR, "administrator", sites=("mkz",))
    actor = {"name": "robot", "role": "operator", "sites": ["*"], "origin": "", "session": f"token:{info.reference}"}
    assert code_of(Gate(accounts), actor) == "passed"
    assert code_of(Gate(accounts), actor, site="yakz") == "not-your-site"
    accounts.tokens.end(info.reference)
    assert code_of(Gate(accounts), actor) == "token-ended"


def test_commands_need_a_fresh_password_where_the_ini_asks_for_it(tmp_path: Path, clock: WallClock) -> None:
    accounts = open_accounts(tmp_path / "strict", clock, Role.ENGINEER, reauthenticate_s=120.0)
    gate = Gate(accounts)
    _, standing = accounts.logins.log_in("engineer", PASSWORD, "", "127.0.0.1")
    actor = standing.actor.to_json()
    assert code_of(gate, actor) == "passed"
    clock.advance(121)
    assert code_of(gate, actor) == "reauthenticate"
    assert code_of(gate, actor, Right.FORCE) == "reauthenticate"
    assert code_of(gate, actor, Right.ALARMS) == "passed"
    accounts.logins.log_in_again(standing, PASSWORD, "", "127.0.0.1")
    assert code_of(gate, actor) == "passed"
    _, info = accounts.tokens.create("robot", Role.OPERATOR, "administrator")
    assert code_of(gate, actor | {"session": f"token:{info.reference}"}) == "reauthenticate"
    accounts.close()


def test_a_second_factor_is_set_up_first_where_the_ini_asks_for_it(tmp_path: Path, clock: WallClock) -> None:
    accounts = open_accounts(tmp_path / "strict", clock, Role.OPERATOR, Role.ENGINEER, second_factor=Role.ENGINEER)
    gate = Gate(accounts)
    assert code_of(gate, log_in(accounts, Role.OPERATOR)) == "passed"
    actor = log_in(accounts, Role.ENGINEER)
    assert code_of(gate, actor) == "second-factor"
    assert code_of(gate, actor, Right.VIEW) == "passed"
    key = new_key()
    accounts.users.set_second_factor("engineer", key, code_at(key, int(clock.now // 30)))
    assert code_of(gate, actor) == "passed"
    accounts.close()


def test_accounts_that_cannot_be_read_let_nobody_through(accounts: Accounts) -> None:
    actor = log_in(accounts, Role.OPERATOR)
    accounts.close()
    assert code_of(Gate(accounts), actor) == "accounts-unavailable"
