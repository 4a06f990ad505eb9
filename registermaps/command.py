"""A command of a controller as its map declares it: what is written, when it may be, and how its effect is proven.

Beside the points of a map; expressions are kept as text here and bound to tags where the program is put together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from registermaps.label import Label

__all__ = ["Command", "CommandKind", "Condition", "Danger", "Effect", "Pulse", "raw_of", "value_of_count"]


class CommandKind(StrEnum):
    """What a command is about; the heading it stands under."""

    MODE = "mode"
    ENGINE = "engine"
    BREAKER = "breaker"
    ALARMS = "alarms"
    SETTING = "setting"
    OUTPUT = "output"
    KEY = "key"


class Danger(StrEnum):
    """How much harm a command can do; the more, the longer it must be held to be given."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that must be true before a command may be given, and what to say where it is not."""

    #: expression over the device's tags
    require: str
    message: Label
    #: where the expression stands in the map file, 1-based
    line: int = field(default=0, compare=False)
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Effect:
    """How the plant shows that a command worked: an expression that becomes true, or a point that takes the value."""

    #: seconds after the write within which it must show
    within_s: float
    #: expression over the device's tags; "" where a point is followed
    when: str = ""
    #: the point that takes the written value; "" where there is an expression
    follows: str = ""
    #: what to look at where it does not show
    hint: Label | None = None
    line: int = field(default=0, compare=False)
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Pulse:
    """OFF, wait, ON, wait, OFF: a key that is let go, pressed and let go."""

    #: from the first OFF to ON, seconds
    lead_s: float
    #: from ON to the last OFF, seconds
    on_s: float


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that a controller can be told to do. Written by function 05 (coil) or 06 (register)."""

    name: str
    label: Label
    kind: CommandKind
    danger: Danger
    #: how long the button must be held, seconds
    hold_s: float
    #: protocol address, counted from 0
    address: int
    #: True: one of function 05, False: of function 06
    coil: bool
    #: None = a single write
    pulse: Pulse | None = None
    #: each write turns something over, so it is written once and never again before its effect is known
    toggle: bool = False
    #: a coil that keeps its state: the value is 0 or 1
    level: bool = False
    scale: float = 1.0
    unit: str = ""
    #: value limits in units; None for commands without a value
    low: float | None = None
    high: float | None = None
    #: enumeration of the map that the values come from
    enum: str | None = None
    #: digits after the point, for display
    decimals: int = 0
    #: what is written can be read back: the register by function 03, the coil by function 01
    read_back: bool = False
    #: wait before it is read back, seconds
    settle_s: float = 0.3
    #: the point that shows the value in force now; "" = none is known
    shows: str = ""
    interlocks: tuple[Condition, ...] = ()
    effect: Effect | None = None
    enabled: bool = True
    confirmed: bool = True
    note: str = ""
    #: where it stands in the map file, 1-based
    line: int = field(default=0, compare=False)

    @property
    def has_value(self) -> bool:
        """Whether it takes a value."""
        return self.level or not self.coil


def raw_of(command: Command, value: float) -> int:
    """What a value is on the wire: counts of ``scale``, 0 or 1 for a level.

    Raises:
        ValueError: outside the limits, or finer than one count.
    """
    low, high = command.low or 0.0, command.high if command.high is not None else 65535.0
    if not low <= value <= high:
        raise ValueError(f"{value:g} is not within {low:g} to {high:g}")
    raw = round(value / command.scale)
    if abs(raw * command.scale - value) > 1e-6 * max(1.0, abs(value)):
        raise ValueError(f"{value:g} is finer than one step of {command.scale:g}")
    return raw


def value_of_count(command: Command, raw: int) -> float:
    """The value that a raw word stands for, in units."""
    return round(raw * command.scale, 9)
