"""All rules of one configuration as the scan runs them: in order, with their alarms' definitions and retained state.

Last stage of loading rules. The derived tags come first, each after those it reads, then the alarms as declared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from registermaps import Fault
from runtime.rules.attach import AlarmInstance, TagInstance
from runtime.rules.describe import Description, describe_alarm, describe_suppressing, describe_writer
from runtime.rules.due import DueRules, Step
from runtime.rules.image import write_tag
from runtime.rules.pyattach import PythonInstance
from runtime.rules.suppressing import SuppressInstance
from runtime.scan import Moment, Rule
from runtime.scan.alarms import AlarmDefinition
from runtime.scan.logic import Expression, Frame, Frames
from runtime.scan.logic.conditions import Monitor
from tagdb import Quality, TagStore, Value, Words

__all__ = ["Report", "RuleSet", "Suppress", "in_order"]

#: how an alarm's condition is told: key, active, quality, moment, live values of the message, what was compared
Report = Callable[[str, bool, int, Moment, Mapping[str, Value] | None, Value], None]

#: key of an alarm, rule that suppresses it, reason in both languages (empty where that ends), moment
Suppress = Callable[[str, str, Words, Moment], None]

_BAD, _UNCERTAIN = 512, 256


class RuleSet:
    """Rules ready to run. ``rules`` goes into the scan's cycle, ``definitions`` to the alarm engine."""

    def __init__(
        self,
        writers: Sequence[TagInstance | PythonInstance],
        alarms: Sequence[AlarmInstance],
        skipped: Sequence[str] = (),
        suppressing: Sequence[SuppressInstance] = (),
    ) -> None:
        """``writers`` in the order they run in, see :func:`in_order`."""
        self._frames = Frames()
        self._report: Report | None = None
        self._suppress: Suppress | None = None
        self._suppressing = list(suppressing)
        self._alarms = list(alarms)
        self._writers = list(writers)
        self._due: DueRules | None = None
        self._pythons = [one for one in writers if isinstance(one, PythonInstance)]
        self.definitions: tuple[AlarmDefinition, ...] = tuple(one.definition for one in alarms)
        #: what was left out, and why
        self.skipped = tuple(skipped)
        #: scans that asked it
        self.scans = 0
        self._origins: dict[str, tuple[str, str, int]] = {}
        self.rules: list[Rule] = []
        for writer in writers:
            if isinstance(writer, TagInstance):
                self._add(self._rule_name(writer), self._tag_run(writer), (writer.name,),
                          ("tag", writer.file.source.file, writer.rule.node.line))  # fmt: skip
            else:
                self._add(self._rule_name(writer), self._python_run(writer), writer.writes,
                          ("python", writer.rule.file, writer.rule.line))  # fmt: skip
        for one in suppressing:
            self._add(one.name, self._suppress_run(one), (), ("suppress", one.file.source.file, one.rule.node.line),
                      self._suppress_no_more(one))  # fmt: skip
        for alarm in alarms:
            self._add(alarm.definition.key, self._alarm_run(alarm), (),
                      ("alarm", alarm.file.source.file, alarm.rule.node.line),
                      self._tell_unknown(alarm.definition.key))  # fmt: skip

        self._described: dict[str, Description] = {
            **{self._rule_name(writer): describe_writer(writer) for writer in writers},
            **{one.name: describe_suppressing(one) for one in suppressing},
            **{alarm.definition.key: describe_alarm(alarm) for alarm in alarms},
        }

    @property
    def suppressors(self) -> Mapping[str, Sequence[str]]:
        """Rules that may suppress alarms by design -> keys of these."""
        return {one.name: one.alarms for one in self._suppressing}

    def connect(self, report: Report, suppress: Suppress | None = None) -> None:
        """Where conditions are told: ``AlarmEngine.report`` and ``suppress``; when they change, and once at first."""
        self._report = report
        self._suppress = suppress
        if self._due is not None:
            self._due.forget()

    def due(self, store: TagStore, now: Moment) -> Iterable[Rule]:
        """The rules that can find something new in this scan, in order; for the scan's cycle."""
        self.scans += 1
        if self._due is None:
            self._due = DueRules(self._steps(store))
        return self._due.due(store, now)

    def _steps(self, store: TagStore) -> Iterator[Step]:
        parts: list[TagInstance | PythonInstance | SuppressInstance | AlarmInstance] = [*self._writers]
        parts += [*self._suppressing, *self._alarms]
        for rule, one in zip(self.rules, parts, strict=True):
            writes = [store.tags[name].slot for name in rule.outputs]
            if isinstance(one, TagInstance):
                yield Step(rule, [tag.slot for tag in one.value.inputs], writes, one.value.timed)
            elif isinstance(one, PythonInstance):
                yield Step(rule, [store.tags[name].slot for name in one.reads], writes, always=True)
            else:
                reads = {tag.slot for expression in one.monitor.expressions for tag in expression.inputs}
                yield Step(rule, sorted(reads), (), one.monitor.timed, partial(_waits, one.monitor))

    def dump(self, now: float) -> dict[str, Any]:
        """State that survives a restart or a reload, as plain JSON: delays, and the blocks declared as retained."""
        return {
            "alarms": {one.definition.key: one.monitor.dump(now) for one in self._alarms},
            "suppress": {one.name: one.monitor.dump(now) for one in self._suppressing},
            "blocks": {
                one.name: {name: one.blocks[name].dump(now) for name in one.rule.retain}
                for one in self._pythons
                if one.rule.retain
            },
        }

    def restore(self, state: Mapping[str, Any], now: float) -> None:
        """Take over what ``dump`` gave, for the rules that are still there. ``now``: monotonic seconds."""
        for one in self._alarms:
            if one.definition.key in state.get("alarms", {}):
                one.monitor.restore(state["alarms"][one.definition.key], now)
        for rule in self._suppressing:
            if rule.name in state.get("suppress", {}):
                rule.monitor.restore(state["suppress"][rule.name], now)
        for python in self._pythons:
            for name, block in state.get("blocks", {}).get(python.name, {}).items():
                if name in python.rule.retain:
                    python.blocks[name].restore(block, now)

    def status(self) -> list[dict[str, Any]]:
        """Every rule for display: name, kind, file, line, fault, outputs, runs, mean and worst cost in microseconds."""
        rows = []
        for rule in self.rules:
            kind, file, line = self._origins[rule.name]
            rows.append(
                {
                    "name": rule.name,
                    "kind": kind,
                    "file": file,
                    "line": line,
                    "fault": rule.fault,
                    "outputs": list(rule.outputs),
                    "runs": rule.runs,
                    "mean_us": round(rule.spent_s / rule.runs * 1e6, 2) if rule.runs else 0.0,
                    "worst_us": round(rule.worst_s * 1e6, 2),
                }
            )
        return rows

    def details(self) -> list[dict[str, Any]]:
        """Every rule as ``status`` tells it, and what is fixed about it: title, formula, reads, priority; ``active``:
        whether an alarm's condition counts as met, None where nobody can tell or the rule is no alarm; ``file_time``:
        Unix seconds when its file was last written, None where it is gone."""
        active = {one.definition.key: one.monitor.active for one in self._alarms}
        times = {file: _file_time(file) for file in {origin[1] for origin in self._origins.values()}}
        return [
            row | asdict(self._described[row["name"]])
            | {"active": active.get(row["name"]), "file_time": times[row["file"]]}
            if row["name"] in self._described
            else row
            for row in self.status()
        ]  # fmt: skip

    def told(self) -> dict[str, Any]:
        """For the page of the rules: all of them, what was left out and why, and in how many scans they were asked."""
        return {"rules": self.details(), "skipped": list(self.skipped), "scans": self.scans}

    @staticmethod
    def _rule_name(writer: TagInstance | PythonInstance) -> str:
        return f"{'tag' if isinstance(writer, TagInstance) else 'python'}:{writer.name}"

    def _add(
        self,
        name: str,
        run: Callable[[TagStore, Moment], None],
        outputs: Sequence[str],
        origin: tuple[str, str, int],
        failed: Callable[[TagStore, Moment], None] | None = None,
    ) -> None:
        self.rules.append(Rule(name, run, tuple(outputs), failed))
        self._origins[name] = origin

    def _tag_run(self, tag: TagInstance) -> Callable[[TagStore, Moment], None]:
        name, evaluate, frames = tag.name, tag.value.evaluate, self._frames

        def run(store: TagStore, now: Moment) -> None:
            value, quality = evaluate(frames.at(store, now))
            write_tag(store, name, float(value), quality, now)

        return run

    def _python_run(self, python: PythonInstance) -> Callable[[TagStore, Moment], None]:
        image, function, frames = python.image, python.rule.run, self._frames

        def run(store: TagStore, now: Moment) -> None:
            image.begin(frames.at(store, now))
            function(image)
            image.commit(store, now)

        return run

    def _alarm_run(self, alarm: AlarmInstance) -> Callable[[TagStore, Moment], None]:
        key, monitor, frames = alarm.definition.key, alarm.monitor, self._frames
        told: tuple[bool, bool] | None = None

        def run(store: TagStore, now: Moment) -> None:
            nonlocal told
            frame = frames.at(store, now)
            state = monitor.step(frame)
            if state.active is None or _UNCERTAIN <= state.quality < _BAD:
                return
            found = (state.active, state.quality < _BAD)
            if found != told and self._report is not None:
                told = found
                value = _plain(alarm.value, frame)
                self._report(key, state.active, state.quality, now, _message_values(alarm, frame), value)

        return run

    def _suppress_run(self, one: SuppressInstance) -> Callable[[TagStore, Moment], None]:
        monitor, frames = one.monitor, self._frames
        told: bool | None = None

        def run(store: TagStore, now: Moment) -> None:
            nonlocal told
            state = monitor.step(frames.at(store, now))
            # Nothing is hidden, nor shown again, on the word of what cannot be trusted.
            if state.active is None or state.quality >= _UNCERTAIN or state.active is told or self._suppress is None:
                return
            told = state.active
            for key in one.alarms:
                self._suppress(key, one.name, one.reason if told else {}, now)

        return run


    def _tell_unknown(self, key: str) -> Callable[[TagStore, Moment], None]:
        """Nobody knows any more whether the condition holds."""

        def failed(store: TagStore, now: Moment) -> None:
            if self._report is not None:
                self._report(key, False, Quality.FAILURE, now, None, None)

        return failed

    def _suppress_no_more(self, one: SuppressInstance) -> Callable[[TagStore, Moment], None]:
        """Nothing is hidden on the word of a rule that has failed."""

        def failed(store: TagStore, now: Moment) -> None:
            tell = self._suppress
            if tell is None:
                return
            for key in one.alarms:
                with suppress(KeyError):  # an alarm that the engine does not know may be what it failed of
                    tell(key, one.name, {}, now)

        return failed


