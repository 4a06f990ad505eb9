"""All rule files of a site, read and checked: the derived tags they need, then the rules, ready to run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from registermaps import ConfigError, Fault
from runtime.rules.attach import TagInstance, attach, derived_names, derived_rows
from runtime.rules.model import RuleFile
from runtime.rules.plant import Plant
from runtime.rules.pyattach import PythonInstance, attach_python, python_names, python_rows
from runtime.rules.pyrules import PythonRule, load_python
from runtime.rules.reader import read_rule_file
from runtime.rules.ruleset import RuleSet, in_order
from runtime.rules.suppressing import attach_suppressing

__all__ = ["RuleBook", "load_book"]

Writer = TagInstance | PythonInstance


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Rules that are not attached to a plant yet."""

    files: Sequence[RuleFile] = ()
    pythons: Sequence[PythonRule] = ()
    #: file -> what tells its text from any other; also of files without a rule
    texts: Mapping[str, str] = field(default_factory=dict)

    def rows(self, plant: Plant) -> list[dict[str, Any]]:
        """Rows of the derived tags, without slots, as ``tagdb.Tag`` has its fields; everything is checked on the way.

        Raises:
            ConfigError: every fault of every rule at this plant: unknown names, names that are taken, circles.
        """
        rows, faults = derived_rows(self.files, plant)
        more_rows, more_faults = python_rows(self.pythons, plant.with_tags(rows))
        rows += more_rows
        while True:
            writers, _ready, found = self._attach(plant.with_tags(rows))
            written = {name for writer in writers for name in _outputs(writer)}
            kept = [row for row in rows if row["name"] in written]
            if found or len(kept) == len(rows):
                break
            rows = kept  # a tag that a site goes without takes along those that read it
        faults += [*more_faults, *found]
        if faults:
            raise ConfigError(dict.fromkeys(faults))
        return rows

    def bind(self, plant: Plant) -> RuleSet:
        """The rules with the slots of a plant that has the derived tags in it. Raises ConfigError."""
        _writers, ready, faults = self._attach(plant)
        if faults:
            raise ConfigError(dict.fromkeys(faults))
        return ready

    def _attach(self, plant: Plant) -> tuple[Sequence[Writer], RuleSet, list[Fault]]:
        derived = [*derived_names(self.files, plant), *python_names(self.pythons, plant)]
        plant = replace(plant, derived=frozenset(derived))
        attached = attach(self.files, plant)
        pythons, python_faults, skipped = attach_python(self.pythons, plant)
        writers, circles = in_order(attached.tags, pythons)
        definitions = [alarm.definition for alarm in attached.alarms]
        suppressing, more_faults, more_skipped = attach_suppressing(self.files, plant, definitions)
        faults = [*attached.faults, *python_faults, *circles, *more_faults, *_twice(self.files)]
        left_out = [*attached.skipped, *skipped, *more_skipped]
        return writers, RuleSet(writers, attached.alarms, left_out, suppressing), faults


def _outputs(writer: Writer) -> Sequence[str]:
    return (writer.name,) if isinstance(writer, TagInstance) else writer.writes


def load_book(yaml: Iterable[Path], python: Path | None = None) -> RuleBook:
    """Read rule files.

    Args:
        yaml: files, and folders whose ``*.yaml`` are read in the order of their names.
        python: folder of Python rules; None = none.

    Raises:
        ConfigError: with every fault of every file.
    """
    files: list[RuleFile] = []
    faults: list[Fault] = []
    texts: dict[str, str] = {}
    for path in yaml:
        if not path.exists():
            faults.append(Fault(str(path), 0, 0, "", "no such file or folder"))
            continue
        for one in sorted(path.glob("*.yaml")) if path.is_dir() else [path]:
            texts[str(one)] = _digest(one)
            file, found = read_rule_file(one)
            faults += found
            if file is not None:
                files.append(file)
    pythons, found = load_python(python) if python is not None else ([], [])
    texts |= {str(one): _digest(one) for one in (sorted(python.glob("*.py")) if python is not None else ())}
    faults += found
    if faults:
        raise ConfigError(faults)
    return RuleBook(files, pythons, texts)


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""  # whoever reads it tells why it cannot be read


def _twice(files: Sequence[RuleFile]) -> list[Fault]:
    """Ids are unique over all files, or two alarms would have one key."""
    faults = []
    sets: dict[str, str] = {}
    alarms: dict[str, str] = {}
    suppressed: dict[str, str] = {}
    for file in files:
        place = f"{file.source.file}:{file.node.line}"
        if file.name in sets:
            message = f"rules: the name '{file.name}' is taken (first at {sets[file.name]})"
            faults.append(Fault(file.source.file, file.node.line, file.node.column, "", message))
        sets.setdefault(file.name, place)
        for alarm in file.alarms:
            node = alarm.node
            if alarm.id in alarms:
                message = f"the id is taken (first at {alarms[alarm.id]})"
                faults.append(Fault(file.source.file, node.line, node.column, f"alarm '{alarm.id}'", message))
            alarms.setdefault(alarm.id, f"{file.source.file}:{node.line}")
        for rule in file.suppress:
            if rule.id in suppressed:
                node, message = rule.node, f"the id is taken (first at {suppressed[rule.id]})"
                faults.append(Fault(file.source.file, node.line, node.column, f"suppression '{rule.id}'", message))
            suppressed.setdefault(rule.id, f"{file.source.file}:{rule.node.line}")
    return faults
