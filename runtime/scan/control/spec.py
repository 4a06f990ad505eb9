"""What a device can be told to do, as the scan knows it: expressions bound to slots, values, and what goes on the wire.

Made where the configuration is put together; frozen, so that a reload compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from runtime.scan.logic import Expression
from tagdb import Words

__all__ = ["CommandSpec", "DeviceControls", "EffectSpec", "Interlock", "ValueSpec", "WriteSpec", "same_effect"]


@dataclass(frozen=True, slots=True)
class Interlock:
    """Something that must be true. ``expression`` None: a point it needs is switched off on this device."""

    expression: Expression | None
    message: Words


@dataclass(frozen=True, slots=True)
class ValueSpec:
    """What value a command takes. With ``texts`` it is one of their numbers, else within the limits, in units."""

    low: float
    high: float
    scale: float = 1.0
    decimals: int = 0
    unit: str = ""
    texts: Mapping[int, Words] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EffectSpec:
    """How the plant shows that it worked. Its tags count only as read after the write."""

    #: seconds after the write
    within_s: float
    #: becomes true; None: a point it needs is switched off on this device, so nothing can be shown
    when: Expression | None = None
    #: slot of the tag that takes the value; -1 = none
    follows: int = -1
    #: how far that tag may be off, in units
    tolerance: float = 0.0
    #: what to look at where it does not show
    hint: Words = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WriteSpec:
    """What goes on the wire, for the field."""

    link: str
    unit: int
    #: function 05 (coil) or 06 (register)
    coil: bool
    #: protocol address, counted from 0
    address: int
    #: seconds from OFF to ON, and from ON to OFF; None = a single write
    pulse: tuple[float, float] | None
    read_back: bool
    #: wait before it is read back, seconds
    settle_s: float
    #: how long an answer may take, seconds
    timeout_s: float


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """One command of one device."""

    #: "mkz.gpu1.start"
    key: str
    #: "mkz.gpu1"
    device: str
    site: str
    #: "start"
    name: str
    label: Words
    #: heading in the panel: "mode", "engine"...
    kind: str
    #: "low", "medium", "high"
    danger: str
    #: how long the button must be held, seconds
    hold_s: float
    write: WriteSpec
    #: each write turns something over
    toggle: bool = False
    value: ValueSpec | None = None
    interlocks: tuple[Interlock, ...] = ()
    effect: EffectSpec | None = None
    #: tag that shows the value in force; "" = none
    shows: str = ""
    note: str = ""
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class DeviceControls:
    """A device as the control room sees it."""

    #: "mkz.gpu1"
    device: str
    site: str
    #: slots of ``comm_state`` and of the link's ``connected``
    comm_state: int
    connected: int
    #: must be false for any command: the site's local-mode switch; None = the site names none
    local: Expression | None
    #: by name, in the order of the map
    commands: Mapping[str, CommandSpec]
    #: where the controller is on the wire, whatever it is called: "tcp://10.0.0.5:502 unit 1"
    place: str = ""


def same_effect(one: CommandSpec, other: CommandSpec) -> bool:
    """Whether both write the same and show it by the same tags, though they come from two configurations."""

    def seen(effect: EffectSpec | None) -> object:
        return effect and (effect.when and (effect.when.text, effect.when.inputs), effect.follows, effect.tolerance)

    return one.write == other.write and seen(one.effect) == seen(other.effect)
