"""Users: names, sites, passwords, and what is refused."""

from __future__ import annotations

import pytest

from tagdb.accounts import Accounts, Denied, Role
from tagdb.accounts.passwords import _NOBODY, Passwords
from tests.support.accounts import PASSWORD


def test_a_user_is_found_without_regard_to_case(accounts: Accounts) -> None:
    accounts.users.add("Иванов", Role.OPERATOR, ["mkz"], "Иванов И. И.")
    person = accounts.users.find("ИВАНОВ ")
    assert (person.name, person.role, person.sites, person.has_password) == ("Иванов", Role.OPERATOR, ("mkz",), False)
    with pytest.raises(Denied, match="there is a user 'иванов' already"):
        accounts.users.add("иванов", Role.VIEWER)


@pytest.mark.parametrize("name", ["", " ", "a\nb\x00", "../x", "<b>", "-x", "x" * 41, "a;b"])
def test_names_that_are_none(accounts: Accounts, name: str) -> None:
    with pytest.raises(Denied) as denied:
        accounts.users.add(name, Role.VIEWER)
    assert denied.value.code == "bad-name"


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "found 5 characters, wanted at least 12"),
        ("x" * 129, "at most 128"),
        ("aaaaaaaaaaaa", "different characters"),
        ("petrov-petrov-1", "name must not be part"),
        ("Password2026", "'password' and little else"),
        ("йцукен123456", "little else"),
    ],
)
def test_weak_passwords(accounts: Accounts, password: str, why: str) -> None:
    with pytest.raises(Denied, match=why):
        accounts.users.add("petrov", Role.VIEWER, password=password)


def test_a_password_typed_on_another_keyboard_is_the_same(accounts: Accounts) -> None:
    composed, decomposed = "é correct horse é", "e\u0301 correct horse e\u0301"
    accounts.users.add("petrov", Role.VIEWER, password=composed)
    accounts.logins.log_in("petrov", decomposed, "", "127.0.0.1")


def test_the_last_administrator_stays(accounts: Accounts) -> None:
    with pytest.raises(Denied, match="last administrator"):
        accounts.users.change("administrator", disabled=True)
    with pytest.raises(Denied, match="last administrator"):
        accounts.users.change("administrator", role=Role.OPERATOR)
    accounts.users.add("second", Role.ADMINISTRATOR, password=PASSWORD)
    accounts.users.change("administrator", disabled=True)


def test_disabling_ends_the_sessions(accounts: Accounts) -> None:
    secret, _ = accounts.logins.log_in("operator", PASSWORD, "", "127.0.0.1")
    accounts.users.change("operator", disabled=True)
    with pytest.raises(Denied):
        accounts.sessions.find(secret)
    with pytest.raises(Denied, match="name or password is wrong"):
        accounts.logins.log_in("operator", PASSWORD, "", "127.0.0.1")
    accounts.users.change("operator", disabled=False)
    with pytest.raises(Denied):
        accounts.sessions.find(secret)


def test_a_new_password_ends_the_other_sessions(accounts: Accounts) -> None:
    other, _ = accounts.logins.log_in("operator", PASSWORD, "", "127.0.0.1")
    mine, standing = accounts.logins.log_in("operator", PASSWORD, "", "127.0.0.1")
    accounts.users.set_password("operator", "another horse battery", keep=standing.reference.partition(":")[2])
    assert accounts.sessions.find(mine).actor.name == "operator"
    with pytest.raises(Denied):
        accounts.sessions.find(other)


def test_a_change_of_role_counts_at_once(accounts: Accounts) -> None:
    secret, _ = accounts.logins.log_in("operator", PASSWORD, "", "127.0.0.1")
    accounts.users.change("operator", role=Role.VIEWER, sites=["mkz"])
    actor = accounts.sessions.find(secret).actor
    assert (actor.role, actor.sites) == (Role.VIEWER, ("mkz",))


def test_sites_are_named(accounts: Accounts) -> None:
    with pytest.raises(Denied, match="at least one site"):
        accounts.users.change("operator", sites=[" "])
    assert accounts.users.change("operator", sites=["mkz", "*"]).sites == ("*",)


def test_the_demo_has_its_users(demo: Accounts) -> None:
    assert [(person.name, person.has_password) for person in demo.users.all()] == [
        ("administrator", False), ("engineer", False), ("operator", False),
    ]  # fmt: skip
    assert demo.first_link() == ""
    with pytest.raises(Denied, match="name or password is wrong"):
        demo.logins.log_in("operator", "", "", "127.0.0.1")


def test_a_program_cannot_pass_for_a_person_nor_a_person_for_the_program(accounts: Accounts) -> None:
    accounts.tokens.create("grafana", Role.OPERATOR, "administrator")
    for name in ("Grafana", "SCADA", "visitor"):
        with pytest.raises(Denied):
            accounts.users.add(name, Role.OPERATOR)
    for name in ("Operator", "scada"):
        with pytest.raises(Denied):
            accounts.tokens.create(name, Role.OPERATOR, "administrator")


def test_an_unknown_user_costs_as_much_as_a_known_one() -> None:
    assert not Passwords().outdated(_NOBODY), "the hash that stands for nobody has other parameters than new ones"
