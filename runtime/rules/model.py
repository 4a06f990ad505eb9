"""Rules after reading, before they are attached to devices: expressions parsed, every part with its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from registermaps import Fault
from registermaps.reader import Node
from runtime.rules.template import Template
from runtime.scan.alarms import Priority
from runtime.scan.logic import ExpressionError, Parsed
from tagdb import Words

__all__ = ["AlarmRule", "DerivedTag", "Formula", "Level", "RuleFile", "Source", "SuppressRule"]


@dataclass(frozen=True, slots=True)
class Source:
    """One file, for faults that point."""

    file: str
    lines: Sequence[str] = field(repr=False, compare=False)

    @classmethod
    def read(cls, path: Path) -> Source:
        """Its lines, as far as it can be read."""
        try:
            return cls(str(path), path.read_bytes().decode("utf-8-sig", "replace").split("\n"))
        except OSError:
            return cls(str(path), ())

    def faults(self, error: ExpressionError, node: Node, path: str) -> list[Fault]:
        """The mistakes of an expression that stands at a node, each at its own column."""
        line = self.lines[node.line - 1] if node.line <= len(self.lines) else ""
        raw = line[node.column - 1 :]
        quoted = raw[:1] in ("'", '"')
        here = raw[quoted:].startswith(node.text)
        faults = []
        for one in error.problems:
            column = node.column + quoted + one.column - 1 if here else node.column
            where = "" if here else f" (column {one.column} of it)"
            faults.append(Fault(self.file, node.line, column, path, one.message + where))
        return faults


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression and where it stands."""

    parsed: Parsed
    node: Node
    #: "alarm 'coolant_high': value"
    path: str


@dataclass(frozen=True, slots=True)
class DerivedTag:
    """A tag that is computed."""

    name: str
    value: Formula
    label: Words
    type: str
    unit: str
    decimals: int
    deadband: float
    group: str
    note: str
    node: Node


@dataclass(frozen=True, slots=True)
class Level:
    """One of the alarms that a rule makes; most make one."""

    #: "" or "high_high", "high", "low", "low_low"
    name: str
    #: the limit; None where the rule has none
    at: Formula | None
    priority: Priority
    on_delay_s: float
    off_delay_s: float


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """Conditions with their message."""

    id: str
    #: "truth", "limit", "deviation", "rate", "bad" or "stale"
    kind: str
    #: the condition, or the value it looks at
    value: Formula
    levels: Sequence[Level]
    enable: Formula | None
    #: deviation: from what, and by how much
    reference: Formula | None
    by: Formula | None
    #: rate: units a second, and over how long; stale: how old
    per_s: float
    seconds: float
    deadband: float
    alarm_class: str
    latched: bool
    #: language -> message
    messages: Mapping[str, Template]
    #: where each message stands
    message_nodes: Mapping[str, Node]
    title: Words
    help: Words
    snapshot: Sequence[str]
    node: Node

    def formulas(self) -> list[Formula]:
        """Every expression of it, messages apart."""
        parts = [self.value, self.enable, self.reference, self.by, *(level.at for level in self.levels)]
        return [part for part in parts if part is not None]


@dataclass(frozen=True, slots=True)
class SuppressRule:
    """Alarms that are not announced while a condition holds."""

    id: str
    condition: Formula
    #: names of alarm points and of alarm rules, with stars
    alarms: Sequence[str]
    on_delay_s: float
    off_delay_s: float
    reason: Words
    node: Node
    #: where the list of alarms stands
    alarms_node: Node


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One YAML file."""

    name: str
    source: Source
    #: register map it is attached to, "" for none
    map: str
    #: one instance for each site
    each_site: bool
    tags: Sequence[DerivedTag]
    alarms: Sequence[AlarmRule]
    #: where its name stands, and the map's
    node: Node
    map_node: Node
    suppress: Sequence[SuppressRule] = ()
