"""Selections: who has reserved which command of a device, for how long, and which tokens have been spent."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from runtime.scan.clock import Moment
from runtime.scan.control.refusal import Refused
from runtime.scan.control.spec import CommandSpec
from tagdb.accounts import Actor

__all__ = ["TOKEN_LIFE_S", "Selection", "Selections", "same_person"]

#: how long a selection can be operated, seconds
TOKEN_LIFE_S = 15.0
#: spent tokens that are remembered, so that a replay is told from a mistake
_SPENT = 2000


@dataclass(frozen=True, slots=True)
class Selection:
    """One command that somebody is about to give."""

    token: str
    actor: Actor
    spec: CommandSpec
    value: float | None
    raw: int
    #: monotonic seconds
    until: float


def same_person(one: Actor, other: Actor) -> bool:
    """The same user in the same session: a second window with another session is somebody else."""
    return (one.name, one.session) == (other.name, other.session)


class Selections:
    """At most one for each device; a token is good once."""

    def __init__(self, new_token: Callable[[], str]) -> None:
        """``new_token``: unguessable texts."""
        self._new_token = new_token
        self._by_token: dict[str, Selection] = {}
        #: the oldest first
        self._spent: OrderedDict[str, None] = OrderedDict()

    def of(self, device: str, now: Moment) -> Selection | None:
        """The living selection of a device."""
        alive = (one for one in self._by_token.values() if now.monotonic < one.until)
        return next((one for one in alive if one.spec.device == device), None)

    def devices(self, now: Moment) -> set[str]:
        """Those with a living selection."""
        return {one.spec.device for one in self._by_token.values() if now.monotonic < one.until}

    def add(self, actor: Actor, spec: CommandSpec, value: float | None, raw: int, now: Moment) -> Selection:
        """Reserve a device; an older selection of it is void."""
        self.drop_device(spec.device)
        selection = Selection(self._new_token(), actor, spec, value, raw, now.monotonic + TOKEN_LIFE_S)
        self._by_token[selection.token] = selection
        return selection

    def take(self, token: str, actor: Actor, device: str, command: str, value: float | None, now: Moment) -> Selection:
        """Spend a token, for exactly what it was given for. Raises Refused; the token is void then, too."""
        selection = self._by_token.pop(token, None)
        if selection is None:
            raise Refused("token-used" if token in self._spent else "token-unknown")
        self.spend(token)
        if now.monotonic >= selection.until:
            raise Refused("token-expired")
        spec = selection.spec
        meant = (spec.device, spec.name, selection.value) == (device, command, value)
        if not meant or not same_person(selection.actor, actor):
            raise Refused("token-foreign")
        return selection

    def drop(self, token: str, actor: Actor) -> Selection | None:
        """Give a selection back; None where it is not the actor's."""
        selection = self._by_token.get(token)
        if selection is None or not same_person(selection.actor, actor):
            return None
        self.spend(token)
        return self._by_token.pop(token)

    def drop_device(self, device: str) -> None:
        """Void whatever is selected on a device."""
        for token in [token for token, one in self._by_token.items() if one.spec.device == device]:
            del self._by_token[token]
            self.spend(token)

    def spend(self, token: str) -> None:
        """Note that a token was used, or is void."""
        self._spent[token] = None
        while len(self._spent) > _SPENT:
            self._spent.popitem(last=False)

    def expire(self, now: Moment) -> None:
        """Forget what nobody operated; for another life a late operate is told that it came too late."""
        for token, one in list(self._by_token.items()):
            if now.monotonic >= one.until + TOKEN_LIFE_S:
                del self._by_token[token]
                self.spend(token)
