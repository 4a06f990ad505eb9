"""A rule file in YAML to a ``RuleFile``, or to everything that is wrong with it. First stage of loading rules."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

from registermaps import Fault
from registermaps.reader import Node, read_yaml
from registermaps.shape import Notes, Row
from runtime.rules.model import AlarmRule, DerivedTag, Formula, Level, RuleFile, Source, SuppressRule
from runtime.rules.schema import LEVELS, RULES
from runtime.rules.template import Template, read_template
from runtime.scan.alarms import Priority
from runtime.scan.logic import ExpressionError, parse
from tagdb import Words

__all__ = ["read_rule_file"]

#: of what a condition can be made, and what ``value`` is looked at by
_TESTS = ("limits", "deviation", "rate", "bad", "stale")


def read_rule_file(path: Path) -> tuple[RuleFile | None, list[Fault]]:
    """Read one file; None with the faults where it cannot be used."""
    document = read_yaml(path)
    notes = Notes(document.file, list(document.faults))
    if document.root is None:
        return None, notes.faults
    top = RULES.read(document.root, notes, "")
    if not isinstance(top, Row):
        return None, notes.faults
    if top["map"] and top["each"]:
        top.fault("each", "each: a file with 'map' is attached to devices; leave one of the two out")
    reader = _Reader(Source.read(path), notes)
    tags = [tag for name, row in (top["tags"] or {}).items() if (tag := reader.tag(name, row)) is not None]
    alarms = [alarm for name, row in (top["alarms"] or {}).items() if (alarm := reader.alarm(name, row)) is not None]
    rows = (top["suppress"] or {}).items()
    suppress = [one for name, row in rows if (one := reader.suppress(name, row)) is not None]
    if not tags and not alarms and not suppress and not notes.faults:
        notes.add(document.root, "nothing in it, expected 'tags', 'alarms' or 'suppress'")
    if notes.faults:
        return None, notes.faults
    places = top.place("rules"), top.place("map")
    head = top["rules"], reader.source, top["map"] or "", bool(top["each"])
    return RuleFile(*head, tags, alarms, *places, suppress), []


def _words(row: Row | None) -> Words:
    return {} if row is None else {"en": row["en"] or "", "ru": row["ru"] or ""}


class _Reader:
    """Turns checked rows into rules, noting what is wrong with their expressions."""

    def __init__(self, source: Source, notes: Notes) -> None:
        self.source = source
        self._notes = notes

    def tag(self, name: str, row: Row) -> DerivedTag | None:
        value = self._formula(row, "value")
        if value is None or not row.ok:
            return None
        return DerivedTag(
            name=name,
            value=value,
            label={"en": row["en"], "ru": row["ru"]},
            type=row["type"],
            unit=row["unit"],
            decimals=row["decimals"] if row["type"] == "float" else 0,
            deadband=row["deadband"],
            group=row["group"],
            note=row["note"],
            node=row.node,
        )

    def alarm(self, name: str, row: Row) -> AlarmRule | None:
        kind = self._kind(row)
        source = "when" if kind == "truth" else "value"
        value = self._formula(row, source)
        enable = self._formula(row, "enable")
        levels = self._levels(row)
        deviation, rate = row["deviation"], row["rate"]
        messages, nodes = self._messages(row)
        reference = self._formula(deviation, "from") if deviation else None
        by = self._formula(deviation, "by") if deviation else None
        if not kind or value is None or not row.ok or len(messages) < 2:
            return None
        return AlarmRule(
            id=name,
            kind=kind,
            value=value,
            levels=levels,
            enable=enable,
            reference=reference,
            by=by,
            per_s=rate["above"] / rate["per"] if rate and rate["above"] else 0.0,
            seconds=(rate["window"] if rate else row["stale"]) or 0.0,
            deadband=row["deadband"] / (rate["per"] if rate else 1.0),
            alarm_class=row["class"],
            latched=row["latched"],
            messages=messages,
            message_nodes=nodes,
            title=_words(row["title"]) or {language: one.title for language, one in messages.items()},
            help=_words(row["help"]),
            snapshot=tuple(row["snapshot"]),
            node=row.node,
        )

    def suppress(self, name: str, row: Row) -> SuppressRule | None:
        condition = self._formula(row, "while")
        if condition is None or not row.ok:
            return None
        if condition.parsed.patterns:
            pattern = condition.parsed.patterns[0]
            row.fault("while", f"while: '{pattern}' is many tags; put them in a function, such as max({pattern})")
            return None
        places = row.node, row.place("alarms")
        return SuppressRule(
            name, condition, tuple(row["alarms"]), row["on_delay"], row["off_delay"], _words(row["reason"]), *places
        )

    def _kind(self, row: Row) -> str:
        """Which test it is; "" after noting why there is none."""
        tests = [name for name in _TESTS if row.has(name) and row[name] is not False]
        if row.has("when"):
            for name in ("value", *tests):
                if row.has(name):
                    row.fault(name, f"{name}: stands beside 'when'; leave one of the two out")
            return "truth"
        if not row.has("value") or not tests:
            wanted = f"'when', or 'value' with one of {', '.join(_TESTS)}"
            row.fault("value", f"no condition, expected {wanted}")
            return ""
        for name in tests[1:]:
            row.fault(name, f"{name}: stands beside '{tests[0]}'; make it an alarm of its own")
        return "limit" if tests[0] == "limits" else tests[0]

    def _levels(self, row: Row) -> list[Level]:
        own = Priority[row["priority"].upper()]
        limits = row["limits"]
        if limits is None:
            return [Level("", None, own, row["on_delay"], row["off_delay"])]
        levels = []
        for name in LEVELS:
            level = limits[name]
            if level is None:
                continue
            at = self._formula(level, "at", f"limits: {name}")
            priority = Priority[level["priority"].upper()] if level["priority"] else own
            on, off = level["on_delay"], level["off_delay"]
            on, off = row["on_delay"] if on is None else on, row["off_delay"] if off is None else off
            levels.append(Level(name, at, priority, on, off))
        if not levels and limits.ok:
            limits.notes.add(limits.node, f"limits: none given, expected one of {', '.join(LEVELS)}")
        self._check_order(limits)
        return levels

    def _check_order(self, limits: Row) -> None:
        """Numbers must fall from high_high to low_low."""
        numbers: list[tuple[str, float]] = []
        for name in LEVELS:
            try:
                value = float(limits[name]["at"]) if limits[name] else None
            except (TypeError, ValueError):
                continue
            if value is not None:
                numbers.append((name, value))
        for (upper, a), (lower, b) in pairwise(numbers):
            if a <= b:
                limits.fault(lower, f"limits: {lower} is {b:g}, expected less than {upper}, which is {a:g}")

    def _messages(self, row: Row) -> tuple[dict[str, Template], dict[str, Node]]:
        messages: dict[str, Template] = {}
        nodes: dict[str, Node] = {}
        label = row["message"]
        for language in ("en", "ru"):
            if label is None or not label[language]:
                continue
            node = nodes[language] = label.place(language)
            try:
                messages[language] = read_template(label[language])
            except ExpressionError as error:
                path = ", ".join((*label.notes.path, f"message: {language}"))
                self._notes.faults.extend(self.source.faults(error, node, path))
        return messages, nodes

    def _formula(self, row: Row, key: str, name: str = "") -> Formula | None:
        text: Any = row[key]
        if text is None or not row.has(key):
            return None
        path = ", ".join((*row.notes.path, name or key))
        try:
            return Formula(parse(text), row.place(key), path)
        except ExpressionError as error:
            self._notes.faults.extend(self.source.faults(error, row.place(key), path))
            row.ok = False
            return None
