"""Logging in: equal answers and equal work for every wrong one, waits after failures, the second factor."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from tagdb.accounts import Accounts, Denied, Right, Role, authenticated_enough, new_key
from tagdb.accounts.totp import code_at
from tests.support.accounts import PASSWORD, WallClock, open_accounts

HOME = "127.0.0.1"


def refused(accounts: Accounts, name: str, password: str = "wrong", code: str = "", origin: str = HOME) -> str:
    with pytest.raises(Denied) as denied:
        accounts.logins.log_in(name, password, code, origin)
    return denied.value.code


def test_a_log_in(accounts: Accounts, clock: WallClock) -> None:
    secret, standing = accounts.logins.log_in(" Operator ", PASSWORD, "", HOME, "Firefox")
    assert standing.actor.name == "operator"
    assert standing.actor.origin == HOME
    assert standing.kind == "login"
    assert accounts.sessions.find(secret) == standing
    assert accounts.users.find("operator").seen_at == clock.now


def test_every_wrong_answer_costs_one_hash_and_says_the_same(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    real = accounts.passwords.verify
    monkeypatch.setattr(accounts.passwords, "verify", lambda stored, word: hashed.append(word) or real(stored, word))
    accounts.users.add("new", Role.VIEWER)  # no password yet
    accounts.users.change("engineer", disabled=True)
    said = set()
    for name in ("operator", "nobody", "new", "engineer", "", "x" * 5000):
        with pytest.raises(Denied) as denied:
            accounts.logins.log_in(name, "wrong", "", HOME + name[:3])
        said.add((denied.value.code, denied.value.message))
    assert said == {("bad-login", "name or password is wrong")}
    assert len(hashed) == 6


def test_an_unknown_user_is_verified_against_a_real_hash(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not timed: counted at the library, with the same parameters."""
    seen: list[str] = []
    hasher: Any = accounts.passwords._hasher
    real = hasher.verify

    class Counting:
        def verify(self, stored: str, word: str) -> bool:
            seen.append(stored.rsplit("$", 2)[0])
            return bool(real(stored, word))

    monkeypatch.setattr(accounts.passwords, "_hasher", Counting())
    refused(accounts, "operator")
    refused(accounts, "nobody")
    assert len(seen) == 2
    assert seen[0] == seen[1]
    assert seen[0].startswith("$argon2id$")


def test_after_some_failures_one_waits_ever_longer(accounts: Accounts, clock: WallClock) -> None:
    for _ in range(5):
        assert refused(accounts, "operator") == "bad-login"
    assert refused(accounts, "operator", PASSWORD) == "wait"
    clock.advance(59)
    assert refused(accounts, "operator", PASSWORD) == "wait"
    clock.advance(2)
    assert refused(accounts, "operator") == "bad-login"
    clock.advance(61)
    assert refused(accounts, "operator", PASSWORD) == "wait", "twice as long now"
    clock.advance(60)
    accounts.logins.log_in("operator", PASSWORD, "", HOME)
    assert refused(accounts, "operator") == "bad-login", "counted anew"


def test_a_name_that_nobody_has_waits_as_well(accounts: Accounts) -> None:
    for _ in range(5):
        refused(accounts, "nobody")
    assert refused(accounts, "nobody") == "wait"


def test_failures_elsewhere_do_not_lock_an_operator_out(accounts: Accounts) -> None:
    for _ in range(8):
        refused(accounts, "operator", origin="10.0.0.66")
    accounts.logins.log_in("operator", PASSWORD, "", HOME)


def test_one_address_cannot_try_many_names(accounts: Accounts) -> None:
    for number in range(20):
        refused(accounts, f"name{number}", origin="10.0.0.66")
    assert refused(accounts, "operator", PASSWORD, origin="10.0.0.66") == "wait"
    accounts.logins.log_in("operator", PASSWORD, "", HOME)


def test_many_addresses_cannot_try_one_name_for_ever(accounts: Accounts) -> None:
    for number in range(50):
        refused(accounts, "operator", origin=f"10.0.0.{number}")
    assert refused(accounts, "operator", PASSWORD, origin="10.0.1.1") == "wait"


def test_failures_outlive_a_restart_and_are_forgotten_after_an_hour(tmp_path: Path) -> None:
    clock = WallClock()
    before = open_accounts(tmp_path, clock, Role.OPERATOR)
    for _ in range(5):
        refused(before, "operator")
    before.close()
    after = open_accounts(tmp_path, clock)
    assert refused(after, "operator", PASSWORD) == "wait"
    clock.advance(3700)
    refused(after, "other")
    assert refused(after, "operator") == "bad-login"
    assert refused(after, "operator") == "bad-login"
    after.close()


