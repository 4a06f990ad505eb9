"""Cases to test rules by: a YAML file of steps, each with a time, values that are set, and what is expected then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registermaps import ConfigError
from registermaps.reader import Node, Scalar, read_yaml
from registermaps.scalars import Duration, ListOf, Text
from registermaps.shape import BAD, Key, Names, Notes, Record, Row, Table, found
from tagdb import Quality

__all__ = ["Case", "CaseFile", "Expected", "Setting", "Step", "read_cases"]

_QUALITIES = {one.name.lower(): one for one in Quality}


@dataclass(frozen=True, slots=True)
class Setting:
    """A value with a quality; None: the value stays (or is not looked at)."""

    value: Scalar
    quality: Quality | None


@dataclass(frozen=True, slots=True)
class Expected:
    """One thing that must hold after the scan of a step."""

    #: tag, or key of an alarm
    name: str
    #: of a tag
    setting: Setting | None
    #: of an alarm: "active", "clear", "unsafe", "unknown" or "suppressed"
    state: str
    line: int


@dataclass(frozen=True, slots=True)
class Step:
    """One moment."""

    at_s: float
    sets: Mapping[str, Setting]
    expected: Sequence[Expected]
    line: int


@dataclass(frozen=True, slots=True)
class Case:
    """Steps from a fresh start."""

    name: str
    steps: Sequence[Step]
    line: int


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One file."""

    file: str
    #: "site.device" -> register map; empty: those of the ini
    devices: Mapping[str, str]
    period_s: float
    cases: Sequence[Case]


@dataclass(frozen=True, slots=True)
class _Value:
    """A value, or {value: ..., quality: ...}."""

    expected: str = "a value, or {value: ..., quality: ...}"

    def read(self, node: Node, notes: Notes, name: str) -> Any:
        value, quality = node, None
        if isinstance(node.value, Mapping):
            known = {"value", "quality"}
            if set(node.value) - known or not node.value:
                notes.add(node, f"found other keys than value and quality, expected {self.expected}")
                return BAD
            parts = {str(key): entry.value for key, entry in node.value.items()}
            word = parts.get("quality")
            value = parts.get("value", Node(None, node.line, node.column))
            if word is not None:
                quality = _QUALITIES.get(str(word.value))
                if quality is None:
                    notes.add(word, f"quality: found {found(word)}, expected one of {', '.join(_QUALITIES)}")
                    return BAD
        if isinstance(value.value, tuple | Mapping):
            notes.add(node, f"found {found(value)}, expected {self.expected}")
            return BAD
        return Setting(value.value, quality), node.line

    def json_schema(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True, slots=True)
class _Name:
    """Any name of a tag or an alarm."""

    noun: str
    numbers: None = None
    pattern: str = ".*"

    def read(self, key: Node, notes: Notes) -> Any:
        return key.text


_STATES = ("active", "clear", "unsafe", "unknown", "suppressed")


@dataclass(frozen=True, slots=True)
class _State:
    expected: str = f"one of {', '.join(_STATES)}"

    def read(self, node: Node, notes: Notes, name: str) -> Any:
        if node.value in _STATES:
            return node.value, node.line
        notes.add(node, f"found {found(node)}, expected {self.expected}")
        return BAD

    def json_schema(self) -> dict[str, Any]:
        return {"enum": list(_STATES)}


@dataclass(frozen=True, slots=True)
class _At:
    """0, or a time."""

    expected: str = "a time such as 0, 500ms, 10s, 2min"

    def read(self, node: Node, notes: Notes, name: str) -> Any:
        if node.value == 0 and not isinstance(node.value, bool):
            return 0.0
        return Duration(self.expected).read(node, notes, name)

    def json_schema(self) -> dict[str, Any]:
        return {}


_STEP = Record(
    (
        Key("at", _At(), "Time since the start of the case.", required=True),
        Key("set", Table(_Name("tag"), _Value()), "Values from now on.", default={}),  # type: ignore[arg-type]
        Key("expect", Table(_Name("tag"), _Value()), "Tags after this scan.", default={}),  # type: ignore[arg-type]
        Key("alarms", Table(_Name("alarm"), _State()), "Alarms after this scan.", default={}),  # type: ignore[arg-type]
    ),
    "the keys of a step",
)
_FILE = Record(
    (
        Key("devices", Table(_Name("device"), Text("name of a register map")),  # type: ignore[arg-type]
            "A plant for the cases: site.device → map.", default={}, default_text="that of the ini"),
        Key("period", Duration(), "Time from scan to scan.", default=1.0),
        Key("cases", Table(Names("case"), ListOf(_STEP)), "Name → steps.", required=True),
    ),
    "the keys of a file of cases",
)  # fmt: skip


def read_cases(path: Path) -> CaseFile:
    """Read a file of cases. Raises ConfigError with all its faults."""
    document = read_yaml(path)
    notes = Notes(document.file, list(document.faults))
    top = _FILE.read(document.root, notes, "") if document.root is not None else BAD
    if notes.faults or not isinstance(top, Row):
        raise ConfigError(notes.faults)
    cases = []
    for name, rows in top["cases"].items():
        steps = [_step(row) for row in rows]
        for before, after in zip(steps, steps[1:], strict=False):  # noqa: RUF007 - pairs of steps
            if after.at_s <= before.at_s:
                place = Node(None, after.line, 1)
                notes.inside(f"case '{name}'").add(place, f"at: {after.at_s:g} s is not after {before.at_s:g} s")
        cases.append(Case(name, steps, rows[0].node.line if rows else 0))
    if notes.faults:
        raise ConfigError(notes.faults)
    return CaseFile(document.file, top["devices"], top["period"], cases)


def _step(row: Row) -> Step:
    expected = [Expected(name, setting, "", line) for name, (setting, line) in row["expect"].items()]
    expected += [Expected(name, None, state, line) for name, (state, line) in row["alarms"].items()]
    sets = {name: setting for name, (setting, _line) in row["set"].items()}
    return Step(row["at"], sets, expected, row.node.line)
