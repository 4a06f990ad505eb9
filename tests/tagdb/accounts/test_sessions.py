"""Sessions, tokens and links end when they should, and not before."""

from __future__ import annotations

import pytest

from tagdb.accounts import Accounts, Denied, Gate, Purpose, Right, Role
from tagdb.accounts.sessions import MOST_SESSIONS, SCREEN_S
from tests.support.accounts import PASSWORD, WallClock

HOME = "127.0.0.1"


def code_of(accounts: Accounts, secret: str) -> str:
    try:
        accounts.sessions.find(secret)
    except Denied as denied:
        return denied.code
    return "in force"


def test_idle_and_absolute_ends(accounts: Accounts, clock: WallClock) -> None:
    idle, _ = accounts.logins.log_in("operator", PASSWORD, "", HOME)
    used, standing = accounts.logins.log_in("operator", PASSWORD, "", HOME)
    reference = standing.reference.partition(":")[2]
    for _ in range(23):
        clock.advance(1790)
        accounts.sessions.touch(reference)
    assert code_of(accounts, used) == "in force"
    assert code_of(accounts, idle) == "session-expired"
    assert [info.reference for info in accounts.sessions.open()] == [reference]
    clock.advance(43200 - 23 * 1790)
    accounts.sessions.touch(reference)
    assert code_of(accounts, used) == "session-expired"


def test_a_clock_that_is_set_back_lengthens_no_session(accounts: Accounts, clock: WallClock) -> None:
    secret, _ = accounts.logins.log_in("operator", PASSWORD, "", HOME)
    screen, _ = accounts.sessions.begin_screen("Wall", HOME)
    clock.advance(-299)
    assert code_of(accounts, secret) == "in force", "clocks are corrected by a little"
    clock.advance(-2)
    assert code_of(accounts, secret) == "session-expired"
    assert code_of(accounts, screen) == "in force", "it ends by its date alone, and may only look"


def test_looking_alone_is_no_use(accounts: Accounts, clock: WallClock) -> None:
    secret, _ = accounts.logins.log_in("operator", PASSWORD, "", HOME)
    for _ in range(3):
        clock.advance(599)
        assert code_of(accounts, secret) == "in force"
    clock.advance(5)
    assert code_of(accounts, secret) == "session-expired"


def test_a_session_is_ended_once(accounts: Accounts) -> None:
    secret, standing = accounts.logins.log_in("operator", PASSWORD, "", HOME)
    reference = standing.reference.partition(":")[2]
    assert accounts.sessions.end(reference, "log-out")
    assert not accounts.sessions.end(reference, "log-out")
    assert code_of(accounts, secret) == "session-ended"
    assert code_of(accounts, "guessed") == "no-session"


def test_a_touch_does_not_bring_an_ended_session_back(accounts: Accounts, clock: WallClock) -> None:
    secret, standing = accounts.logins.log_in("operator", PASSWORD, "", HOME)
    reference = standing.reference.partition(":")[2]
    accounts.sessions.end(reference, "revoked")
    clock.advance(60)
    accounts.sessions.touch(reference)
    assert code_of(accounts, secret) == "session-ended"


def test_a_screen_looks_on_for_months(accounts: Accounts, clock: WallClock) -> None:
    secret, standing = accounts.sessions.begin_screen("Control room", HOME)
    assert (standing.kind, standing.actor.role, standing.actor.name) == ("screen", Role.VIEWER, "Control room")
    clock.advance(SCREEN_S - 1)
    assert code_of(accounts, secret) == "in force"
    clock.advance(1)
    assert code_of(accounts, secret) == "session-expired"


def test_what_ended_long_ago_is_forgotten(accounts: Accounts, clock: WallClock) -> None:
    accounts.logins.log_in("operator", PASSWORD, "", HOME)
    assert accounts.sessions.forget_ended() == 0
    clock.advance(40 * 86400)
    assert accounts.sessions.forget_ended() == 1


def test_tokens(accounts: Accounts, clock: WallClock) -> None:
    secret, info = accounts.tokens.create("grafana", Role.VIEWER, "administrator", 3600, ("mkz",))
    standing = accounts.tokens.find(secret, "10.0.0.5")
    assert standing.kind == "token"
    assert (standing.actor.name, standing.actor.role) == ("grafana", Role.VIEWER)
    assert (standing.actor.sites, standing.actor.origin) == (("mkz",), "10.0.0.5")
    assert accounts.tokens.all()[0].seen_at == clock.now
    clock.advance(3600)
    with pytest.raises(Denied, match="has expired"):
        accounts.tokens.find(secret, HOME)
    lasting, info = accounts.tokens.create("lasting", Role.OPERATOR, "administrator")
    assert accounts.tokens.end(info.reference)
    assert not accounts.tokens.end(info.reference)
    with pytest.raises(Denied, match="was revoked"):
        accounts.tokens.find(lasting, HOME)
    with pytest.raises(Denied, match="no such token"):
        accounts.tokens.find("scada_guess", HOME)


def test_a_link_works_once_and_for_a_day(accounts: Accounts, clock: WallClock) -> None:
    secret = accounts.links.create(Purpose.PASSWORD, "operator", "administrator")
    assert accounts.links.look(secret).name == "operator"
    assert accounts.links.use(secret).purpose is Purpose.PASSWORD
    with pytest.raises(Denied, match="used already"):
        accounts.links.use(secret)
    first, second = (accounts.links.create(Purpose.PASSWORD, "operator", "administrator") for _ in "12")
    with pytest.raises(Denied):
        accounts.links.look(first)
    clock.advance(86400)
    with pytest.raises(Denied, match="too old"):
        accounts.links.use(second)


def test_the_first_link_is_offered_while_nobody_administers(accounts: Accounts) -> None:
    assert accounts.first_link() == ""
    with pytest.raises(Denied):
        accounts.links.create(Purpose.PASSWORD, "nobody", "administrator")


def test_a_user_has_so_many_sessions_and_no_more(accounts: Accounts, clock: WallClock) -> None:
    first, _ = accounts.sessions.begin("operator", HOME)
    others, _ = accounts.sessions.begin("viewer", HOME)
    clock.advance(60)
    secrets = []
    for _ in range(MOST_SESSIONS):
        clock.advance(1)
        secrets.append(accounts.sessions.begin("operator", HOME)[0])
    assert code_of(accounts, first) == "session-ended"
    assert {code_of(accounts, secret) for secret in (*secrets, others)} == {"in force"}


def test_a_session_tells_where_it_is_used_not_where_it_was_begun(accounts: Accounts) -> None:
    secret, standing = accounts.logins.log_in("operator", PASSWORD, "", HOME)
    found = accounts.sessions.find(secret, "10.0.0.66")
    assert found.actor.origin == "10.0.0.66"
    assert Gate(accounts).check(found.actor.to_json(), Right.COMMAND).origin == "10.0.0.66"
    assert Gate(accounts).check(standing.actor.to_json(), Right.COMMAND).origin == HOME
