"""What an alarm is: definition, occurrence, step from state to state; the engine makes them, all after it read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import IntEnum, StrEnum
from operator import attrgetter
from typing import Any, NamedTuple

from tagdb import Value, Words

__all__ = [
    "AlarmDefinition",
    "AlarmState",
    "Occurrence",
    "Outcome",
    "Priority",
    "Shelf",
    "Test",
    "Transition",
    "Verdict",
]


class Priority(IntEnum):
    """How soon an operator must act; 1 is the most urgent."""

    CRITICAL = 1
    HIGH = 2
    MEDIUM = 3
    LOW = 4
    #: for engineers, not announced to operators
    DIAGNOSTIC = 5


class AlarmState(StrEnum):
    """The states of ISA-18.2 / IEC 62682, and one of ours: ``unsafe``."""

    NORMAL = "normal"
    UNACK = "unacknowledged"
    ACKED = "acknowledged"
    RTN_UNACK = "returned-unacknowledged"
    #: the condition is over, but the alarm stays until it is reset
    LATCHED = "latched"
    SHELVED = "shelved"
    #: suppressed by design
    SUPPRESSED = "suppressed"
    OUT_OF_SERVICE = "out-of-service"
    #: raised, and now nobody can tell whether it still holds: its input is not to be trusted
    UNSAFE = "unsafe"

    # enum's own is a Python function: a third of the time of a burst went there
    __hash__ = str.__hash__


class Test(StrEnum):
    """When the tag of an alarm means "active"."""

    #: not zero: a bit, or a word of unknown bits
    SET = "set"
    #: equal to the operand
    EQUAL = "equal"
    #: a counter has grown since the last scan; how long that counts as active is the off delay
    GROWN = "grown"
    #: a text is not empty
    TEXT = "text"

    # pytest must not take it for a test class
    __test__ = False


@dataclass(frozen=True, slots=True)
class AlarmDefinition:
    """One alarm that can happen."""

    #: unique: the tag's name, or "rule:<rule>:<device>"
    key: str
    site: str
    #: ``site.device``, "" for the runtime itself
    device: str
    label: Words
    priority: Priority
    #: class: "shutdown", "rule", "comm", "runtime"
    kind: str
    #: the controller's own code, "SD0.5"
    code: str = ""
    #: the tag that is tested; "" = a rule reports it
    tag: str = ""
    #: stays after the condition is over, until reset
    latched: bool = False
    #: the condition must hold so long before it is raised, seconds
    on_delay_s: float = 0.0
    #: it must be over so long before it returns, seconds
    off_delay_s: float = 0.0
    #: what to do about it
    help: Words = field(default_factory=dict)
    #: tags whose values are kept when it is raised
    snapshot: tuple[str, ...] = ()
    test: Test = Test.SET
    operand: float = 0.0
    #: value of the tag that says nothing, neither active nor over ("connecting"); None = there is none
    unknown: float | None = None
    #: tag that suppresses the alarm by design while it is set; "" = none
    suppressed_by: str = ""
    #: never put under another alarm, as if it followed from it
    alone: bool = False

    def described(self) -> dict[str, Any]:
        """As plain JSON, what it is called and how urgent it is."""
        return {
            "key": self.key,
            "site": self.site,
            "device": self.device,
            "label": dict(self.label),
            "priority": int(self.priority),
            "kind": self.kind,
            "code": self.code,
        }


@dataclass(slots=True)
class Occurrence:
    """One alarm from its raise to its end. Times are Unix seconds UTC of the scan, None = not yet."""

    id: int
    key: str
    state: AlarmState
    raised_at: float
    #: when the device said so
    source_time: float | None = None
    acknowledged_at: float | None = None
    returned_at: float | None = None
    cleared_at: float | None = None
    value_raised: Value = None
    value_acked: Value = None
    value_returned: Value = None
    #: who acknowledged it, and with what words
    who: str = ""
    comment: str = ""
    #: the first of its device's burst, as observed
    first_out: bool = False
    #: id of the occurrence it follows from; None = it stands for itself
    group: int | None = None
    #: set already at the first reading after the start: nobody knows since when
    present_at_start: bool = False
    #: times it was raised again before it ended
    again: int = 0
    #: of the last raise; that of the first is ``raised_at``. Value, snapshot and burst are those of the last, too
    last_raised_at: float = 0.0
    #: tag -> {"value": ..., "quality": number} at the raise
    snapshot: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    #: live values of a rule's message at the raise
    message_values: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.last_raised_at = self.last_raised_at or self.raised_at

    @property
    def active(self) -> bool:
        """Whether the condition holds, as far as is known."""
        return self.returned_at is None

    @property
    def acknowledged(self) -> bool:
        """Whether somebody has seen its last raise."""
        return self.acknowledged_at is not None

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        # Not asdict: its deep copies made a dump of a burst four times as dear, and nobody changes a snapshot.
        return dict(zip(_OCCURRENCE, _VALUES(self), strict=True)) | {"state": str(self.state)}

    def values(self) -> tuple[Any, ...]:
        """All its fields in order, as a copy that no later step changes: ``Occurrence(*values)`` is the inverse."""
        return _VALUES(self)

    def copy(self) -> Occurrence:
        """Another that stays as this one is now."""
        return Occurrence(*_VALUES(self))

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Occurrence:
        """The inverse of ``to_json``; keys that are not known any more are left out."""
        known = {name: row[name] for name in _OCCURRENCE if name in row}
        return cls(**known | {"state": AlarmState(row["state"])})


#: names of its fields: asking for them at each of ten thousand alarms took longer than making the rows
_OCCURRENCE = tuple(item.name for item in fields(Occurrence))
_VALUES = attrgetter(*_OCCURRENCE)


_SILENT: Words = {}


class Transition(NamedTuple):
    """One step of one alarm, for the journal. (A tuple: a frozen dataclass takes four times as long to make.)"""

    #: Unix seconds UTC of the scan
    time: float
    #: when the device said so; None for what an operator or the clock did
    source_time: float | None
    key: str
    #: id of the occurrence; 0 when the alarm has none (shelving an alarm that is normal)
    occurrence: int
    before: AlarmState
    after: AlarmState
    #: a member of :class:`runtime.scan.alarms.table.Event`: "raise", "return", "acknowledge", ...
    event: str
    who: str = ""
    comment: str = ""
    value: Value = None
    #: why, where the program itself says so: what suppresses it, that a time is over; in both languages
    why: Words = _SILENT
    #: what began or ended suppression by design: the rule, or the tag
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A shelved or out-of-service alarm: by whom, why, how long."""

    key: str
    state: AlarmState
    who: str
    reason: str
    #: Unix seconds UTC
    since: float
    #: when it ends by itself, Unix seconds UTC by the wall clock of now; None = not by itself
    until: float | None


class Verdict(StrEnum):
    """What became of an order."""

    DONE = "done"
    #: it was so already; nothing was done a second time
    ALREADY = "already"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an order for one alarm."""

    key: str
    #: 0 = none
    occurrence: int
    verdict: Verdict
    state: AlarmState
    #: why it was refused, or that it was so already: a key of ``reasons.REASONS``; "" when done
    code: str = ""
    #: the code's sentence in both languages
    reason: Words = field(default_factory=lambda: {"en": "", "ru": ""})

    @property
    def ok(self) -> bool:
        """Whether the alarm is now as it was ordered to be."""
        return self.verdict is not Verdict.REFUSED
