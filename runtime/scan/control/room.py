"""The control room: commands are selected, operated and proven here, between scans and in them; never twice.

Stage: orders come through the command channel between two scans; what is to be written goes to the field, and what it
reports comes back through a queue that each scan drains.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from runtime.scan.clock import Moment
from runtime.scan.control.auditing import Audit
from runtime.scan.control.checks import check_command, check_device, check_value, shows_effect
from runtime.scan.control.operation import Operation, Phase
from runtime.scan.control.refusal import Refused
from runtime.scan.control.report import ReadBack, WriteOrder, WriteReport, WriteStep
from runtime.scan.control.selection import TOKEN_LIFE_S, Selections, same_person
from runtime.scan.control.spec import CommandSpec, DeviceControls, same_effect
from runtime.scan.control.tagouts import TagOut, TagOuts
from runtime.scan.control.values import shown_now, shown_raw, shown_value
from runtime.scan.logic import Frame
from tagdb import TagStore
from tagdb.accounts import Actor

__all__ = ["SEND_WITHIN_S", "ControlRoom"]

#: a command that has not begun by then is stale and never sent, seconds
SEND_WITHIN_S = 4.0
#: operations of a device that are kept for those who ask later
_KEPT = 30


class ControlRoom:
    """Called by the scan's thread alone, but for ``report``."""

    def __init__(
        self,
        devices: Mapping[str, DeviceControls],
        store: TagStore,
        tag_outs: TagOuts,
        audit: Audit,
        *,
        new_token: Callable[[], str],
        describe: Callable[[CommandSpec, int], list[WriteStep]],
        send: Callable[[WriteOrder], None],
        first_id: int = 1,
    ) -> None:
        """``describe``: the frames of a command; ``send``: hands an order to the field and returns at once."""
        self.devices = devices
        self.tag_outs = tag_outs
        tag_outs.locate({device: controls.place for device, controls in devices.items()})
        self.audit = audit
        self._store = store
        self._describe = describe
        self._send = send
        self.selections = Selections(new_token)
        self._numbers = itertools.count(first_id)
        self._operations: dict[int, Operation] = {}
        #: those of them that are not over, or have just ended: the only ones that a scan looks at
        self._open: dict[int, Operation] = {}
        self._reports: deque[WriteReport | ReadBack] = deque()
        #: device -> operations whose outcome is not known, since the start
        self.unknown: dict[str, int] = {}

    def install(self, devices: Mapping[str, DeviceControls]) -> None:
        """Take another configuration over. What is selected is void, what is not written yet is withdrawn; what was
        written is followed to its end, by its tags only where they still mean what they did."""
        for device in self.devices:
            self.selections.drop_device(device)
        self.devices = devices
        for operation in self._operations.values():
            if operation.over:
                continue
            operation.revoke(Refused("reloaded"))
            controls = devices.get(operation.spec.device)
            after = controls.commands.get(operation.spec.name) if controls else None
            operation.blind = operation.blind or after is None or not same_effect(operation.spec, after)

    def report(self, report: WriteReport | ReadBack) -> None:
        """What the field has to say. Any thread."""
        self._reports.append(report)

    # Orders, between two scans

    def select(
        self, actor: Actor, device: str, command: str, value: float | None, now: Moment
    ) -> dict[str, Any]:
        """Check everything and reserve the device. Raises Refused."""
        spec = self.spec(device, command)
        with self.audit.refusals("command.select", actor, spec.device, spec.name, now):
            self._free(spec, actor, now)
            raw = self._check(spec, value, now)
            selection = self.selections.add(actor, spec, value, raw, now)
        new, steps = shown_value(spec, value), self._describe(spec, raw)
        old = shown_now(spec, self._store)
        self.audit.note("command.select", actor, spec.device, now, command=spec.name, old=old, new=new)
        return {
            "token": selection.token,
            "expires_s": TOKEN_LIFE_S,
            "device": spec.device,
            "command": spec.name,
            "label": spec.label,
            "value": value,
            "old": old,
            "new": new,
            "hold_s": spec.hold_s,
            "danger": spec.danger,
            "steps": [{"after_ms": round(s.after_s * 1000), "frame": s.frame, "words": s.words} for s in steps],
            "read_back": spec.write.read_back,
            "effect_within_s": spec.effect.within_s if spec.effect else None,
        }

    def operate(
        self, actor: Actor, token: str, device: str, command: str, value: float | None, now: Moment
    ) -> dict[str, Any]:
        """Give the command that a token was given for. Everything is checked once more. Raises Refused."""
        spec = self.spec(device, command)
        with self.audit.refusals("command.operate", actor, spec.device, spec.name, now):
            selection = self.selections.take(token, actor, device, command, value, now)
            self._free(spec, actor, now)
            raw = self._check(spec, value, now)
            if raw != selection.raw or spec != selection.spec:
                raise Refused("token-foreign")
        number = next(self._numbers)
        order = WriteOrder(number, spec.write, raw, SEND_WITHIN_S)
        old, new = shown_now(spec, self._store), shown_value(spec, value)
        operation = Operation(number, spec, actor, order, value, old, new, now)
        self._keep(operation)
        self.audit.note(
            "command.operate", actor, spec.device, now, command=spec.name, old=old, new=new, number=number
        )
        self._send(order)
        return operation.to_json(now)

    def cancel(self, actor: Actor, token: str, number: int, now: Moment) -> dict[str, Any]:
        """Give a selection back, or withdraw an operation that has not switched anything yet. Raises Refused."""
        if number:
            operation = self.operation(number)
            if not same_person(operation.actor, actor):
                raise Refused("not-your-command", who=operation.actor.name)
            if not operation.cancel(now):
                raise Refused("too-late")
            return operation.to_json(now)
        selection = self.selections.drop(token, actor)
        if selection is None:
            raise Refused("token-unknown")
        self.audit.note("command.cancel", actor, selection.spec.device, now, command=selection.spec.name)
        return {}

    def tag_out(self, actor: Actor, device: str, why: str, now: Moment) -> TagOut:
        """Lock a device; what is selected is void, what waits to be sent is withdrawn. Raises Refused."""
        with self.audit.refusals("tag-out", actor, device, "", now):
            lock = self.tag_outs.set(actor, device, why, now.time, self._controls(device).place)
        self.selections.drop_device(device)
        for operation in self.operations(device):
            operation.revoke(Refused("tagged-out", who=lock.who, why=lock.reason))
        self.audit.note("tag-out", actor, device, now, new=lock.reason, reason=lock.reason)
        return lock

    def tag_in(self, actor: Actor, device: str, now: Moment) -> TagOut:
        """Take the lock of a device back. Raises Refused."""
        with self.audit.refusals("tag-in", actor, device, "", now):
            place = self.devices[device].place if device in self.devices else ""
            lock = self.tag_outs.remove(actor, device, place)
        self.audit.note("tag-in", actor, device, now, old=f"{lock.who}: {lock.reason}")
        return lock

    # What is known

    def lock_of(self, device: str) -> TagOut | None:
        """The lock of a device, set under this name or under an earlier one."""
        return self.tag_outs.of(device, self._controls(device).place)

    def spec(self, device: str, command: str) -> CommandSpec:
        """A command. Raises Refused."""
        found = self._controls(device).commands.get(command)
        if found is None:
            raise Refused("unknown-command", device=device, command=command)
        return found

    def operation(self, number: int) -> Operation:
        """An operation. Raises Refused."""
        if number not in self._operations:
            raise Refused("unknown-operation", number=number)
        return self._operations[number]

    def operations(self, device: str = "") -> list[Operation]:
        """Those that are remembered, the newest first."""
        found = [one for one in self._operations.values() if not device or one.spec.device == device]
        return found[::-1]

    def possible(self, spec: CommandSpec, actor: Actor | None, now: Moment) -> Refused | None:
        """Why a command cannot be selected now; None where it can. A value is not looked at."""
        try:
            self._free(spec, actor, now)
            self._check_plant(spec, now)
        except Refused as refused:
            return refused
        return None

    def states(self, now: Moment) -> dict[str, int]:
        """Devices where something is under way: 1 selected, 2 a command is being written, 3 awaiting its effect."""
        states = dict.fromkeys(self.selections.devices(now), 1)
        for operation in self._open.values():
            if not operation.over:
                state = 2 if operation.phase is Phase.QUEUED else 3
                device = operation.spec.device
                states[device] = 2 if 2 in (state, states.get(device)) else 3
        return states

    # In every scan

    def evaluate(self, store: TagStore, now: Moment) -> list[Operation]:
        """Take reports, look at the effects; the operations that are over since."""
        for _ in range(len(self._reports)):
            report = self._reports.popleft()
            operation = self._operations.get(report.id)
            if operation is None or operation.over:
                continue
            if isinstance(report, WriteReport):
                operation.written(report, now)
            else:
                shown = "" if report.raw is None else shown_raw(operation.spec, report.raw)
                operation.read_back(report, now, shown)
        self.selections.expire(now)
        ended = []
        frame = Frame(store, now)
        for operation in list(self._open.values()):
            if operation.phase is Phase.QUEUED:
                self._recheck(operation, now)
            if operation.ended is None or operation.ended == now:
                operation.observe(shows_effect(operation, store, frame), now)
                operation.overdue(now)
                if operation.over:
                    ended.append(operation)
            if operation.over:
                del self._open[operation.id]
        for operation in ended:
            self._over(operation, now)
        return ended

    def _recheck(self, operation: Operation, now: Moment) -> None:
        """What waits for its turn on the line is taken back as soon as it would be refused."""
        try:
            if lock := self.lock_of(operation.spec.device):
                raise Refused("tagged-out", who=lock.who, why=lock.reason)
            self._check_plant(operation.spec, now)
        except Refused as refused:
            operation.revoke(refused)

    def _over(self, operation: Operation, now: Moment) -> None:
        device = operation.spec.device
        if operation.verdict == "unknown":
            self.unknown[device] = self.unknown.get(device, 0) + 1
        self.audit.outcome(operation, now)

    def _keep(self, operation: Operation) -> None:
        self._operations[operation.id] = self._open[operation.id] = operation
        old = [one.id for one in self.operations(operation.spec.device)[_KEPT:] if one.over]
        for number in old:
            del self._operations[number]

    def _free(self, spec: CommandSpec, actor: Actor | None, now: Moment) -> None:
        """Nobody has locked the device, and nobody else is at it."""
        if tag_out := self.lock_of(spec.device):
            raise Refused("tagged-out", who=tag_out.who, why=tag_out.reason)
        for operation in self._open.values():
            if operation.over or operation.spec.device != spec.device:
                continue
            if operation.phase is Phase.QUEUED:
                raise Refused("busy", who=operation.actor.name, command=operation.spec.label)
            before, after = operation.spec.write, spec.write
            if (before.coil, before.address) == (after.coil, after.address):
                raise Refused("settling", command=operation.spec.label)
        held = self.selections.of(spec.device, now)
        if held is not None and (actor is None or not same_person(held.actor, actor)):
            raise Refused("held", who=held.actor.name, command=held.spec.label)

    def _controls(self, device: str) -> DeviceControls:
        if device not in self.devices:
            raise Refused("unknown-device", device=device)
        return self.devices[device]

    def _check(self, spec: CommandSpec, value: float | None, now: Moment) -> int:
        self._check_plant(spec, now)
        return check_value(spec, value)

    def _check_plant(self, spec: CommandSpec, now: Moment) -> None:
        frame = Frame(self._store, now)
        check_device(self._controls(spec.device), self._store, frame)
        check_command(spec, self._store, frame)
