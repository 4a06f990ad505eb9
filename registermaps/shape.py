"""Shapes that a YAML tree is checked against: one declaration gives validation, error texts and JSON Schema.

Second stage of reading a map: nodes in, checked plain values out, every fault noted in one pass. A shape returns
``BAD`` for what it refused, after noting why, and the caller goes on with the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from registermaps.errors import Fault, did_you_mean
from registermaps.reader import Entry, Node

__all__ = ["BAD", "Key", "Names", "Notes", "Record", "Row", "Shape", "Table", "found"]


class _Bad:
    def __repr__(self) -> str:
        return "BAD"


#: what a shape returns for a value it refused
BAD: Final = _Bad()


@dataclass(slots=True)
class Notes:
    """The faults of one file, with the path of names that leads to where the reading is."""

    file: str
    faults: list[Fault] = field(default_factory=list)
    path: tuple[str, ...] = ()

    def add(self, node: Node, message: str) -> None:
        """Note a fault at the place of a node."""
        self.faults.append(Fault(self.file, node.line, node.column, ", ".join(self.path), message))

    def inside(self, name: str) -> Notes:
        """The same notes, one name deeper: "point 'oil_pressure'"."""
        return Notes(self.file, self.faults, (*self.path, name))


class Shape(Protocol):
    """One kind of value."""

    @property
    def expected(self) -> str:
        """ "a whole number from 0 to 65535", to stand behind "expected"."""

    def read(self, node: Node, notes: Notes, name: str) -> Any:
        """The checked value, or ``BAD`` after noting the fault under ``name``."""

    def json_schema(self) -> dict[str, Any]:
        """The same as JSON Schema."""


def found(node: Node) -> str:
    """What stands there, in words."""
    value = node.value
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return node.text
    if isinstance(value, int | float):
        return f"number {node.text}"
    if isinstance(value, str):
        return f"text '{value}'"
    return "a list" if isinstance(value, tuple) else "a mapping"


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a record: one row of the table that everything about it comes from."""

    name: str
    shape: Shape
    #: one sentence for the reference and the editor
    help: str
    required: bool = False
    #: value where the key is not written
    default: Any = None
    #: the default in words, where it depends on other keys
    default_text: str = ""


@dataclass(slots=True)
class Row:
    """One record as read: plain values, and where each stands."""

    node: Node
    values: dict[str, Any]
    nodes: dict[str, Node]
    #: names that lead here
    notes: Notes
    #: False where a key was refused or missing; unknown keys do not count
    ok: bool = True
    #: keys whose values were refused
    refused: set[str] = field(default_factory=set)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def has(self, name: str) -> bool:
        """Whether the key was written (rather than filled in)."""
        return name in self.nodes

    def place(self, name: str) -> Node:
        """Where the value of a key stands, or the record itself where it was not written."""
        return self.nodes.get(name, self.node)

    def fault(self, name: str, message: str) -> None:
        """Note a fault about one key; the row is no longer ok."""
        self.ok = False
        self.notes.add(self.place(name), message)


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with known keys."""

    keys: tuple[Key, ...]
    expected: str = "a mapping of keys"

    def read(self, node: Node, notes: Notes, name: str) -> Row | _Bad:
        """Every key checked; unknown ones noted with a suggestion."""
        if not isinstance(node.value, Mapping):
            notes.add(node, f"{_in(name)}found {found(node)}, expected {self.expected}")
            return BAD
        row = Row(node, {}, {}, notes)
        known = {key.name: key for key in self.keys}
        for entry in node.value.values():
            self._read_entry(entry, known, row)
        for key in self.keys:
            if key.name in row.values or key.name in row.nodes:
                continue
            row.values[key.name] = key.default
            if key.required:
                row.ok = False
                notes.add(node, f"{_in(name)}missing key '{key.name}', expected {key.shape.expected}")
        return row

    def _read_entry(self, entry: Entry, known: Mapping[str, Key], row: Row) -> None:
        text = entry.key.text
        key = known.get(text)
        if key is None:
            hint = did_you_mean(text, list(known)) or f"; known are {', '.join(known)}"
            row.notes.add(entry.key, f"unknown key '{text}'{hint}")
            return
        row.nodes[text] = entry.value
        value = key.shape.read(entry.value, row.notes, text)
        if value is BAD:
            row.ok = False
            row.refused.add(text)
            row.values[text] = key.default
        else:
            row.values[text] = value

    def json_schema(self) -> dict[str, Any]:
        """An object with exactly these keys."""
        properties = {}
        for key in self.keys:
            properties[key.name] = {**key.shape.json_schema(), "description": key.help}
            if isinstance(key.default, bool | int | float | str) and key.default != "":
                properties[key.name]["default"] = key.default
        schema: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": properties}
        required = [key.name for key in self.keys if key.required]
        if required:
            schema["required"] = required
        return schema


@dataclass(frozen=True, slots=True)
class Names:
    """What the keys of a table may look like: names, or whole numbers of a range."""

    #: "point", for paths and messages
    noun: str
    #: lower_snake names unless numbers are wanted
    numbers: tuple[int, int] | None = None

    @property
    def pattern(self) -> str:
        """As a regular expression over the written text."""
        return r"^(0x[0-9a-fA-F]+|[0-9]+)$" if self.numbers else r"^[a-z][a-z0-9_]*$"

    def read(self, key: Node, notes: Notes) -> Any:
        """The key, or ``BAD`` after noting why."""
        if self.numbers is None:
            if isinstance(key.value, str) and re.match(self.pattern, key.value):
                return key.value
            notes.add(key, f"name of {self.noun}: found {found(key)}, expected lower-case letters, digits and '_'")
            return BAD
        low, high = self.numbers
        if isinstance(key.value, int) and not isinstance(key.value, bool) and low <= key.value <= high:
            return key.value
        notes.add(key, f"{self.noun}: found {found(key)}, expected a whole number from {low} to {high}")
        return BAD


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping of free names (or numbers) to values of one shape."""

    names: Names
    shape: Shape
    #: False: an empty table is a fault
    may_be_empty: bool = True

    @property
    def expected(self) -> str:
        """In words."""
        return f"a mapping by {self.names.noun}"

    def read(self, node: Node, notes: Notes, name: str) -> dict[Any, Any] | _Bad:
        """Name -> value, without those refused."""
        if not isinstance(node.value, Mapping):
            notes.add(node, f"{_in(name)}found {found(node)}, expected {self.expected}")
            return BAD
        if not node.value and not self.may_be_empty:
            notes.add(node, f"{_in(name)}found nothing in it, expected at least one {self.names.noun}")
            return BAD
        result: dict[Any, Any] = {}
        for entry in node.value.values():
            key = self.names.read(entry.key, notes)
            text = entry.key.text if self.names.numbers else f"'{entry.key.text}'"
            label = f"{self.names.noun} {text}"
            value = self.shape.read(entry.value, notes.inside(label), "")
            if key is not BAD and value is not BAD:
                result[key] = value
        return result

    def json_schema(self) -> dict[str, Any]:
        """An object with names of one pattern."""
        schema: dict[str, Any] = {
            "type": "object",
            "additionalProperties": False,
            "patternProperties": {self.names.pattern: self.shape.json_schema()},
        }
        if not self.may_be_empty:
            schema["minProperties"] = 1
        return schema


def _in(name: str) -> str:
    return f"{name}: " if name else ""


