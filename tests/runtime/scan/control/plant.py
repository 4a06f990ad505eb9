"""One genset and one bus tie as the control room sees them: tags set by hand, orders kept instead of sent."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from runtime.rules import Plant, ScopeNames
from runtime.scan import Moment
from runtime.scan.control import (
    Audit,
    CommandSpec,
    ControlRoom,
    DeviceControls,
    Echo,
    EffectSpec,
    Interlock,
    ReadBack,
    TagOuts,
    ValueSpec,
    WriteOrder,
    WriteReport,
    WriteSpec,
)
from runtime.scan.logic import Expression, parse
from tagdb import Batch, DeviceInfo, Kind, Quality, Tag, TagStore
from tagdb.accounts import Actor, Role
from tagdb.audit import AuditEntry

__all__ = ["ANNA", "BORIS", "GENSET", "Desk"]

GENSET = "mkz.gpu1"
ANNA = Actor("Анна", Role.OPERATOR, session="s1")
BORIS = Actor("Борис", Role.OPERATOR, session="s2")
ROOT = Actor("root", Role.ADMINISTRATOR, session="s3")
_TAGS = {"comm_state": Kind.ENUM, "manual": Kind.BOOL, "closed": Kind.BOOL, "limit": Kind.FLOAT, "local": Kind.BOOL}


def words(text: str) -> dict[str, str]:
    return {"en": text, "ru": text}


class Desk:
    """A control room with its plant; ``now`` moves by ``pass_time``."""

    def __init__(self) -> None:
        tags = [
            Tag(f"{GENSET}.{name}", slot, kind, "mkz", GENSET, "g", words(name), origin={"address": slot})
            for slot, (name, kind) in enumerate(_TAGS.items())
        ]
        tags.append(Tag("links.line.connected", len(tags), Kind.BOOL, "", "", "comm", words("connected")))
        self.store = TagStore()
        self.store.install(tags)
        self.slots = {tag.name: tag.slot for tag in tags}
        plant = Plant.of(tags, ["mkz"], [DeviceInfo(GENSET, "mkz", words("1"), "m", words("m"), "line", 1)], {})
        self._names = ScopeNames(plant, GENSET)
        self.entries: list[AuditEntry] = []
        self.orders: list[WriteOrder] = []
        self.tag_outs = TagOuts()
        tokens = itertools.count(1)
        self.room = ControlRoom(
            {GENSET: self._controls()}, self.store, self.tag_outs, Audit(self.entries.append),
            new_token=lambda: f"token {next(tokens)}", describe=lambda spec, raw: [], send=self.orders.append,
        )  # fmt: skip
        self.now = Moment(1_000_000.0, 100.0)
        for name in ("comm_state", "manual"):
            self.read(name, 1)
        for name in ("closed", "local"):
            self.read(name, 0)
        self.read("limit", 50.0)
        self.store.set("links.line.connected", 1, Quality.GOOD, self.now.time)

    def expression(self, text: str) -> Expression:
        return parse(text).bind(self._names)

    def _controls(self) -> DeviceControls:
        manual = Interlock(self.expression("manual"), words("manual mode only"))
        specs = [
            self._spec("close", 6, interlocks=(manual, Interlock(self.expression("not closed"), words("it is closed"))),
                       effect=EffectSpec(10.0, self.expression("closed"), hint=words("look at the breaker"))),
            self._spec("stop", 1),
            self._spec("turn", 5, toggle=True, pulse=None,
                       interlocks=(Interlock(self.expression("not closed"), words("it is closed")),),
                       effect=EffectSpec(10.0, self.expression("closed"))),
            self._spec("limit", 4352, coil=False, read_back=True, pulse=None,
                       value=ValueSpec(0.0, 100.0, 0.1, 1, "%"), shows=f"{GENSET}.limit"),
            self._spec("target", 4368, coil=False, pulse=None, value=ValueSpec(0.0, 100.0, 0.1, 1, "%"),
                       effect=EffectSpec(10.0, None, self.slots[f"{GENSET}.limit"], 0.1 + 1e-9)),
            self._spec("mode", 4351, coil=False, pulse=None, read_back=True,
                       value=ValueSpec(0, 0, texts={0: words("A"), 1: words("B")})),
        ]  # fmt: skip
        return DeviceControls(
            GENSET, "mkz", self.slots[f"{GENSET}.comm_state"], self.slots["links.line.connected"],
            self.expression("local"), {spec.name: spec for spec in specs},
        )  # fmt: skip

    def _spec(
        self, name: str, address: int, *, coil: bool = True, read_back: bool = False,
        pulse: tuple[float, float] | None = (0.1, 0.6), **more: Any,
    ) -> CommandSpec:  # fmt: skip
        write = WriteSpec("line", 1, coil, address, pulse, read_back, 0.3, 1.0)
        return CommandSpec(f"{GENSET}.{name}", GENSET, "mkz", name, words(name), "engine", "high", 2.0, write, **more)

    def read(self, name: str, value: float, quality: Quality = Quality.GOOD) -> None:
        """The device says so now."""
        batch = Batch(
            np.array([self.slots[f"{GENSET}.{name}"]]), np.array([float(value)]), np.array([quality], np.uint16),
            self.now.time, self.now.monotonic,
        )  # fmt: skip
        self.store.apply(batch, self.now.time)

    def pass_time(self, seconds: float) -> None:
        """And a scan at its end."""
        self.now = Moment(self.now.time + seconds, self.now.monotonic + seconds)
        self.scan()

    def scan(self) -> None:
        self.room.evaluate(self.store, self.now)

    def select(self, command: str, value: float | None = None, actor: Actor = ANNA) -> str:
        token: str = self.room.select(actor, GENSET, command, value, self.now)["token"]
        return token

    def operate(self, token: str, command: str, value: float | None = None, actor: Actor = ANNA) -> int:
        number: int = self.room.operate(actor, token, GENSET, command, value, self.now)["id"]
        return number

    def give(self, command: str, value: float | None = None) -> int:
        return self.operate(self.select(command, value), command, value)

    def written(self, number: int, echo: Echo = Echo.ACCEPTED, code: str = "", detail: str = "the wire") -> None:
        """The field reports."""
        code = code or ("answer-lost" if echo is Echo.UNKNOWN else "not-sent" if echo is Echo.REFUSED else "")
        at = self.now.monotonic
        self.room.report(WriteReport(number, echo, code, detail, at, at))
        self.pass_time(0.1)

    def read_back(self, number: int, raw: int | None) -> None:
        self.room.report(ReadBack(number, raw, "" if raw is not None else "no answer"))
        self.pass_time(0.1)

    def outcome(self, number: int) -> tuple[str, str]:
        operation = self.room.operation(number)
        return str(operation.verdict), operation.code

    def proofs(self, number: int) -> str:
        """accepted, stored, effective, as one word each."""
        return " ".join(str(proof) for proof in self.room.operation(number).stages.values())
