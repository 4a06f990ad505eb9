"""How urgent each alarm is: its class, what the map says of its cause, and what the ini orders for this site.

Stage: configuration -> definitions of the alarm engine. The class says what the controller does about an alarm; how
soon an operator must act depends on its cause, too: a gas leak that is only warned of is no small matter.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from registermaps import ConfigError, Fault, RegisterMap, did_you_mean
from runtime.scan.alarms import AlarmDefinition, Priority, definitions_of
from runtime.scan.maintenance import MAINTENANCE, ORDERED, engines_of
from runtime.watch_settings import AlarmSettings
from tagdb import Directory

__all__ = ["AlarmPolicy"]

#: an alarm of no known cause may be anything
_UNKNOWN = Priority.MEDIUM


@dataclass(frozen=True, slots=True)
class _Cause:
    priority: Priority
    alone: bool


@dataclass(frozen=True, slots=True)
class AlarmPolicy:
    """Priorities of one configuration."""

    #: tag of an alarm bit -> what its map says
    causes: Mapping[str, _Cause] = field(default_factory=dict)
    #: pattern -> priority, in the order of the ini
    orders: Mapping[str, Priority] = field(default_factory=dict)

    @classmethod
    def of(cls, alarms: AlarmSettings, maps: Mapping[str, RegisterMap], directory: Directory) -> AlarmPolicy:
        """From settings, maps and the tags made of them."""
        causes = {}
        for device in directory.devices:
            for point in maps[device.map].points if device.map in maps else ():
                if point.alarm is None:
                    continue
                least = Priority[point.alarm.priority.upper()] if point.alarm.priority else Priority.DIAGNOSTIC
                if point.alarm.unknown and point.alarm.kind != "indication":
                    least = min(least, _UNKNOWN)
                causes[f"{device.name}.{point.name}"] = _Cause(least, point.alarm.alone)
        return cls(causes, {pattern: Priority[name.upper()] for pattern, name in alarms.priorities.items()})

    def apply(self, definitions: Iterable[AlarmDefinition]) -> list[AlarmDefinition]:
        """The definitions with the priorities that hold here."""
        ordered = [(re.compile(fnmatch.translate(pattern)), priority) for pattern, priority in self.orders.items()]
        return [self._apply(definition, ordered) for definition in definitions]

    def _apply(
        self, definition: AlarmDefinition, ordered: Iterable[tuple[re.Pattern[str], Priority]]
    ) -> AlarmDefinition:
        cause = self.causes.get(definition.key)
        priority = min(definition.priority, cause.priority) if cause else definition.priority
        for pattern, wanted in ordered:
            if any(pattern.fullmatch(name) for name in _names(definition)):
                priority = wanted
        alone = definition.alone or (cause is not None and cause.alone)
        if (priority, alone) == (definition.priority, definition.alone):
            return definition
        return replace(definition, priority=priority, alone=alone)

    def check(self, alarms: AlarmSettings, file: str, directory: Directory, rules: Iterable[AlarmDefinition]) -> None:
        """Raises ConfigError for every pattern of the ini that matches no alarm."""
        if not self.orders:
            return
        names = {name for definition in [*definitions_of(directory), *rules] for name in _names(definition)}
        # programmes are in the database and may change: of maintenance only the steps are known here
        for device in engines_of(directory):
            names |= {name for step in ORDERED for name in _of_maintenance(device, step)}
        faults = []
        for pattern in self.orders:
            if not fnmatch.filter(names, pattern):
                hint = "" if "*" in pattern else did_you_mean(pattern, sorted(names))
                message = f"key 'priority.{pattern}': there is no such alarm{hint}"
                faults.append(Fault(file, alarms.lines.get(pattern, 0), 0, "section [alarms]", message))
        if faults:
            raise ConfigError(faults)


def _names(definition: AlarmDefinition) -> tuple[str, ...]:
    """What a pattern may match: the whole key, the name of a point, the id of a rule, a step of maintenance."""
    if definition.key.startswith("rule:"):
        return definition.key, definition.code, definition.code.partition(".")[0]
    if definition.kind == MAINTENANCE:
        return _of_maintenance(definition.device, definition.code.rpartition(".")[2])
    return definition.key, definition.key.rpartition(".")[2]


def _of_maintenance(device: str, step: str) -> tuple[str, ...]:
    return f"{MAINTENANCE}.{step}", f"{device}.{MAINTENANCE}.{step}"
