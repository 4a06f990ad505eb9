"""A maintenance programme: levels with their intervals, and what is to be done at each; read by the due arithmetic.

Stage: engineers write it (YAML, or the editor's page), the store keeps its versions, runtime and pages read it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tagdb.tag import Words

__all__ = ["Consumable", "Level", "Programme", "Task", "Thresholds"]


@dataclass(frozen=True, slots=True)
class Consumable:
    """What a task uses up: oil, a filter."""

    title: Words
    quantity: float
    #: "l", "pcs", as it stands in the programme
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do."""

    #: unique within its level
    id: str
    title: Words
    #: a service cannot be signed before it is answered
    critical: bool = False
    #: how long it takes, minutes; 0 = not said
    minutes: int = 0
    #: unit of a value to be measured, "mm"; "" = there is nothing to measure
    measure: str = ""
    consumables: tuple[Consumable, ...] = ()


@dataclass(frozen=True, slots=True)
class Level:
    """One kind of service: ТО-1."""

    id: str
    title: Words
    #: interval in engine hours; None = the calendar alone
    every_h: float | None = None
    #: interval in days; None = engine hours alone
    every_days: float | None = None
    #: levels whose work is part of this one; theirs count, too (:meth:`Programme.closure`)
    includes: tuple[str, ...] = ()
    tasks: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How long before a due point it is told, and how near two due points count as one."""

    #: engine hours before the due point
    warning_h: float = 50.0
    critical_h: float = 20.0
    #: days before the due point of a calendar interval
    warning_days: float = 14.0
    critical_days: float = 3.0
    #: a level that comes due at most so much after a lower one takes it over
    together_h: float = 50.0
    together_days: float = 14.0


@dataclass(frozen=True, slots=True)
class Programme:
    """Levels in their order, the lowest first."""

    code: str
    title: Words
    levels: tuple[Level, ...]
    thresholds: Thresholds = field(default_factory=Thresholds)

    def level(self, name: str) -> Level | None:
        """One level by its id."""
        return next((level for level in self.levels if level.id == name), None)

    def closure(self, name: str) -> tuple[str, ...]:
        """The level and all that it includes, over any number of steps, in the programme's order.

        Unknown names and circles (which the reader refuses) are passed over.
        """
        found: set[str] = set()
        waiting = [name]
        while waiting:
            level = self.level(waiting.pop())
            if level is not None and level.id not in found:
                found.add(level.id)
                waiting.extend(level.includes)
        return tuple(level.id for level in self.levels if level.id in found)

    def counts_hours(self, name: str) -> bool:
        """Whether a service of this level starts an interval in hours anew: its own, or one of what it includes."""
        inside = self.closure(name)
        return any(level.every_h is not None for level in self.levels if level.id in inside)

    def checklist(self, name: str) -> Iterator[tuple[Level, Task]]:
        """Every task of a service of this level: those of the included levels first."""
        inside = self.closure(name)
        for level in self.levels:
            if level.id in inside and level.id != name:
                yield from ((level, task) for task in level.tasks)
        if (own := self.level(name)) is not None:
            yield from ((own, task) for task in own.tasks)

    def to_json(self) -> dict[str, Any]:
        """In the form of the YAML file, without what is at its default."""
        row: dict[str, Any] = {"programme": self.code, "title": dict(self.title)}
        limits = Thresholds()
        row["thresholds"] = {
            name: _short(getattr(self.thresholds, name)) for name in Thresholds.__slots__
        }  # fmt: skip
        if self.thresholds == limits:
            del row["thresholds"]
        row["levels"] = {level.id: _level_row(level) for level in self.levels}
        return row

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Programme:
        """The inverse of ``to_json``, for what was checked before it was stored. Raises KeyError, TypeError."""
        return cls(
            str(row["programme"]),
            dict(row["title"]),
            tuple(_level_of(name, level) for name, level in row["levels"].items()),
            Thresholds(**{name: float(value) for name, value in (row.get("thresholds") or {}).items()}),
        )


def _level_row(level: Level) -> dict[str, Any]:
    row: dict[str, Any] = {"title": dict(level.title)}
    if level.every_h is not None:
        row["every_h"] = _short(level.every_h)
    if level.every_days is not None:
        row["every_days"] = _short(level.every_days)
    if level.includes:
        row["includes"] = list(level.includes)
    row["tasks"] = {task.id: _task_row(task) for task in level.tasks}
    return row


def _task_row(task: Task) -> dict[str, Any]:
    row: dict[str, Any] = dict(task.title)
    if task.critical:
        row["critical"] = True
    if task.minutes:
        row["minutes"] = task.minutes
    if task.measure:
        row["measure"] = task.measure
    if task.consumables:
        row["consumables"] = [
            {**one.title, "quantity": _short(one.quantity)} | ({"unit": one.unit} if one.unit else {})
            for one in task.consumables
        ]
    return row


def _level_of(name: str, row: Mapping[str, Any]) -> Level:
    return Level(
        name,
        dict(row["title"]),
        row.get("every_h"),
        row.get("every_days"),
        tuple(row.get("includes") or ()),
        tuple(_task_of(task, values) for task, values in (row.get("tasks") or {}).items()),
    )


def _task_of(name: str, row: Mapping[str, Any]) -> Task:
    return Task(
        name,
        _words(row),
        bool(row.get("critical", False)),
        int(row.get("minutes", 0)),
        str(row.get("measure", "")),
        _consumables(row.get("consumables") or ()),
    )


def _consumables(rows: Sequence[Mapping[str, Any]]) -> tuple[Consumable, ...]:
    return tuple(Consumable(_words(row), float(row.get("quantity", 1)), str(row.get("unit", ""))) for row in rows)


def _words(row: Mapping[str, Any]) -> Words:
    return {"en": str(row["en"]), "ru": str(row["ru"])}


def _short(number: float) -> float | int:
    """Whole numbers without a decimal point, as people write them."""
    return int(number) if number == int(number) else number
