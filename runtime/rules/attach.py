"""Rules attached to a plant: an instance for each device, site or match of stars, with bound expressions.

Second stage of loading rules: names become slots; what does not exist is a fault, what a device has switched off leaves
that device out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from registermaps import Fault, did_you_mean
from registermaps.reader import Node
from runtime.rules.model import AlarmRule, DerivedTag, Formula, Level, RuleFile
from runtime.rules.plant import Plant, ScopeNames
from runtime.rules.template import Template
from runtime.scan.alarms import AlarmDefinition
from runtime.scan.logic import Expression, ExpressionError, Input, Problem
from runtime.scan.logic.conditions import Condition, Deviation, Limit, Monitor, Rate, Stale, Truth, Untrusted
from runtime.scan.logic.names import fill_stars
from tagdb import Kind

__all__ = ["AlarmInstance", "Attached", "TagInstance", "attach", "derived_names", "derived_rows"]

_LEVEL_WORDS = {
    "high_high": {"en": "very high", "ru": "очень высоко"},
    "high": {"en": "high", "ru": "высоко"},
    "low": {"en": "low", "ru": "низко"},
    "low_low": {"en": "very low", "ru": "очень низко"},
}


@dataclass(frozen=True, slots=True)
class Place:
    """One device, one site or the whole plant, as rules are attached to it."""

    names: ScopeNames
    site: str
    device: str

    @property
    def prefix(self) -> str:
        """What names begin with, "" for the whole plant."""
        return self.names.prefix


@dataclass(frozen=True, slots=True)
class TagInstance:
    """A derived tag with its expression bound."""

    name: str
    value: Expression
    rule: DerivedTag
    file: RuleFile


@dataclass(slots=True)
class AlarmInstance:
    """An alarm with its condition ready to run."""

    definition: AlarmDefinition
    monitor: Monitor
    #: what was compared, for the record
    value: Expression
    #: field of the message -> its value
    fields: Mapping[str, Expression]
    #: field -> number -> words of its enumeration
    words: Mapping[str, Mapping[float, Mapping[str, str]]]
    messages: Mapping[str, Template]
    rule: AlarmRule
    file: RuleFile


@dataclass(slots=True)
class Attached:
    """All instances of all files."""

    tags: list[TagInstance] = field(default_factory=list)
    alarms: list[AlarmInstance] = field(default_factory=list)
    faults: dict[Fault, None] = field(default_factory=dict)
    #: what was left out, and why
    skipped: list[str] = field(default_factory=list)


def places(file: RuleFile, plant: Plant) -> Iterator[Place]:
    """Where a file's rules are attached to."""
    if file.map:
        for device in plant.devices:
            if device.map == file.map:
                yield Place(ScopeNames(plant, device.name, file.map), device.site, device.name)
    elif file.each_site:
        for site in plant.sites:
            yield Place(ScopeNames(plant, site), site, "")
    else:
        yield Place(ScopeNames(plant, ""), "", "")


def derived_names(files: Sequence[RuleFile], plant: Plant) -> Iterator[str]:
    """Names of all tags that the files may derive."""
    for file in files:
        for place in places(file, plant):
            for tag in file.tags:
                yield _full(place.prefix, tag.name)


