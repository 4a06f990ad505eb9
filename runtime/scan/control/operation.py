"""One command after its operate: three stages of proof, and a verdict that says no more than is known.

Pure: reports and readings are arguments, time is one, the verdict follows. An operation never asks for a second write.

    queued -> writing -> proving -> over
              |          accepted (echo), stored (read back), effective (the plant)
              +-> over: nothing was sent, or the device refused
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from runtime.scan.clock import Moment
from runtime.scan.control.refusal import Refused, reason
from runtime.scan.control.report import Echo, ReadBack, WriteOrder, WriteReport
from runtime.scan.control.spec import CommandSpec
from tagdb import Words
from tagdb.accounts import Actor

__all__ = ["Operation", "Phase", "Proof", "Stage", "Verdict"]

#: how long a report of the field may take beyond what the order allows, seconds
_REPORT_PATIENCE_S = 15.0
_NO_REPORT: Words = {"en": "no report", "ru": "нет отчёта о записи"}


class Phase(StrEnum):
    """Where an operation stands."""

    QUEUED = "queued"
    PROVING = "proving"
    OVER = "over"


class Stage(StrEnum):
    """The three proofs, in the order they come."""

    ACCEPTED = "accepted"
    STORED = "stored"
    EFFECTIVE = "effective"


class Proof(StrEnum):
    """How a stage stands."""

    #: the map declares none
    NONE = "none"
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"
    #: it can not be told any more
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """What became of it."""

    UNDER_WAY = "under-way"
    DONE = "done"
    #: surely not executed, or surely without effect
    FAILED = "failed"
    #: it may have been executed
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


@dataclass(slots=True)
class Operation:
    """State of one command from its operate on; changed by the control room alone."""

    id: int
    spec: CommandSpec
    actor: Actor
    order: WriteOrder
    #: in units; None for a command without a value
    value: float | None
    #: the value that was in force before, as text
    old: str
    new: str
    begun: Moment
    stages: dict[Stage, Proof] = field(default_factory=dict)
    phase: Phase = Phase.QUEUED
    verdict: Verdict = Verdict.UNDER_WAY
    code: str = ""
    reason: Words = field(default_factory=dict)
    #: monotonic seconds after which a reading counts for the effect, and until which it is waited for
    written_at: float = 0.0
    effect_until: float = float("inf")
    #: seconds from operate to the switching frame; None = not sent, or not known yet
    to_wire_s: float | None = None
    #: why it was withdrawn without anybody asking; None = it was not
    revoked: Words | None = None
    #: the configuration was changed under it: the tags that would show its effect may mean something else now
    blind: bool = False
    ended: Moment | None = None

    def __post_init__(self) -> None:
        write, effect = self.spec.write, self.spec.effect
        self.stages = {
            Stage.ACCEPTED: Proof.PENDING,
            Stage.STORED: Proof.PENDING if write.read_back else Proof.NONE,
            Stage.EFFECTIVE: Proof.NONE if effect is None else Proof.PENDING,
        }

    @property
    def over(self) -> bool:
        """Whether nothing more will change."""
        return self.phase is Phase.OVER

    def cancel(self, now: Moment) -> bool:
        """Withdraw it while nothing has switched yet; False when it is too late. The field has the last word."""
        if self.phase is not Phase.QUEUED:
            return False
        self.order.withdrawn.set()
        return True

    def revoke(self, why: Refused) -> None:
        """What released it does not hold any more: withdraw it while nothing has switched yet."""
        if self.phase is Phase.QUEUED and not self.order.withdrawn.is_set():
            self.revoked = why.words
            self.order.withdrawn.set()

    def written(self, report: WriteReport, now: Moment) -> None:
        """The write is over."""
        if self.over:
            return
        self.phase = Phase.PROVING
        self.written_at = report.written_at
        if report.sent_at is not None:
            self.to_wire_s = report.sent_at - self.begun.monotonic
        if report.echo is Echo.REFUSED:
            self.stages[Stage.ACCEPTED] = Proof.FAILED
            if report.code == "cancelled" and self.revoked is not None:
                self._end(Verdict.CANCELLED, "revoked", now, why=self.revoked)
                return
            verdict = Verdict.CANCELLED if report.code == "cancelled" else Verdict.FAILED
            self._end(verdict, report.code, now, detail=report.detail)
            return
        self.stages[Stage.ACCEPTED] = Proof.DONE if report.echo is Echo.ACCEPTED else Proof.UNKNOWN
        if report.echo is Echo.UNKNOWN:
            self.code, self.reason = report.code, reason(report.code, detail=report.detail)
        if self.spec.effect is not None:
            self.effect_until = report.written_at + self.spec.effect.within_s
        self._settle(now)

    def read_back(self, report: ReadBack, now: Moment, shown: str) -> None:
        """A setting was read back; ``shown``: what was found, as text."""
        if self.over or self.stages[Stage.STORED] is not Proof.PENDING:
            return
        if report.raw is None:
            self.stages[Stage.STORED] = Proof.UNKNOWN
            self.code, self.reason = "read-back-failed", reason("read-back-failed", detail=report.detail)
            self._settle(now)
        elif report.raw == self.order.raw:
            self.stages[Stage.STORED] = Proof.DONE
            self._settle(now)
        else:
            self.stages[Stage.STORED] = Proof.FAILED
            self._end(Verdict.FAILED, "not-stored", now, wanted=self.new, found=shown)

    def observe(self, holds: bool | None, now: Moment) -> None:
        """What the plant shows in this scan: None where nobody can tell yet."""
        if self.phase is not Phase.PROVING or self.stages[Stage.EFFECTIVE] is not Proof.PENDING:
            return
        if holds:
            self.stages[Stage.EFFECTIVE] = Proof.DONE
        elif now.monotonic > self.effect_until:
            self.stages[Stage.EFFECTIVE] = Proof.UNKNOWN if holds is None else Proof.FAILED
        else:
            return
        self._settle(now)

    def overdue(self, now: Moment) -> None:
        """The field owes a report it should have given long ago: nobody knows what was written."""
        spec, waited = self.spec, now.monotonic - self.begun.monotonic
        allowed = self.order.live_s + 6 * spec.write.timeout_s + sum(spec.write.pulse or ()) + _REPORT_PATIENCE_S
        if self.phase is Phase.QUEUED and waited > allowed:
            self.order.withdrawn.set()
            report = WriteReport(self.id, Echo.UNKNOWN, "answer-lost", _NO_REPORT, None, now.monotonic)
            self.written(report, now)
        elif self.stages[Stage.STORED] is Proof.PENDING and waited > 2 * allowed:
            self.read_back(ReadBack(self.id, None, _NO_REPORT), now, "")

    def _settle(self, now: Moment) -> None:
        if Proof.PENDING in self.stages.values():
            return
        accepted, stored, effective = (self.stages[stage] for stage in Stage)
        lost = accepted is Proof.UNKNOWN
        seconds = f"{self.spec.effect.within_s:g}" if self.spec.effect else ""
        if effective is Proof.DONE:
            self._end(Verdict.DONE, "effective-echo-lost" if lost else "effective", now)
        elif effective in (Proof.FAILED, Proof.UNKNOWN) and lost and stored is not Proof.DONE:
            self._end(Verdict.UNKNOWN, "unproven", now, seconds=seconds)
        elif effective is Proof.FAILED:
            hint = self.spec.effect.hint if self.spec.effect else {}
            self._end(Verdict.FAILED, "no-effect", now, seconds=seconds, hint=hint or {"en": "", "ru": ""})
        elif effective is Proof.UNKNOWN:
            self._end(Verdict.UNKNOWN, "not-seen", now, seconds=seconds)
        elif stored is Proof.DONE:
            self._end(Verdict.DONE, "stored-echo-lost" if lost else "stored", now)
        elif stored is Proof.UNKNOWN or lost:
            self._end(Verdict.UNKNOWN, self.code, now)
        else:
            self._end(Verdict.DONE, "accepted", now)

    def _end(self, verdict: Verdict, code: str, now: Moment, **fields: object) -> None:
        self.phase, self.verdict, self.ended = Phase.OVER, verdict, now
        if fields or code != self.code:
            self.code, self.reason = code, reason(code, **fields)
        for stage, proof in self.stages.items():
            if proof is Proof.PENDING:
                self.stages[stage] = Proof.NONE

    def to_json(self, now: Moment) -> dict[str, Any]:
        """For pages and programs."""
        effect = self.spec.effect
        left = self.effect_until - now.monotonic
        return {
            "id": self.id,
            "device": self.spec.device,
            "command": self.spec.name,
            "label": self.spec.label,
            "value": self.value,
            "old": self.old,
            "new": self.new,
            "who": self.actor.name,
            "begun": self.begun.time,
            "ended": self.ended.time if self.ended else None,
            "phase": str(self.phase),
            "verdict": str(self.verdict),
            "code": self.code,
            "reason": self.reason,
            "stages": [{"stage": str(stage), "proof": str(proof)} for stage, proof in self.stages.items()],
            "effect_within_s": effect.within_s if effect else None,
            "effect_left_s": round(max(0.0, left), 1) if not self.over and left < float("inf") else None,
            "to_wire_ms": None if self.to_wire_s is None else round(self.to_wire_s * 1000, 1),
        }
