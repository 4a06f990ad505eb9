"""What may be posted to the history besides events, and the numbered record each becomes inside the writer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tagdb.history.events import Event
from tagdb.history.plain import plain, plain_text
from tagdb.tag import Value, Words

__all__ = ["AlarmRecord", "Deferred", "Item", "Kind", "Record", "Retained", "Together", "record_of"]

#: "event", "alarm", "retained" or "together"
Kind = str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRecord:
    """One occurrence of an alarm as it stands now; posted again, whole, whenever it changes."""

    id: int
    key: str
    site: str
    device: str
    #: 1 critical ... 5 diagnostic
    priority: int
    kind: str
    label: Words
    state: str
    #: this and the other times: Unix seconds UTC, None = not yet
    raised_at: float
    code: str = ""
    raised_source_time: float | None = None
    acknowledged_at: float | None = None
    returned_at: float | None = None
    #: None while the occurrence is open
    cleared_at: float | None = None
    value_raised: Value = None
    value_acknowledged: Value = None
    value_returned: Value = None
    who: str = ""
    comment: str = ""
    first_out: bool = False
    group_id: int | None = None
    #: tag -> what it showed when the alarm was raised
    snapshot: Mapping[str, Any] = field(default_factory=dict)
    #: what else the engine wants to find again
    data: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON. Raises TypeError, ValueError where a number or a time is none."""
        row: dict[str, Any] = plain({name: getattr(self, name) for name in self.__slots__})
        row |= {name: plain_text(row[name]) for name in _TEXTS}
        row |= {name: None if row[name] is None else float(row[name]) for name in _TIMES}
        row |= {"id": int(self.id), "priority": int(self.priority), "first_out": bool(self.first_out)}
        row["group_id"] = None if self.group_id is None else int(self.group_id)
        row["label"] = {plain_text(language): plain_text(words) for language, words in self.label.items()}
        return row

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> AlarmRecord:
        """The inverse of ``to_json``; keys that are not ours are passed over. Raises TypeError when one is missing."""
        return cls(**{name: row[name] for name in cls.__slots__ if name in row})

    @classmethod
    def from_occurrence(cls, row: Mapping[str, Any]) -> AlarmRecord:
        """From an occurrence of the alarm engine as JSON, joined with its definition's fields.

        The engine's shorter names are understood; what has no column goes into ``data``. Raises TypeError when one
        of the needed fields is missing.
        """
        named = {_ENGINE_NAMES.get(name, name): value for name, value in row.items()}
        own = {name: named.pop(name) for name in cls.__slots__ if name in named}
        return cls(**own | {"data": {**own.get("data", {}), **named}})


@dataclass(frozen=True, slots=True)
class Retained:
    """State of the runtime that survives a restart: the newest value of each key stays."""

    key: str
    #: anything JSON can say
    value: Any

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {"key": self.key, "value": plain(self.value)}


@dataclass(frozen=True, slots=True)
class Together:
    """Items of one matter, such as a step of an alarm, its record and its retained state: all are written, or none."""

    items: tuple[Event | AlarmRecord | Retained, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain JSON: ``{"items": [[kind, item], ...]}``."""
        return {"items": [[_KINDS[type(item)], item.to_json()] for item in self.items]}


@dataclass(frozen=True, slots=True)
class Deferred:
    """Items that are still to be made, by the history's thread: whoever posts them has no time for it."""

    #: called once, by another thread: what it works on must not change any more
    make: Callable[[], Iterable[Any]]
    #: how many there are, for the bounds of the queue
    weight: int


Item = Event | AlarmRecord | Retained | Together

_TEXTS = ("key", "site", "device", "kind", "code", "state", "who", "comment")
_TIMES = ("raised_at", "raised_source_time", "acknowledged_at", "returned_at", "cleared_at")

#: the engine's name -> ours
_ENGINE_NAMES = {"source_time": "raised_source_time", "value_acked": "value_acknowledged", "group": "group_id"}

_KINDS: dict[type, Kind] = {Event: "event", AlarmRecord: "alarm", Retained: "retained", Together: "together"}


@dataclass(frozen=True, slots=True)
class Record:
    """An item with its number; the database remembers the highest number of each run that it has taken."""

    #: the run of the writer that took the item up
    run: str
    #: 1, 2, 3, ... within the run
    number: int
    kind: Kind
    #: the item as plain JSON
    row: dict[str, Any]
    #: what it counts for in queues and statistics: one, but for a record that holds many samples
    weight: int = 1

    def to_json(self) -> list[Any]:
        """As it stands in the spool."""
        return [self.run, self.number, self.kind, self.row, *([self.weight] if self.weight != 1 else [])]

    @classmethod
    def from_json(cls, row: list[Any]) -> Record:
        """The inverse of ``to_json``. Raises ValueError when it is not four things, or five."""
        run, number, kind, item, *weight = row
        return cls(run, number, kind, item, *weight)


def record_of(item: Item, run: str, number: int) -> Record:
    """An item made plain. Raises KeyError, TypeError, ValueError, ... when it is no item, or has a bad time."""
    return Record(run, number, _KINDS[type(item)], item.to_json())
