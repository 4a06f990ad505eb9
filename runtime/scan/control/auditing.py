"""What the control room writes into the audit trail: every select, operate, outcome, force and tag-out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from runtime.scan.clock import Moment
from runtime.scan.control.operation import Operation, Verdict
from runtime.scan.control.refusal import Refused
from tagdb.accounts import Actor
from tagdb.audit import AuditEntry

__all__ = ["Audit"]

_RESULTS = {Verdict.DONE: "done", Verdict.UNKNOWN: "unknown", Verdict.CANCELLED: "refused"}


class Audit:
    """Makes the entries; ``write`` takes them and neither raises nor waits."""

    def __init__(self, write: Callable[[AuditEntry], None]) -> None:
        self._write = write

    def note(
        self,
        action: str,
        actor: Actor,
        target: str,
        now: Moment,
        *,
        old: str = "",
        new: str = "",
        result: str = "done",
        **detail: Any,
    ) -> None:
        """One line. ``target``: a device or a tag."""
        self._write(
            AuditEntry(
                time=now.time, who=actor.name, role=actor.role.word, origin=actor.origin, session=actor.session,
                action=action, site=target.partition(".")[0], target=target, old=old, new=new, result=result,
                detail=detail,
            )
        )  # fmt: skip

    @contextmanager
    def refusals(self, action: str, actor: Actor, target: str, command: str, now: Moment) -> Iterator[None]:
        """Note whatever is refused inside, and let it go on."""
        try:
            yield
        except Refused as refused:
            words = dict(refused.words)
            self.note(action, actor, target, now, result="refused", command=command, code=refused.code, words=words)
            raise

    def outcome(self, operation: Operation, now: Moment) -> None:
        """What became of a command."""
        self.note(
            "command.outcome",
            operation.actor,
            operation.spec.device,
            now,
            old=operation.old,
            new=operation.new,
            result=_RESULTS.get(operation.verdict, "failed"),
            command=operation.spec.name,
            number=operation.id,
            code=operation.code,
            words=dict(operation.reason),
            stages={str(stage): str(proof) for stage, proof in operation.stages.items()},
        )
