"""The channel's verbs of control: select, operate, cancel, status, force, tag out; each checked at the gate first.

Stage: called by the channel's threads; what changes something is handed to the scan's thread, between two scans.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from runtime.controlling import Controlling
from runtime.outputs import Refusal
from runtime.scan import Moment
from runtime.scan.control import CommandSpec, Refused, TagOut
from runtime.scan.control.values import shown_now
from tagdb.accounts import Actor, Denied, Right

__all__ = ["ControlVerbs", "Gatekeeper"]

Ordered = Callable[[Callable[[Moment], Any]], Any]


class Gatekeeper(Protocol):
    """Says who asks, and whether the session behind an actor still lives and may. Any thread. Raises Denied."""

    def check(self, actor: Mapping[str, Any], right: Right, site: str = "") -> Actor:
        """The actor with the rights as they are now."""


class ControlVerbs:
    """What the pages may ask of the control room."""

    def __init__(self, controlling: Controlling, gate: Gatekeeper, ordered: Ordered) -> None:
        """``ordered`` has the scan's thread do something between two scans, for its result."""
        self._controlling = controlling
        self._room = controlling.room
        self._gate = gate
        self._ordered = ordered
        self._saving = threading.Lock()

    def table(self) -> dict[str, Callable[..., Any]]:
        """Verb -> handler."""
        return {
            "commands": self.commands,
            "select": self.select,
            "operate": self.operate,
            "cancel": self.cancel,
            "command-status": self.status,
            "force": self.force,
            "release-force": self.release_force,
            "forces": self.forces,
            "tag-out": self.tag_out,
            "tag-in": self.tag_in,
            "tag-outs": self.tag_outs,
        }

    def commands(self, device: str, actor: Mapping[str, Any]) -> dict[str, Any]:
        """Every command of a device: whether it can be given now, why not, and what it takes."""
        who = _looking(actor)

        def look(now: Moment) -> dict[str, Any]:
            if device not in self._room.devices:
                raise Refused("unknown-device", device=device)
            lock = self._room.lock_of(device)
            rows = [self._row(spec, who, now) for spec in self._room.devices[device].commands.values()]
            return {
                "device": device,
                "state": self._room.states(now).get(device, 0),
                "tag_out": _tag_out(lock) if lock else None,
                "may": {
                    "command": who.may(Right.COMMAND, _site(device)),
                    "tag_out": who.may(Right.TAG_OUT, _site(device)),
                    "tag_in": lock is not None
                    and (lock.who == who.name or who.may(Right.TAG_OUT_ANY, _site(device))),
                    "force": who.may(Right.FORCE, _site(device)),
                },
                "commands": rows,
                "operations": [one.to_json(now) for one in self._room.operations(device)[:10]],
            }

        result: dict[str, Any] = self._asked(look)
        return result

    def select(self, device: str, command: str, actor: Mapping[str, Any], value: float | None = None) -> Any:
        """Check everything, reserve the device, tell what will be written."""
        who = self._admitted(actor, Right.COMMAND, device, "command.select", command)
        number = _number(value)
        return self._asked(lambda now: self._room.select(who, device, command, number, now))

    def operate(
        self, device: str, command: str, token: str, actor: Mapping[str, Any], value: float | None = None
    ) -> Any:
        """Give a selected command; the session behind it is looked at once more."""
        who = self._admitted(actor, Right.COMMAND, device, "command.operate", command)
        number = _number(value)
        return self._asked(lambda now: self._room.operate(who, str(token), device, command, number, now))

    def cancel(self, actor: Mapping[str, Any], device: str, token: str = "", id: int = 0) -> Any:  # noqa: A002
        """Give a selection back, or withdraw a command that has not switched yet."""
        who = self._admitted(actor, Right.COMMAND, device)
        return self._asked(lambda now: self._room.cancel(who, str(token), int(id), now))

    def status(self, device: str, id: int) -> Any:  # noqa: A002
        """How far a command has come."""

        def look(now: Moment) -> dict[str, Any]:
            operation = self._room.operation(int(id))
            if operation.spec.device != device:
                raise Refused("unknown-operation", number=id)
            return operation.to_json(now)

        return self._asked(look)

    def tag_out(self, device: str, reason: str, actor: Mapping[str, Any]) -> Any:
        """Lock a device against commands; what waits to be sent is withdrawn."""
        who = self._admitted(actor, Right.TAG_OUT, device, "tag-out")

        done: TagOut = self._asked(lambda now: self._room.tag_out(who, device, str(reason), now))
        return _tag_out(done) | self._kept()

    def tag_in(self, device: str, actor: Mapping[str, Any]) -> Any:
        """Take a tag-out back."""
        who = self._admitted(actor, Right.TAG_OUT, device, "tag-in")
        self._asked(lambda now: self._room.tag_in(who, device, now))
        return self._kept()

    def tag_outs(self, actor: Mapping[str, Any]) -> Any:
        """All locks."""
        who = _looking(actor)
        locks = self._asked(lambda now: self._room.tag_outs.all())
        return {"tag_outs": [_tag_out(lock) for lock in locks if who.may(Right.VIEW, _site(lock.device))]}

    def force(self, tag: str, value: float, seconds: float, reason: str, actor: Mapping[str, Any]) -> Any:
        """Hold a tag at a value for a time."""
        who = self._admitted(actor, Right.FORCE, tag, "force")
        number = _number(value)

        def hold(now: Moment) -> dict[str, Any]:
            forces, audit = self._controlling.forces, self._controlling.audit
            with audit.refusals("force", who, tag, "", now):
                old = self._controlling.shown(forces.tag(tag).name)
                value = float("nan") if number is None else number
                done = forces.set(who, tag, value, float(seconds), str(reason), now)
            audit.note("force", who, tag, now, old=old, new=f"{done.value:g}", reason=done.reason, until=done.until)
            return done.to_json()

        done: dict[str, Any] = self._asked(hold)
        return done | self._kept()

    def release_force(self, tag: str, actor: Mapping[str, Any]) -> Any:
        """Let a tag be again what is read."""
        who = self._admitted(actor, Right.FORCE, tag, "release")

        def let_go(now: Moment) -> None:
            with self._controlling.audit.refusals("release", who, tag, "", now):
                done = self._controlling.forces.release(tag, now)
            new = self._controlling.shown(tag)
            self._controlling.audit.note("release", who, tag, now, old=f"{done.value:g}", new=new)

        self._asked(let_go)
        return self._kept()

    def forces(self, actor: Mapping[str, Any]) -> Any:
        """All forced tags."""
        who = _looking(actor)
        forces = self._asked(lambda now: self._controlling.forces.all())
        return {"forces": [force.to_json() for force in forces if who.may(Right.VIEW, _site(force.tag))]}

    def _row(self, spec: CommandSpec, who: Actor, now: Moment) -> dict[str, Any]:
        refused = self._room.possible(spec, who, now)
        value = spec.value
        return {
            "command": spec.name,
            "label": spec.label,
            "kind": spec.kind,
            "danger": spec.danger,
            "hold_s": spec.hold_s,
            "possible": refused is None,
            "code": refused.code if refused else "",
            "reason": refused.words if refused else {},
            "now": shown_now(spec, self._controlling.store),
            "now_value": self._controlling.number(spec.shows),
            "note": spec.note,
            "confirmed": spec.confirmed,
            "value": None
            if value is None
            else {
                "low": value.low, "high": value.high, "step": value.scale, "unit": value.unit,
                "decimals": value.decimals,
                "options": [{"value": number, "label": words} for number, words in value.texts.items()],
            },
        }  # fmt: skip

    def _admitted(
        self, actor: Mapping[str, Any], right: Right, target: str, action: str = "", command: str = ""
    ) -> Actor:
        """Through the gate; what is refused there is noted, where it was an attempt to do something."""
        try:
            return self._gate.check(actor, right, _site(target))
        except Denied as denied:
            if action:
                self._controlling.denied(actor, action, target, command, denied)
            raise Refusal(denied.code, denied.message) from None

    def _asked(self, order: Callable[[Moment], Any]) -> Any:
        def guarded(now: Moment) -> Any:
            try:
                return order(now)
            except Refused as refused:  # not an error of the scan's thread: an answer
                return refused

        result = self._ordered(guarded)
        if isinstance(result, Refused):
            raise Refusal(result.code, str(result), dict(result.words))
        return result

    def _kept(self) -> dict[str, Any]:
        """Keep locks and forces over a restart before they are answered for."""
        try:
            with self._saving:  # an older state must not be written over a newer one
                self._controlling.save(self._ordered(lambda now: self._controlling.kept()))
        except OSError as error:
            return {"retained": False, "message": f"not kept over a restart: {error.strerror}"}
        return {"retained": True}


def _looking(actor: Mapping[str, Any]) -> Actor:
    """Who looks: what may be seen was checked by the pages, and whoever can open the channel could read the image."""
    try:
        return Actor.from_json(actor)
    except (KeyError, TypeError, ValueError):
        raise Refusal("bad-actor", "this is not an actor") from None


def _site(name: str) -> str:
    return name.partition(".")[0]


def _number(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refusal("bad-call", "'value' must be a number")
    return float(value)


def _tag_out(lock: TagOut) -> dict[str, Any]:
    return {"device": lock.device, "who": lock.who, "reason": lock.reason, "since": lock.since}
