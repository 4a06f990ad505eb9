"""Roles, rights and sites of an actor."""

from __future__ import annotations

import pytest

from tagdb.accounts import RIGHTS, Actor, Denied, Right, Role


def test_every_right_has_a_role() -> None:
    assert set(RIGHTS) == set(Right)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("right", Right)
def test_a_role_has_the_rights_from_its_own_down(role: Role, right: Right) -> None:
    assert Actor("ivanov", role).may(right) is (role >= RIGHTS[right])


def test_rights_end_at_the_site() -> None:
    actor = Actor("ivanov", Role.OPERATOR, ("mkz",))
    assert actor.may(Right.COMMAND, "mkz")
    assert not actor.may(Right.COMMAND, "yakz")
    with pytest.raises(Denied, match="ivanov has no rights at site 'yakz'") as denied:
        actor.check(Right.COMMAND, "yakz")
    assert denied.value.code == "not-your-site"


def test_a_refusal_says_what_is_needed() -> None:
    with pytest.raises(Denied, match="petrov is viewer; 'command' needs operator") as denied:
        Actor("petrov", Role.VIEWER).check(Right.COMMAND, "mkz")
    assert denied.value.code == "not-allowed"


def test_over_the_channel_and_back() -> None:
    actor = Actor("ivanov", Role.ENGINEER, ("mkz", "yakz"), "127.0.0.1", "s12")
    assert Actor.from_json(actor.to_json()) == actor
