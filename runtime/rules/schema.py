"""The keys of a rule file, one row each: validation, messages and the reference all come from here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registermaps.reader import Node
from registermaps.scalars import Choice, Duration, Flag, ListOf, Number, Text, Whole
from registermaps.schema import LABEL
from registermaps.shape import BAD, Key, Names, Notes, Record, Row, Table, found

__all__ = ["ALARM", "LEVELS", "PRIORITIES", "RULES", "SUPPRESS", "TAG"]

PRIORITIES = ("critical", "high", "medium", "low", "diagnostic")
LEVELS = ("high_high", "high", "low", "low_low")
_NAME = Text("a name in lower-case letters, digits and '_'", pattern=r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Expr:
    """An expression; a number is one too."""

    expected: str = "an expression, such as coolant_temp > 98"

    def read(self, node: Node, notes: Notes, name: str) -> Any:
        """The text."""
        if isinstance(node.value, str | int | float) and not isinstance(node.value, bool) and node.text:
            return node.text
        if isinstance(node.value, bool):
            return str(node.value)
        notes.add(node, f"{name}: found {found(node)}, expected {self.expected}")
        return BAD

    def json_schema(self) -> dict[str, Any]:
        """A string or a number."""
        return {"type": ["string", "number", "boolean"]}


@dataclass(frozen=True, slots=True)
class TagNames:
    """Names of derived tags: dots allowed."""

    noun: str = "tag"
    numbers: None = None
    pattern: str = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$"

    def read(self, key: Node, notes: Notes) -> Any:
        """The name."""
        if isinstance(key.value, str) and re.match(self.pattern, key.value):
            return key.value
        notes.add(key, f"name of tag: found {found(key)}, expected lower-case letters, digits, '_' and dots")
        return BAD


_DELAYS = (
    Key("on_delay", Duration(), "The condition must hold so long before the alarm is raised.", default=0.0),
    Key("off_delay", Duration(), "It must be over so long before the alarm returns.", default=0.0),
)
_PRIORITY = Key("priority", Choice(PRIORITIES), "How soon an operator must act.", default="medium")

_LEVEL = Record(
    (
        Key("at", Expr(), "The limit: a number, or an expression.", required=True),
        Key("priority", Choice(PRIORITIES), "Instead of the rule's own.", default_text="the rule's own"),
        Key("on_delay", Duration(), "Instead of the rule's own.", default_text="the rule's own"),
        Key("off_delay", Duration(), "Instead of the rule's own.", default_text="the rule's own"),
    ),
    "a limit, or {at: ..., priority: ...}",
)


@dataclass(frozen=True, slots=True)
class Level:
    """One limit, short or long."""

    expected: str = "a limit, or {at: ..., priority: ...}"

    def read(self, node: Node, notes: Notes, name: str) -> Any:
        """A row either way."""
        if isinstance(node.value, Mapping):
            return _LEVEL.read(node, notes.inside(name), "")
        text = Expr(self.expected).read(node, notes, name)
        if text is BAD:
            return BAD
        return Row(node, {key.name: key.default for key in _LEVEL.keys} | {"at": text}, {"at": node}, notes)

    def json_schema(self) -> dict[str, Any]:
        """Either."""
        return {"anyOf": [Expr().json_schema(), _LEVEL.json_schema()]}


ALARM = Record(
    (
        Key("when", Expr(), "The condition: the alarm is active while it is true."),
        Key("value", Expr(), "What limits, deviation, rate, bad and stale look at."),
        Key("limits", Record(
            tuple(Key(level, Level(), f"Alarm {'above' if 'high' in level else 'below'} this.") for level in LEVELS),
            "{high_high: ..., high: ..., low: ..., low_low: ...}",
        ), "Up to four limits, an alarm each."),
        Key("deviation", Record(
            (
                Key("from", Expr(), "What the value is held against.", required=True),
                Key("by", Expr(), "How far it may be away, to either side.", required=True),
            ),
            "{from: ..., by: ...}",
        ), "Alarm while the value is too far from another one."),
        Key("rate", Record(
            (
                Key("above", Number("nonzero"), "Units in the time `per`; negative: falling faster.", required=True),
                Key("per", Duration(), "Time that `above` counts by.", default=1.0),
                Key("window", Duration(), "Time over which the slope is taken.", default=10.0),
            ),
            "{above: ..., per: ..., window: ...}",
        ), "Alarm while the value changes too fast."),
        Key("bad", Flag(), "true: alarm while the quality of the value is bad.", default=False),
        Key("stale", Duration(), "Alarm while the oldest input of the value is older than this."),
        Key("deadband", Number("natural"), "How far back, in units, before the alarm is over.", default=0.0),
        Key("enable", Expr(), "The alarm can only be active while this is true."),
        *_DELAYS,
        _PRIORITY,
        Key("class", _NAME, "Class of the alarm, for filters.", default="rule"),
        Key("latched", Flag(), "true: it stays after the condition is over, until reset.", default=False),
        Key("message", LABEL, "Text with live values: {coolant_temp:.0f}.", required=True),
        Key("title", LABEL, "Text without values.", default_text="the message, its values as …"),
        Key("help", LABEL, "What to do about it."),
        Key("snapshot", ListOf(Text("name of a tag")), "Tags whose values are kept when it is raised.", default=[]),
    ),
    "the keys of an alarm",
)  # fmt: skip

TAG = Record(
    (
        Key("en", Text("English text"), "Text in English.", required=True),
        Key("ru", Text("Russian text"), "Text in Russian.", required=True),
        Key("value", Expr(), "What it is, computed in every scan.", required=True),
        Key("type", Choice(["float", "int", "bool"]), "What its value is.", default="float"),
        Key("unit", Text(empty=True), "Unit as shown: V, kW, °C.", default=""),
        Key("decimals", Whole(0, 9), "Digits after the point, for display.", default=1),
        Key("deadband", Number("natural"), "Smallest change, in units, that history keeps.", default=0.0),
        Key("group", _NAME, "Heading it stands under in the UI.", default="derived"),
        Key("note", Text(), "A remark shown on the page of the tag.", default=""),
    ),
    "the keys of a derived tag",
)

SUPPRESS = Record(
    (
        Key("while", Expr(), "The alarms are not announced while this is true.", required=True),
        Key("alarms", ListOf(Text("name of an alarm")), "Alarm points and alarm rules, stars allowed.", required=True),
        *_DELAYS,
        Key("reason", LABEL, "Why, for the list and the journal.", required=True),
    ),
    "the keys of a suppression",
)

RULES = Record(
    (
        Key("rules", _NAME, "Name of the set.", required=True),
        Key("map", _NAME, "Register map: one instance for each of its devices, names are those of points."),
        Key("each", Choice(["site"]), "site: one instance for each site, names begin with those of devices."),
        Key("tags", Table(TagNames(), TAG), "Derived tags: name → expression.", default={}),  # type: ignore[arg-type]
        Key("alarms", Table(Names("alarm"), ALARM), "Alarms: id → condition.", default={}),
        Key("suppress", Table(Names("suppression"), SUPPRESS), "Alarms suppressed by design: id → when.", default={}),
    ),
    "the keys of a rule file",
)
