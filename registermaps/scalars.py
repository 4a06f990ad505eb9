"""The simple shapes that keys of a map take: text, numbers, choices, durations, ranges, lists."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from registermaps.errors import did_you_mean
from registermaps.reader import Node
from registermaps.shape import BAD, Notes, Shape, found

__all__ = ["Choice", "Duration", "Flag", "ListOf", "Markers", "Number", "Range", "Span", "Text", "Whole"]

_DURATION = r"^([0-9]+(?:\.[0-9]+)?)(ms|s|min|h)$"
_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}


def _refuse(node: Node, notes: Notes, name: str, expected: str) -> Any:
    place = f"{name}: " if name else ""
    notes.add(node, f"{place}found {found(node)}, expected {expected}")
    return BAD


def _number(node: Node) -> float | int | None:
    value = node.value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value


@dataclass(frozen=True, slots=True)
class Text:
    """A string; empty only where allowed."""

    expected: str = "text"
    #: regular expression it must match as a whole
    pattern: str = ""
    empty: bool = False

    def read(self, node: Node, notes: Notes, name: str) -> Any:
        """The string."""
        good = isinstance(node.value, str) and (self.empty or node.value != "")
        if not good or (self.pattern and not re.fullmatch(self.pattern, str(node.value))):
            return _refuse(node, notes, name, self.expected)
        return node.value

    def json_schema(self) -> dict[str, Any]:
        """A string."""
        schema: dict[str, Any] = {"type": "string"}
        if self.pattern:
            schema["pattern"] = f"^{self.pattern}$"
        if not self.empty:
            schema["minLength"] = 1
        return schema


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""

    expected: str = "true or false"

    def read(self, node: Node, notes: Notes, name: str) -> Any:
        """The bool."""
        return node.value if isinstance(node.value, bool) else _refuse(node, notes, name, self.expected)

    def json_schema(self) -> dict[str, Any]:
        """A boolean."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number of a range; hexadecimal may be written."""

    low: int
    high: int

    @property
    def expected(self) -> str:
        """In words."""
        return f"a whole number from {self.low} to {self.high}"

    def read(self, node: Node, notes: Notes, name: str) -> Any:
        """The int."""
        value = _number(node)
        if not isinstance(value, int) or not self.low <= value <= self.high:
            return _refuse(node, notes, name, self.expected)
        return value

    def json_schema(self) -> dict[str, Any]:
        """An integer."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number: "any", "nonzero", "positive" (above 0) or "natural" (0 or more)."""

    sign: str = "any"

    @property
    def expected(self) -> str:
        """In words."""
        return {
            "any": "a number",
            "nonzero": "a number other than 0",
            "positive": "a number above 0",
            "natural": "a number of 0 or more",
        }[self.sign]

    def read(self, node: Node, notes: Notes, name: str) -> Any:
        """The float."""
        value = _number(node)
        good = value is not None and {
            "any": True,
            "nonzero": value != 0,
            "positive": value > 0,
            "natural": value >= 0,
        }[self.sign]
        return float(value) if good and value is not None else _refuse(node, notes, name, self.expected)

    def json_schema(self) -> dict[str, Any]:
        """A number."""
        extra: dict[str, dict[str, Any]] = {
            "any": {},
            "nonzero": {"not": {"const": 0}},
            "positive": {"exclusiveMinimum": 0},
            "natural": {"minimum": 0},
        }
        return {"type": "number", **extra[self.sign]}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words (or numbers)."""

    options: Sequence[str | int]

    @property
    def expected(self) -> str:
        """In words."""
        return f"one of {', '.join(str(option) for option in self.options)}"

    def read(self, node: Node, notes: Notes, name: str) -> Any:
        """The option."""
        if node.value in self.options and not isinstance(node.value, bool):
            return node.value
        hint = did_you_mean(node.text, [str(option) for option in self.options])
        return _refuse(node, notes, name, self.expected + hint)

    def json_schema(self) -> dict[str, Any]:
        """An enum."""
        return {"enum": list(self.options)}


@dataclass(frozen=True, slots=True)
class Duration:
    """A time with its unit, in seconds after reading."""

    expected: str = "a time such as 500ms, 1s, 2min"

    def read(self, node: Node, notes: Notes, name: str) -> Any:
        """Seconds."""
        match = re.match(_DURATION, str(node.value)) if isinstance(node.value, str) else None
        seconds = float(match[1]) * _SECONDS[match[2]] if match else 0.0
        return seconds if seconds > 0 else _refuse(node, notes, name, self.expected)

    def json_schema(self) -> dict[str, Any]:
        """A string of one pattern."""
        return {"type": "string", "pattern": _DURATION}


@dataclass(frozen=True, slots=True)
class Range:
    """[low, high]; null leaves an end open."""

    expected: str = "[low, high] (null leaves an end open)"

    def read(self, node: Node, notes: Notes, name: str) -> Any:
        """(low, high) with None for open ends."""
        if not isinstance(node.value, tuple) or len(node.value) != 2:
            return _refuse(node, notes, name, self.expected)
        ends = []
        for end in node.value:
            value = _number(end)
            if value is None and end.value is not None:
                return _refuse(end, notes, name, self.expected)
            ends.append(None if value is None else float(value))
        low, high = ends
        if low is not None and high is not None and low >= high:
            low_text, high_text = (end.text for end in node.value)
            notes.add(node, f"{name}: upside down, found [{low_text}, {high_text}], expected the lower limit first")
            return BAD
        return low, high

    def json_schema(self) -> dict[str, Any]:
        """Two numbers or nulls."""
        return {"type": "array", "items": {"type": ["number", "null"]}, "minItems": 2, "maxItems": 2}


@dataclass(frozen=True, slots=True)
class Span:
    """[first, last] of whole numbers."""

    high: int = 65535

    @property
    def expected(self) -> str:
        """In words."""
        return f"[first, last] of addresses from 0 to {self.high}"

    def read(self, node: Node, notes: Notes, name: str) -> Any:
        """(first, last)."""
        if not isinstance(node.value, tuple) or len(node.value) != 2:
            return _refuse(node, notes, name, self.expected)
        first, last = (Whole(0, self.high).read(end, notes, name) for end in node.value)
        if first is BAD or last is BAD:
            return BAD
        if first > last:
            notes.add(node, f"{name}: upside down, found [{first}, {last}], expected the first address first")
            return BAD
        return first, last

    def json_schema(self) -> dict[str, Any]:
        """Two integers."""
        return {"type": "array", "items": Whole(0, self.high).json_schema(), "minItems": 2, "maxItems": 2}


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one shape."""

    shape: Shape
    expected: str = "a list"

    def read(self, node: Node, notes: Notes, name: str) -> Any:
        """The list, without what was refused."""
        if not isinstance(node.value, tuple):
            return _refuse(node, notes, name, self.expected)
        items = [self.shape.read(item, notes, name) for item in node.value]
        return [item for item in items if item is not BAD]

    def json_schema(self) -> dict[str, Any]:
        """An array."""
        return {"type": "array", "items": self.shape.json_schema()}


@dataclass(frozen=True, slots=True)
class Markers:
    """Raw values that mean "no data": a list of whole numbers, or false for none."""

    expected: str = "a list of raw values, or false for none"

    def read(self, node: Node, notes: Notes, name: str) -> Any:
        """A frozenset of ints."""
        if node.value is False:
            return frozenset()
        if not isinstance(node.value, tuple):
            return _refuse(node, notes, name, self.expected)
        values = [Whole(-(2**63), 2**64 - 1).read(item, notes, name) for item in node.value]
        return BAD if BAD in values else frozenset(values)

    def json_schema(self) -> dict[str, Any]:
        """An array of integers, or false."""
        return {"anyOf": [{"const": False}, {"type": "array", "items": {"type": "integer"}}]}
