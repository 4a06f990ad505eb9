"""Rules that suppress alarms by design: while a condition holds, alarms that then mean nothing are not announced.

Second stage of loading rules, after the alarms: their names become keys of definitions.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from registermaps import Fault, did_you_mean
from runtime.rules.attach import Place, places
from runtime.rules.model import RuleFile, SuppressRule
from runtime.rules.plant import Plant
from runtime.scan.alarms import AlarmDefinition
from runtime.scan.logic import ExpressionError
from runtime.scan.logic.conditions import Monitor, Truth
from tagdb import Words

__all__ = ["SuppressInstance", "attach_suppressing"]


@dataclass(slots=True)
class SuppressInstance:
    """One such rule at one place."""

    #: "suppress:standing_still:mkz.gpu1"
    name: str
    monitor: Monitor
    #: keys of the alarms
    alarms: Sequence[str]
    #: for the list and the journal, in both languages
    reason: Words
    rule: SuppressRule
    file: RuleFile


def attach_suppressing(
    files: Sequence[RuleFile], plant: Plant, definitions: Sequence[AlarmDefinition]
) -> tuple[list[SuppressInstance], list[Fault], list[str]]:
    """Instances, faults, and what was left out with the reason. ``definitions``: of the rules' alarms."""
    instances: list[SuppressInstance] = []
    faults: dict[Fault, None] = {}
    skipped: list[str] = []
    for file in files:
        for place in places(file, plant) if file.suppress else ():
            known = _alarms_at(place, plant, definitions)
            for rule in file.suppress:
                who = f"{rule.id} at {place.prefix or 'the plant'}"
                keys = _targets(rule, file, place, plant, known, faults)
                try:
                    condition = rule.condition.parsed.bind(place.names)
                except ExpressionError as error:
                    absent = [name for name in rule.condition.parsed.names if place.names.absent(name)]
                    if absent:
                        skipped.append(f"{who}: there is no {', '.join(absent)}")
                    else:
                        found = file.source.faults(error, rule.condition.node, rule.condition.path)
                        faults.update(dict.fromkeys(found))
                    continue
                if keys:
                    monitor = Monitor(Truth(condition), None, rule.on_delay_s, rule.off_delay_s)
                    name = f"suppress:{rule.id}:{place.prefix}".rstrip(":")
                    instances.append(SuppressInstance(name, monitor, keys, rule.reason, rule, file))
    return instances, list(faults), skipped


def _alarms_at(place: Place, plant: Plant, definitions: Iterable[AlarmDefinition]) -> Mapping[str, list[str]]:
    """Name as a rule of this place writes it -> keys."""
    found: dict[str, list[str]] = {}
    start = f"{place.prefix}." if place.prefix else ""
    for tag in plant.tags.values():
        if tag.alarm and tag.name.startswith(start):
            found.setdefault(tag.name.removeprefix(start), []).append(tag.name)
    for row in definitions:
        here = row.device == place.device if place.device else not place.site or row.site == place.site
        for name in (row.code, row.code.partition(".")[0]) if here else ():
            keys = found.setdefault(name, [])
            if row.key not in keys:
                keys.append(row.key)
    return found


def _targets(
    rule: SuppressRule,
    file: RuleFile,
    place: Place,
    plant: Plant,
    known: Mapping[str, list[str]],
    faults: dict[Fault, None],
) -> list[str]:
    keys: dict[str, None] = {}
    for pattern in rule.alarms:
        names = fnmatch.filter(known, pattern)
        keys.update(dict.fromkeys(key for name in names for key in known[name]))
        if names or fnmatch.filter(plant.points.get(file.map, ()), pattern):
            continue
        hint = did_you_mean(pattern, list(known))
        where = f" at {place.prefix}" if place.prefix and not place.device else ""
        message = f"alarms: there is no alarm '{pattern}'{where}{hint}"
        node = rule.alarms_node
        faults[Fault(file.source.file, node.line, node.column, f"suppression '{rule.id}'", message)] = None
    return list(keys)