def _file_time(file: str) -> float | None:
    try:
        return Path(file).stat().st_mtime
    except OSError:
        return None


def _waits(monitor: Monitor) -> bool:
    return monitor.waits


def _plain(expression: Expression, frame: Frame) -> Value:
    value = expression.evaluate(frame)[0]
    return None if value != value else value


def _message_values(alarm: AlarmInstance, frame: Frame) -> dict[str, Value]:
    """The live values by field, and the whole message by language under "en" and "ru"."""
    values = {name: _plain(expression, frame) for name, expression in alarm.fields.items()}
    shown: dict[str, Value] = dict(values)
    for language, template in alarm.messages.items():

        def word(name: str, number: float, language: str = language) -> str | None:
            words = alarm.words[name].get(number)
            return words.get(language) if words else None

        shown[language] = template.render(values, word)
    return shown


def in_order(
    tags: Sequence[TagInstance], pythons: Sequence[PythonInstance]
) -> tuple[list[TagInstance | PythonInstance], list[Fault]]:
    """Writers, each after those whose tags it reads, otherwise as declared; tags that read each other in a circle."""
    writers: list[TagInstance | PythonInstance] = [*tags, *pythons]
    by_output: dict[str, int] = {}
    for index, writer in enumerate(writers):
        for name in (writer.name,) if isinstance(writer, TagInstance) else writer.writes:
            by_output[name] = index
    graph: dict[int, list[int]] = {}
    for index, writer in enumerate(writers):
        names = [one.name for one in writer.value.inputs] if isinstance(writer, TagInstance) else writer.reads
        sources = [by_output[name] for name in names if name in by_output]
        # A Python rule may read what it wrote in the scan before.
        graph[index] = [one for one in sources if one != index or isinstance(writer, TagInstance)]
    faults: dict[Fault, None] = {}
    while True:
        try:
            order = list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            circle: list[int] = error.args[1]
            faults[_circle_fault(circle, writers)] = None
            for index in set(circle):
                del graph[index]
            graph = {index: [one for one in sources if one in graph] for index, sources in graph.items()}
        else:
            return [writers[index] for index in order], list(faults)


def _circle_fault(circle: Sequence[int], writers: Sequence[TagInstance | PythonInstance]) -> Fault:
    first = min(circle)
    start = circle.index(first)
    ring = circle[:-1]
    names = [writers[ring[(start + step) % len(ring)]].name for step in range(len(ring))]
    message = f"reads itself: {' <- '.join([*names, names[0]])}"
    writer = writers[first]
    if isinstance(writer, TagInstance):
        node = writer.rule.value.node
        return Fault(writer.file.source.file, node.line, node.column, f"tag '{writer.rule.name}'", message)
    return Fault(writer.rule.file, writer.rule.line, 0, f"rule '{writer.rule.name}'", message)
