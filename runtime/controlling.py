"""Commands wired into the program: the control room in the scan, the field's hands, tags, journal and file.

Stage: a rule of the scan looks at what is under way; orders come over the channel (see ``control_verbs``) and are
carried out between two scans.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from runtime.control_file import ControlFile, Kept
from runtime.field import Pollers, carry_out, describe
from runtime.scan import Moment, Rule
from runtime.scan.control import (
    Audit,
    CommandSpec,
    ControlRoom,
    DeviceControls,
    Echo,
    Forces,
    Operation,
    TagOut,
    TagOuts,
    WriteOrder,
    WriteReport,
    WriteStep,
    reason,
)
from runtime.wire import LinkKind
from tagdb import Quality, TagStore
from tagdb.accounts import Actor, Denied, Role
from tagdb.audit import AuditEntry, AuditLine
from tagdb.history import Event, HistoryWriter

__all__ = ["Controlling"]

log = logging.getLogger("scada.control")

#: entries of the audit trail that are told in the journal, too: looking is not
_TOLD = ("command.operate", "command.outcome", "force", "release", "tag-out", "tag-in")
_SYSTEM = Actor("scada", Role.ADMINISTRATOR, origin="runtime")


class Controlling:
    """Built and called by the scan's thread, but for what the verbs hand over."""

    def __init__(
        self,
        controls: Mapping[str, DeviceControls],
        kinds: Mapping[str, LinkKind],
        store: TagStore,
        pollers: Pollers,
        now: Moment,
        *,
        wall: Callable[[], float],
        file: ControlFile,
        history: HistoryWriter | None,
        write_audit: Callable[[AuditEntry], None],
        open_commands: Sequence[AuditLine] = (),
    ) -> None:
        """``kinds``: link -> what carries its frames. ``open_commands``: of an earlier run, which told no outcome."""
        self.store = store
        self._pollers = pollers
        self._kinds = kinds
        self._wall = wall
        self._file = file
        self._history = history
        self._write_audit = write_audit
        kept = file.load(controls, now.time)
        self.tag_outs = TagOuts(kept.tag_outs)
        self.forces = Forces(store)
        #: forces of the run before this one that were still to last: they are told, and not set again
        self._dropped = [row for row in kept.forces if float(row.get("until", 0)) > now.time]
        self._dropped_told = 0
        self._open_commands = list(open_commands)
        self.audit = Audit(self._note)
        self.room = ControlRoom(
            controls,
            store,
            self.tag_outs,
            self.audit,
            new_token=lambda: secrets.token_urlsafe(18),
            describe=self._describe,
            send=self._send,
            # Numbers of another run must not be taken for this one's.
            first_id=int(now.time * 10) % 1_000_000_000,
        )
        self.rule = Rule("control", self._evaluate)
        self._shown: dict[str, float | str] = {}
        self._states: dict[str, tuple[int, str, int, TagOut | None]] = {}
        self._last: dict[str, str] = {}

    def install(self, controls: Mapping[str, DeviceControls], kinds: Mapping[str, LinkKind]) -> None:
        """Take another configuration over, after the store took the new tags."""
        self._kinds = kinds
        self.room.install(controls)
        self._shown.clear()
        self._states.clear()

    def kept(self) -> Kept:
        """What is to be known after a restart."""
        return Kept(self.tag_outs.to_json(), [force.to_json() for force in self.forces.all()])

    def save(self, kept: Kept) -> None:
        """Write it down. Any thread; raises OSError."""
        self._file.save(kept)

    def shown(self, tag: str) -> str:
        """A tag's value as the audit trail tells it; "" where there is none."""
        value = self.store.value(tag)
        return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)

    def number(self, tag: str) -> float | None:
        """A tag's value as a number; None where there is no such tag, or no value."""
        value = self.store.value(tag) if tag in self.store else None
        return float(value) if isinstance(value, int | float) else None

    def denied(self, actor: Mapping[str, Any], action: str, target: str, command: str, denied: Denied) -> None:
        """Somebody was turned away at the gate. Any thread."""
        texts = {key: str(actor.get(key, "")) for key in ("name", "role", "origin", "session")}
        self._write_audit(
            AuditEntry(
                time=self._wall(), who=texts["name"], role=texts["role"], origin=texts["origin"],
                session=texts["session"], action=action, site=target.partition(".")[0], target=target, result="refused",
                detail={"command": command, "code": denied.code, "message": denied.message},
            )
        )  # fmt: skip

    # The field's hands

    def _describe(self, command: CommandSpec, raw: int) -> list[WriteStep]:
        return describe(command, raw, self._kinds[command.write.link])

    def _send(self, order: WriteOrder) -> None:
        async def work() -> None:
            await carry_out(self._pollers.bus(order.write.link), order, self.room.report)

        self._pollers.call(work()).add_done_callback(lambda done: self._carried_out(order, done))

    def _carried_out(self, order: WriteOrder, done: Future[None]) -> None:
        """A mistake of our own in the field must not leave a command without an outcome."""
        if done.cancelled() or done.exception() is None:
            return
        log.error("command %d: the field failed", order.id, exc_info=done.exception())
        now = self._pollers.now()
        self.room.report(WriteReport(order.id, Echo.UNKNOWN, "answer-lost", str(done.exception()), None, now))

    # In every scan

    def _evaluate(self, store: TagStore, now: Moment) -> None:
        for operation in self.room.evaluate(store, now):
            self._last[operation.spec.device] = _sentence(operation)
        for force in self.forces.expire(now):
            self.audit.note(
                "release", _SYSTEM, force.tag, now, old=f"{force.value:g}", reason="its time is over or its tag gone"
            )
        self._tell_dropped(now)
        self._publish(store, now)
        self._tell_open(now)

    def _tell_open(self, now: Moment) -> None:
        """Behind the first publishing, so that the alarm sees the counters grow."""
        told, self._open_commands = self._open_commands, []
        for line in told:
            self.room.unknown[line.target] = self.room.unknown.get(line.target, 0) + 1
            given = json.loads(line.detail)
            command, number = given.get("command", ""), given["number"]
            self._last[line.target] = f"{command}: unknown (restarted), {line.who}"
            detail = {"command": command, "number": number, "code": "restarted", "words": reason("restarted")}
            self._note(
                AuditEntry(
                    now.time, line.who, line.role, line.origin, line.session, "command.outcome", line.site, line.target,
                    line.old, line.new, "unknown", detail,
                )
            )  # fmt: skip

    def _tell_dropped(self, now: Moment) -> None:
        """In the second scan, so that the alarm sees the counter grow."""
        if self._dropped_told == 0:
            self._dropped_told = 1
            return
        dropped, self._dropped = self._dropped, []
        for row in dropped:
            self._dropped_told += 1
            old = f"{float(row['value']):g}"
            why = f"dropped by the restart; forced by {row['who']}: {row['reason']}"
            self.audit.note("release", _SYSTEM, str(row["tag"]), now, old=old, reason=why)

    def _publish(self, store: TagStore, now: Moment) -> None:
        values: dict[str, float | str] = {
            "scada.control.forced": len(self.forces.all()),
            "scada.control.tagged_out": len(self.tag_outs.all()),
            "scada.control.forces_dropped": max(0, self._dropped_told - 1),
        }
        states = self.room.states(now)
        for device in self.room.devices:
            lock = self.room.lock_of(device)
            state = (states.get(device, 0), self._last.get(device, ""), self.room.unknown.get(device, 0), lock)
            if self._states.get(device) == state:
                continue
            self._states[device] = state
            values |= {
                f"{device}.control_state": state[0],
                f"{device}.control_command": state[1],
                f"{device}.control_unknown": state[2],
                f"{device}.tagged_out": lock is not None,
                f"{device}.tag_out": f"{lock.who}: {lock.reason}" if lock else "",
            }
        for name, value in values.items():
            if self._shown.get(name) == value or name not in store:
                continue
            self._shown[name] = value
            if isinstance(value, str):
                store.set_text(name, value, Quality.GOOD, now.time)
            else:
                store.set(name, float(value), Quality.GOOD, now.time)

    # Audit and journal

    def _note(self, entry: AuditEntry) -> None:
        self._write_audit(entry)
        if self._history and entry.action in _TOLD and entry.result != "refused":
            self._history.post(self._event(entry))

    def _event(self, entry: AuditEntry) -> Event:
        device = entry.target if entry.target in self.room.devices else entry.target.rpartition(".")[0]
        command = str(entry.detail.get("command", ""))
        spec = self.room.devices[device].commands.get(command) if device in self.room.devices else None
        label = dict(spec.label) if spec else _ACTION_WORDS.get(entry.action, {"en": entry.action, "ru": entry.action})
        words = entry.detail.get("words") or {}
        return Event(
            time=entry.time,
            category="command",
            site=entry.site,
            device=device,
            key=entry.target,
            event=entry.action,
            text={key: f"{text}. {words[key]}" if words.get(key) else text for key, text in label.items()},
            before=entry.old,
            after=entry.new,
            who=entry.who,
            comment=str(entry.detail.get("reason", "")),
            data={"result": entry.result}
            | {key: entry.detail[key] for key in ("code", "number", "stages") if key in entry.detail},
        )


_ACTION_WORDS: Mapping[str, Mapping[str, str]] = {
    "force": {"en": "Tag forced", "ru": "Тег задан принудительно"},
    "release": {"en": "Force released", "ru": "Принудительное значение снято"},
    "tag-out": {"en": "Commands locked (tag-out)", "ru": "Команды заблокированы"},
    "tag-in": {"en": "Tag-out taken back", "ru": "Блокировка команд снята"},
}


def _sentence(operation: Operation) -> str:
    value = f" {operation.new}" if operation.new else ""
    return f"{operation.spec.name}{value}: {operation.verdict} ({operation.code}), {operation.actor.name}"
