"""What the maintenance store gives and takes: one frozen record for each kind of row, and why it refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tagdb.maintenance.due import LogEntry
from tagdb.maintenance.programme import Programme

__all__ = [
    "ANSWERS",
    "Answer",
    "Conflict",
    "DeviceRecord",
    "ItemRecord",
    "OffsetRecord",
    "PhotoRecord",
    "Refused",
    "ServiceRecord",
    "UnknownRecord",
    "Version",
]

#: answers to a task; "" takes an answer back
ANSWERS = ("", "done", "not_done", "na")


class Refused(Exception):
    """The store does not do it; ``code`` for programs, the message for people, ``parts`` of it for other languages."""

    def __init__(self, code: str, message: str, **parts: str | float) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.parts = parts


class UnknownRecord(Refused):
    """There is no such row."""


class Conflict(Refused):
    """Somebody else changed it meanwhile; ``current`` is what stands there now, as JSON."""

    def __init__(self, code: str, message: str, current: Mapping[str, Any] | None = None, **parts: str | float) -> None:
        super().__init__(code, message, **parts)
        self.current = dict(current or {})


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a programme."""

    #: number of the text, for good
    id: int
    number: int
    programme: Programme
    who: str
    comment: str
    #: Unix seconds UTC
    time: float


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """An engine and its programme."""

    device: str
    #: code of the programme; None = it has none
    programme: str | None
    revision: int
    #: known to maintenance since, Unix seconds UTC
    since: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody says to one task."""

    #: one of ANSWERS
    answer: str = ""
    #: why it was not done
    reason: str = ""
    #: what was measured
    value: str = ""
    note: str = ""
    #: [{"en", "ru", "quantity", "unit"}] that were used
    consumables: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """An answer as it is stored."""

    #: "level.task"; "" = the note to the whole service
    task: str
    answer: Answer
    who: str
    time: float
    revision: int
    #: of the request that wrote it last, so that a repeated one does nothing
    stamp: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "task": self.task,
            "answer": self.answer.answer,
            "reason": self.answer.reason,
            "value": self.answer.value,
            "note": self.answer.note,
            "consumables": [dict(one) for one in self.answer.consumables],
            "who": self.who,
            "time": self.time,
            "revision": self.revision,
        }


@dataclass(frozen=True, slots=True)
class PhotoRecord:
    """A photo; the file has its id as a name."""

    id: str
    service: str
    task: str
    name: str
    mime: str
    #: bytes
    size: int
    who: str
    time: float


@dataclass(frozen=True, slots=True)
class OffsetRecord:
    """Hours added to a meter by somebody."""

    device: str
    time: float
    who: str
    reason: str
    #: added, may be negative
    hours: float
    #: what was shown before
    shown_before: float

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "time": self.time, "who": self.who, "reason": self.reason, "hours": self.hours,
            "before": self.shown_before,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    """One line of the log."""

    id: str
    device: str
    level: str
    #: "service", "initial" (what was known when the device was added) or "correction"
    kind: str
    #: "open", "signed" or "cancelled"
    state: str
    started_at: float
    started_by: str
    #: when the work was done, Unix seconds UTC; None = not signed yet
    done_at: float | None
    #: engine hours at which it was done; None = not known
    done_hours: float | None
    signed_at: float | None
    signed_by: str
    #: order in which entries were signed; 0 = not signed yet
    number: int
    note: str
    #: id of the entry that it corrects; "" = none
    corrects: str
    void: bool
    revision: int
    #: text of the programme that it is done by; None for a device without one
    text_id: int | None = None
    items: tuple[ItemRecord, ...] = field(default=())
    photos: tuple[PhotoRecord, ...] = field(default=())

    def entry(self) -> LogEntry:
        """As the due arithmetic needs it; of signed entries only."""
        return LogEntry(
            self.id, self.level, self.done_hours, self.done_at or 0.0, self.corrects, self.void, self.number
        )