def _full(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def derived_rows(files: Sequence[RuleFile], plant: Plant) -> tuple[list[dict[str, Any]], list[Fault]]:
    """Rows of the tags that the files derive, to be given slots with the others; names that are taken are faults."""
    rows: list[dict[str, Any]] = []
    faults: list[Fault] = []
    taken: dict[str, str] = dict.fromkeys(plant.tags, "a tag of the plant")
    for file in files:
        if file.map and plant.points and file.map not in plant.points:
            message = f"map: there is no register map '{file.map}'{did_you_mean(file.map, list(plant.points))}"
            faults.append(Fault(file.source.file, file.map_node.line, file.map_node.column, "", message))
        for tag in file.tags:
            for place in places(file, plant):
                name = _full(place.prefix, tag.name)
                where = f"{file.source.file}:{tag.node.line}"
                if name in taken or "." not in name:
                    why = f"the name is taken by {taken[name]}" if name in taken else "expected a name with a dot"
                    column = tag.node.column
                    faults.append(Fault(file.source.file, tag.node.line, column, f"tag '{tag.name}'", f"{name}: {why}"))
                    continue
                taken[name] = where
                rows.append(_row(tag, name, place, file, plant))
    return rows, faults


def _row(tag: DerivedTag, name: str, place: Place, file: RuleFile, plant: Plant) -> dict[str, Any]:
    head = name.split(".")
    device = place.device or next((one.name for one in plant.devices if one.name == ".".join(head[:2])), "")
    return {
        "name": name,
        "kind": Kind(tag.type),
        "site": place.site or (head[0] if head[0] in plant.sites else ""),
        "device": device,
        "group": tag.group,
        "label": dict(tag.label),
        "unit": tag.unit,
        "decimals": tag.decimals,
        "deadband": tag.deadband,
        "note": tag.note,
        "origin": {
            "rule": file.name,
            "file": file.source.file,
            "line": tag.node.line,
            "expression": tag.value.parsed.text,
        },
    }


def attach(files: Sequence[RuleFile], plant: Plant) -> Attached:
    """Bind everything. ``plant`` has the derived tags in it."""
    attached = Attached()
    for file in files:
        binder = _Binder(file, plant, attached)
        for place in places(file, plant):
            for tag in file.tags:
                binder.tag(tag, place)
            for alarm in file.alarms:
                binder.alarm(alarm, place)
    return attached


class _Binder:
    """Makes the instances of one file."""

    def __init__(self, file: RuleFile, plant: Plant, attached: Attached) -> None:
        self._file = file
        self._plant = plant
        self._attached = attached

    def tag(self, tag: DerivedTag, place: Place) -> None:
        if tag.value.parsed.patterns:
            pattern = tag.value.parsed.patterns[0]
            self._fault(tag.value, f"'{pattern}' is many tags; put them in a function, such as sum({pattern})")
            return
        name = _full(place.prefix, tag.name)
        expression = self._bind_all([tag.value], place, (), name)
        if expression is None:
            return
        if expression[0].is_text:
            self._fault(tag.value, "found a text, expected a number")
            return
        self._attached.tags.append(TagInstance(name, expression[0], tag, self._file))

    def alarm(self, rule: AlarmRule, place: Place) -> None:
        patterns = [pattern for formula in rule.formulas() for pattern in formula.parsed.patterns]
        if not patterns:
            self._alarm(rule, place, ())
            return
        most = max(patterns, key=lambda pattern: pattern.count("*"))
        matches = place.names.matches(most)
        if not matches and not place.names.absent(most):
            formula = next(one for one in rule.formulas() if most in one.parsed.patterns)
            self._fault(formula, place.names.refusal(most))
        for stars in matches:
            self._alarm(rule, place, stars)

    def _alarm(self, rule: AlarmRule, place: Place, stars: tuple[str, ...]) -> None:
        who = f"{rule.id} at {place.prefix or 'the plant'}"
        bound = self._bind_all(rule.formulas(), place, stars, who)
        fields = self._fields(rule, place, stars)
        snapshot = self._snapshot(rule, place, stars)
        if bound is None or fields is None:
            return
        by_formula = {id(formula): expression for formula, expression in zip(rule.formulas(), bound, strict=True)}
        value = by_formula[id(rule.value)]
        device = place.device or self._device(value, place)
        for level in rule.levels:
            definition = self._definition(rule, level, place, device, stars, snapshot)
            enable = by_formula[id(rule.enable)] if rule.enable else None
            condition = _condition(rule, level, lambda formula: by_formula[id(formula)])
            monitor = Monitor(condition, enable, level.on_delay_s, level.off_delay_s)
            words = {name: self._words(expression) for name, expression in fields.items()}
            self._attached.alarms.append(
                AlarmInstance(definition, monitor, value, fields, words, rule.messages, rule, self._file)
            )

    def _snapshot(self, rule: AlarmRule, place: Place, stars: tuple[str, ...]) -> tuple[str, ...]:
        names = []
        for wanted in rule.snapshot:
            found = place.names.find(fill_stars(wanted, stars)) if wanted.count("*") <= len(stars) else None
            if found is None and not place.names.absent(wanted):
                self._note(rule.node, f"alarm '{rule.id}'", f"snapshot: {place.names.refusal(wanted)}")
            elif found is not None:
                names.append(found.name)
        return tuple(names)

    def _definition(
        self,
        rule: AlarmRule,
        level: Level,
        place: Place,
        device: str,
        stars: tuple[str, ...],
        snapshot: tuple[str, ...],
    ) -> AlarmDefinition:
        suffix = device or ".".join((place.prefix, *stars)).strip(".")
        name = f"{rule.id}.{level.name}" if level.name else rule.id
        site = place.site or device.partition(".")[0] or (suffix if suffix in self._plant.sites else "")
        label = dict(rule.title)
        if len(rule.levels) > 1:
            label = {language: f"{text}: {_LEVEL_WORDS[level.name][language]}" for language, text in label.items()}
        return AlarmDefinition(
            key=f"rule:{name}:{suffix}",
            site=site,
            device=device,
            label=label,
            priority=level.priority,
            kind=rule.alarm_class,
            code=name,
            latched=rule.latched,
            help=dict(rule.help),
            snapshot=snapshot,
        )

    def _device(self, value: Expression, place: Place) -> str:
        devices = {self._plant.device_of(one.name) for one in value.inputs}
        return devices.pop() if len(devices) == 1 else ""

    def _fields(self, rule: AlarmRule, place: Place, stars: tuple[str, ...]) -> dict[str, Expression] | None:
        fields: dict[str, Expression] = {}
        for language, template in rule.messages.items():
            path = f"alarm '{rule.id}', message: {language}"
            for one in template.fields:
                formula = Formula(one.value, rule.message_nodes[language], path)
                bound = self._bind_all([formula], place, stars, f"{rule.id} at {place.prefix}")
                if bound is None:
                    return None
                fields[one.name] = bound[0]
        return fields

    def _words(self, expression: Expression) -> Mapping[float, Mapping[str, str]]:
        """Texts of an enumeration, where a field is one."""
        if len(expression.inputs) != 1 or expression.text.strip() not in (
            expression.inputs[0].name, expression.inputs[0].name.rpartition(".")[2]
        ):  # fmt: skip
            return {}
        enum = self._plant.enums.get(self._plant.tags[expression.inputs[0].name].enum, {})
        return {float(number): dict(words) for number, words in enum.items()}

    def _bind_all(
        self, formulas: Sequence[Formula], place: Place, stars: tuple[str, ...], who: str
    ) -> list[Expression] | None:
        """Every expression bound; None after noting faults, or that the instance is left out."""
        bound = []
        good = True
        missing: list[str] = []
        for formula in formulas:
            names = _Absences(place.names)
            try:
                bound.append(formula.parsed.bind(names, stars))
            except ExpressionError as error:
                good = False
                missing += names.absences
                problems = [one for one in error.problems if one.message]
                if problems:
                    self._faults(formula, ExpressionError(problems))
        if missing and good is False:
            self._attached.skipped.append(f"{who}: there is no {', '.join(dict.fromkeys(missing))}")
        return bound if good else None

    def _fault(self, formula: Formula, message: str) -> None:
        self._faults(formula, ExpressionError([Problem(1, message)]))

    def _faults(self, formula: Formula, error: ExpressionError) -> None:
        faults = self._file.source.faults(error, formula.node, formula.path)
        self._attached.faults.update(dict.fromkeys(faults))

    def _note(self, node: Node, path: str, message: str) -> None:
        self._attached.faults[Fault(self._file.source.file, node.line, node.column, path, message)] = None


class _Absences:
    """Names of a place; what is only absent here, and exists elsewhere, is refused by an empty message."""

    def __init__(self, names: ScopeNames) -> None:
        self._names = names
        self.absences: list[str] = []

    def find(self, name: str) -> Input | None:
        return self._names.find(name)

    def matches(self, pattern: str) -> Sequence[tuple[str, ...]]:
        return self._names.matches(pattern)

    def refusal(self, name: str) -> str:
        if self._names.absent(name):
            self.absences.append(name)
            return ""
        return self._names.refusal(name)


def _condition(rule: AlarmRule, level: Level, get: Callable[[Any], Expression]) -> Condition:
    value = get(rule.value)
    if rule.kind == "limit":
        return Limit(value, get(level.at), "high" in level.name, rule.deadband)
    if rule.kind == "deviation":
        return Deviation(value, get(rule.reference), get(rule.by), rule.deadband)
    if rule.kind == "rate":
        return Rate(value, rule.per_s, rule.seconds, rule.deadband)
    if rule.kind == "bad":
        return Untrusted(value)
    return Stale(value, rule.seconds) if rule.kind == "stale" else Truth(value)