def test_the_second_factor(accounts: Accounts, clock: WallClock) -> None:
    key = new_key()
    with pytest.raises(Denied, match="not the code"):
        accounts.users.set_second_factor("operator", key, "000000")
    step = int(clock.now // 30)
    codes = accounts.users.set_second_factor("operator", key, code_at(key, step))
    assert len(codes) == 10
    assert refused(accounts, "operator", "wrong", code_at(key, step + 1)) == "bad-login"
    assert refused(accounts, "operator", PASSWORD) == "code-needed"
    assert refused(accounts, "operator", PASSWORD, code_at(key, step)) == "bad-code", "it was used to set it up"
    clock.advance(30)
    code = code_at(key, step + 1)
    _, standing = accounts.logins.log_in("operator", PASSWORD, f" {code[:3]} {code[3:]}", HOME)
    assert standing.has_second_factor
    assert refused(accounts, "operator", PASSWORD, code) == "bad-code", "each code once"
    accounts.users.drop_second_factor("operator")
    accounts.logins.log_in("operator", PASSWORD, "", HOME)


def test_a_recovery_code_works_once(accounts: Accounts, clock: WallClock) -> None:
    key = new_key()
    codes = accounts.users.set_second_factor("operator", key, code_at(key, int(clock.now // 30)))
    accounts.logins.log_in("operator", PASSWORD, codes[0].upper().replace("-", " "), HOME)
    assert accounts.users.recovery_codes_left("operator") == 9
    assert refused(accounts, "operator", PASSWORD, codes[0]) == "bad-code"


def test_wrong_codes_count_as_failures(accounts: Accounts, clock: WallClock) -> None:
    key = new_key()
    accounts.users.set_second_factor("operator", key, code_at(key, int(clock.now // 30)))
    for _ in range(5):
        assert refused(accounts, "operator", PASSWORD, "123456") == "bad-code"
    assert refused(accounts, "operator", PASSWORD, "123456") == "wait"


def test_a_code_in_two_requests_at_once_logs_in_once(accounts: Accounts, clock: WallClock) -> None:
    key = new_key()
    accounts.users.set_second_factor("operator", key, code_at(key, int(clock.now // 30)))
    clock.advance(30)
    code = code_at(key, int(clock.now // 30))
    done: list[object] = []
    refusals: list[str] = []

    def work() -> None:
        try:
            done.append(accounts.logins.log_in("operator", PASSWORD, code, HOME))
        except Denied as denied:
            refusals.append(denied.code)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1
    assert refusals == ["bad-code"] * 3


def test_strangers_lock_nobody_out_of_their_own_desk(accounts: Accounts, clock: WallClock) -> None:
    accounts.logins.log_in("operator", PASSWORD, "", HOME)
    clock.advance(86400)
    for number in range(60):
        refused(accounts, "operator", origin=f"10.0.{number}.1")
    assert refused(accounts, "operator", PASSWORD, origin="10.0.200.1") == "wait"
    accounts.logins.log_in("operator", PASSWORD, "", HOME)


def test_one_network_of_ipv6_is_one_address(accounts: Accounts) -> None:
    for number in range(5):
        assert refused(accounts, "operator", origin=f"2001:db8::{number:x}") == "bad-login"
    assert refused(accounts, "operator", PASSWORD, origin="2001:db8::ffff:1") == "wait"
    accounts.logins.log_in("operator", PASSWORD, "", "2001:db8:0:1::1")
    for _ in range(5):
        refused(accounts, "operator", origin="::ffff:10.0.0.66")
    assert refused(accounts, "operator", PASSWORD, origin="10.0.0.66") == "wait", "the same machine"
    accounts.logins.log_in("operator", PASSWORD, "", "::ffff:10.0.0.5")


def test_a_clock_that_was_ahead_locks_nobody_out_for_years(accounts: Accounts, clock: WallClock) -> None:
    for _ in range(6):
        refused(accounts, "operator")
    clock.advance(-4 * 366 * 86400)
    accounts.logins.log_in("operator", PASSWORD, "", HOME)


def test_guesses_sent_all_at_once_are_counted_all_the_same(accounts: Accounts) -> None:
    verified: list[str] = []
    real, turn = accounts.passwords.verify, threading.Barrier(8)

    def verify(stored: str, word: str) -> bool:
        verified.append(word)
        return real(stored, word)

    accounts.passwords.verify = verify  # type: ignore[method-assign]

    def guess() -> None:
        turn.wait(30)
        for _ in range(5):
            with pytest.raises(Denied):
                accounts.logins.log_in("operator", "wrong", "", HOME)

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(verified) <= 6, "five that may fail, and one that was being verified meanwhile"


def test_a_key_of_the_second_factor_is_one_that_was_made_here(accounts: Accounts, clock: WallClock) -> None:
    for key in ("", "AAAAAAAA", "=======", "A" * 33):
        with pytest.raises(ValueError, match=r"key|padding|Incorrect"):
            accounts.users.set_second_factor("operator", key, "123456")


def test_a_log_in_again_counts_for_its_time_whichever_way_the_clock_goes(tmp_path: Path, clock: WallClock) -> None:
    accounts = open_accounts(tmp_path / "strict", clock, Role.OPERATOR, reauthenticate_s=300.0)
    _, standing = accounts.logins.log_in("operator", PASSWORD, "", HOME)
    authenticated_enough(standing, Right.COMMAND, accounts)
    for seconds in (301, -602):
        clock.advance(seconds)
        with pytest.raises(Denied) as denied:
            authenticated_enough(standing, Right.COMMAND, accounts)
        assert denied.value.code == "reauthenticate"
    accounts.close()
