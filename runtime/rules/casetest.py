"""Runs rules over cases: a store of its own, a scan a period, and at each step what was expected beside what is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from registermaps import ConfigError, Fault, did_you_mean
from runtime.rules.book import RuleBook
from runtime.rules.casefile import Case, CaseFile, Expected, Setting
from runtime.rules.plant import Plant
from runtime.rules.ruleset import RuleSet
from runtime.scan import Moment
from tagdb import Batch, Kind, Quality, TagStore, Value, Words

__all__ = ["CaseResult", "run_cases"]

#: relative and absolute distance at which numbers are the same
_CLOSE = 1e-6
_START = Moment(1_700_000_000.0, 1000.0)


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of a case."""

    case: Case
    #: what was not as expected, a line each; empty = passed
    failures: Sequence[str]


@dataclass(slots=True)
class _Run:
    """A plant that is run by hand."""

    plant: Plant
    rules: RuleSet
    store: TagStore = field(default_factory=TagStore)
    #: alarm -> "active", "clear", "unsafe"
    alarms: dict[str, str] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    #: alarm -> rules that suppress it
    suppressed: dict[str, set[str]] = field(default_factory=dict)

    def report(
        self, key: str, active: bool, quality: int, now: Moment, values: Mapping[str, Value] | None, value: Value
    ) -> None:
        self.alarms[key] = "unsafe" if quality >= Quality.BAD else "active" if active else "clear"
        self.messages[key] = str((values or {}).get("en", ""))

    def suppress(self, key: str, source: str, reason: Words, now: Moment) -> None:
        sources = self.suppressed.setdefault(key, set())
        (sources.add if reason else sources.discard)(source)


def run_cases(book: RuleBook, plant: Plant, file: CaseFile) -> list[CaseResult]:
    """Run every case from a fresh start.

    Args:
        plant: with the derived tags of the rules in it.

    Raises:
        ConfigError: a case names a tag or an alarm that does not exist.
    """
    keys = [definition.key for definition in book.bind(plant).definitions]
    faults = [fault for case in file.cases for fault in _unknown(case, file, plant, keys)]
    if faults:
        raise ConfigError(faults)
    return [_run(book, plant, case, file) for case in file.cases]


def _unknown(case: Case, file: CaseFile, plant: Plant, keys: Sequence[str]) -> list[Fault]:
    faults = []
    path = f"case '{case.name}'"
    for step in case.steps:
        for name, setting in step.sets.items():
            why = _settable(name, setting, plant)
            if why:
                faults.append(Fault(file.file, step.line, 0, path, f"set: {why}"))
        for one in step.expected:
            if one.setting is not None and one.name not in plant.tags:
                hint = did_you_mean(one.name, _near(one.name, plant))
                faults.append(Fault(file.file, one.line, 0, path, f"expect: unknown tag '{one.name}'{hint}"))
            bit = one.state == "suppressed" and one.name in plant.tags
            if one.setting is None and f"rule:{one.name}" not in keys and not bit:
                known = [key.removeprefix("rule:") for key in keys]
                hint = did_you_mean(one.name, known)
                faults.append(Fault(file.file, one.line, 0, path, f"alarms: unknown alarm '{one.name}'{hint}"))
    return faults


def _settable(name: str, setting: Setting, plant: Plant) -> str:
    tag = plant.tags.get(name)
    if tag is None:
        return f"unknown tag '{name}'{did_you_mean(name, _near(name, plant))}"
    if isinstance(setting.value, str) and tag.kind is not Kind.TEXT:
        texts = plant.input(tag).texts
        if setting.value not in texts:
            known = f"one of {', '.join(texts)}" if texts else "a number"
            return f"{name}: found text '{setting.value}', expected {known}"
    return ""


def _near(name: str, plant: Plant) -> list[str]:
    head = name.rpartition(".")[0]
    return [other for other in plant.tags if other.rpartition(".")[0] == head] or list(plant.tags)[:2000]


def _run(book: RuleBook, plant: Plant, case: Case, file: CaseFile) -> CaseResult:
    run = _Run(plant, book.bind(plant))
    run.store.install(plant.tags.values())
    run.rules.connect(run.report, run.suppress)
    failures: list[str] = []
    scan = 0
    for step in case.steps:
        last = math.ceil(step.at_s / file.period_s - 1e-9)
        while scan < last:
            _scan(run, scan * file.period_s)
            scan += 1
        now = _moment(last * file.period_s)
        for name, setting in step.sets.items():
            _set(run, name, setting, now)
        _scan(run, last * file.period_s)
        scan = last + 1
        failures += [f"at {step.at_s:g} s: {text}" for one in step.expected if (text := _check(run, one))]
        failures += [f"at {step.at_s:g} s: rule {rule.name} failed: {rule.fault.strip().splitlines()[-1]}"
                     for rule in run.rules.rules if rule.fault]  # fmt: skip
    return CaseResult(case, list(dict.fromkeys(failures)))


def _moment(seconds: float) -> Moment:
    return Moment(_START.time + seconds, _START.monotonic + seconds)


def _scan(run: _Run, seconds: float) -> None:
    now = _moment(seconds)
    for rule in run.rules.due(run.store, now):
        rule.evaluate(run.store, now)


def _set(run: _Run, name: str, setting: Setting, now: Moment) -> None:
    tag = run.plant.tags[name]
    quality = Quality.GOOD if setting.quality is None else setting.quality
    value = setting.value
    if isinstance(value, str) and tag.kind is Kind.TEXT:
        batch = Batch(
            np.array([tag.slot], np.intp), np.zeros(1), np.full(1, quality, np.uint16), now.time, now.monotonic,
            texts=[(0, value)],
        )  # fmt: skip
        run.store.apply(batch, now.time)
        return
    number = float(run.store.cell[tag.slot]) if value is None else _number(value, name, run.plant)
    run.store.set(name, number, quality, now.time)


def _number(value: str | int | float | bool, name: str, plant: Plant) -> float:
    return plant.input(plant.tags[name]).texts[value] if isinstance(value, str) else float(value)


def _check(run: _Run, one: Expected) -> str:
    if one.setting is None:
        found = run.alarms.get(f"rule:{one.name}", "unknown")
        if run.suppressed.get(f"rule:{one.name}") or run.suppressed.get(one.name):
            found = "suppressed"
        message = run.messages.get(f"rule:{one.name}", "")
        said = f" ({message})" if message and found == "active" else ""
        return "" if found == one.state else f"alarm {one.name}: expected {one.state}, found {found}{said}"
    sample = run.store.sample(one.name)
    wanted = Quality.GOOD if one.setting.quality is None else one.setting.quality
    texts = run.plant.input(run.plant.tags[one.name]).texts
    value = texts.get(one.setting.value) if isinstance(one.setting.value, str) and texts else one.setting.value
    same = value is None or _same(value, sample.value)
    if same and sample.quality is wanted:
        return ""
    expected = f"{'any value' if value is None else one.setting.value}, {wanted.name.lower()}"
    return f"tag {one.name}: expected {expected}, found {sample.value}, {sample.quality.name.lower()}"


def _same(expected: Value, found: Value) -> bool:
    if expected is None or found is None or isinstance(expected, str) or isinstance(found, str):
        return expected == found
    return math.isclose(expected, found, rel_tol=_CLOSE, abs_tol=_CLOSE)
