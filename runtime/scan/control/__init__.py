"""Commands as a state machine: select, operate, proof in three stages; forces and tag-outs. No thread, no wire."""

from runtime.scan.control.auditing import Audit
from runtime.scan.control.forces import Force, Forces
from runtime.scan.control.operation import Operation, Phase, Proof, Stage, Verdict
from runtime.scan.control.refusal import REASONS, Refused, reason
from runtime.scan.control.report import Echo, ReadBack, WriteOrder, WriteReport, WriteStep
from runtime.scan.control.room import SEND_WITHIN_S, ControlRoom
from runtime.scan.control.selection import TOKEN_LIFE_S
from runtime.scan.control.spec import CommandSpec, DeviceControls, EffectSpec, Interlock, ValueSpec, WriteSpec
from runtime.scan.control.tagouts import TagOut, TagOuts

__all__ = [
    "REASONS", "SEND_WITHIN_S", "TOKEN_LIFE_S", "Audit", "CommandSpec", "ControlRoom", "DeviceControls", "Echo",
    "EffectSpec", "Force", "Forces", "Interlock", "Operation", "Phase", "Proof", "ReadBack", "Refused", "Stage",
    "TagOut", "TagOuts", "ValueSpec", "Verdict", "WriteOrder", "WriteReport", "WriteSpec", "WriteStep", "reason",
]  # fmt: skip
