"""The faults that can be switched on in the simulated plant: one table, from which help and parsing come."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["FAULTS", "FaultCommand", "FaultError", "FaultKind", "faults_help", "parse_fault", "split_target"]


class FaultError(ValueError):
    """A fault that does not exist, has a wrong value, or does not fit its target."""


def _seconds(text: str) -> float:
    return _within(text, 0.0, 3600.0, "seconds from 0 to 3600")


def _share(text: str) -> float:
    return _within(text, 0.0, 1.0, "a probability from 0 to 1")


def _within(text: str, low: float, high: float, expected: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        raise ValueError(expected)
    return number


def _drift(text: str) -> float:
    return _within(text, -1e9, 1e9, "seconds")


def _integer(text: str, low: int, high: int, expected: str) -> int:
    try:
        number = int(text, 0)
    except ValueError:
        number = low - 1
    if not low <= number <= high:
        raise ValueError(expected)
    return number


def _code(text: str) -> int:
    return _integer(text, 1, 255, "an exception code from 1 to 255")


def _address(text: str) -> int:
    return _integer(text, 0, 0xFFFF, "an address from 0 to 65535")


def _clients(text: str) -> int:
    return _integer(text, 1, 64, "a number from 1 to 64")


def _name(text: str) -> str:
    if not text:
        raise ValueError("the name of a point")
    return text


def _pair(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name or not value:
        raise ValueError("NAME:VALUE")
    return name, value


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One row of the table."""

    name: str
    #: how its value is written in the help; "" = takes none
    value: str
    help: str
    #: where it may be put: "line" = a device or a link, "link", "device", "genset", "bustie", "site"
    place: str
    parse: Callable[[str], object] | None = None
    #: text of the value when none is given; None = a value is needed
    default: str | None = None


FAULTS: tuple[FaultKind, ...] = (
    FaultKind("delay", "S", "answers come S seconds later", "line", _seconds),
    FaultKind("drop", "P", "answers are lost with probability P", "line", _share, "1"),
    FaultKind("corrupt", "P", "one bit of an answer is turned over (TCP: its transaction id)", "line", _share, "1"),
    FaultKind("duplicate", "P", "answers come twice", "line", _share, "1"),
    FaultKind("foreign", "P", "a well-formed answer of another unit comes first", "line", _share, "1"),
    FaultKind("garbage", "P", "some random bytes come before an answer", "line", _share, "1"),
    FaultKind("late", "S", "once: the next answer comes S seconds late, after the time-out", "line", _seconds, "2"),
    FaultKind("offline", "", "no answers; a TCP device and a whole link refuse connections", "line"),
    FaultKind("close", "", "once: the connection is dropped instead of the next answer", "line"),
    FaultKind("exception", "CODE", "every request is refused with a Modbus exception", "line", _code, "4"),
    FaultKind("lost-echo", "", "once: a command is executed and its answer lost", "line"),
    FaultKind("wrong-echo", "", "once: a command is executed and answered with another value", "line"),
    FaultKind("late-echo", "S", "once: a command is executed and its answer S seconds late", "line", _seconds, "2"),
    FaultKind("cut-echo", "", "once: a command is executed and the connection dropped instead of its answer", "line"),
    FaultKind("refuse-write", "CODE", "once: a command is refused with a Modbus exception", "line", _code, "3"),
    FaultKind("silent-block", "ADDR", "no answer to any read that covers this register", "line", _address),
    FaultKind("turnaround", "S", "how long units think before they answer", "link", _seconds),
    FaultKind("clients", "N", "the converter serves N clients and copies serial bytes to all", "link", _clients),
    FaultKind("echo", "", "the adapter hears what it sends", "link"),
    FaultKind("start", "", "call the set (in manual mode)", "genset"),
    FaultKind("stop", "", "unload and stop the set", "genset"),
    FaultKind("trip", "", "alarm: reverse power opens the breaker, the engine runs on", "genset"),
    FaultKind("overspeed", "", "the governor runs away", "genset"),
    FaultKind("low-oil", "", "the oil pressure is lost", "genset"),
    FaultKind("no-start", "", "the engine never fires", "genset"),
    FaultKind("local", "", "remote control is off: commands are answered and not carried out", "device"),
    FaultKind("battery-low", "", "the battery has lost its charger", "device"),
    FaultKind("sensor-open", "POINT", "a measurement shows its no-data marker", "device", _name),
    FaultKind("alarm", "POINT", "set an alarm bit, like warning_gas_leak", "device", _name),
    FaultKind("set", "POINT:VALUE", "hold a point at a value, in units after scaling", "device", _pair),
    FaultKind("word", "ADDR:VALUE", "hold a whole register, for bits that no point knows", "device", _pair),
    FaultKind("no-remote-reset", "", "the alarm reset of function 05 has no effect", "genset"),
    FaultKind("old-firmware", "", "writes to 4351-4354 are echoed and ignored", "bustie"),
    FaultKind("clock-drift", "S", "the controller's clock is S seconds ahead", "bustie", _drift),
    FaultKind("mains-fail", "", "the public grid fails", "site"),
    FaultKind("mains-return", "", "the public grid comes back", "site"),
    FaultKind("quiet", "", "no troubles that come by themselves", "site"),
    FaultKind("clear", "", "take all faults of the target back", "any"),
)

BY_NAME = {kind.name: kind for kind in FAULTS}


@dataclass(frozen=True, slots=True)
class FaultCommand:
    """A fault with its value, checked against the table."""

    kind: FaultKind
    value: object = None


def parse_fault(text: str) -> FaultCommand:
    """``delay=1.5`` or ``offline``. Raises FaultError with a sentence."""
    name, equals, value = text.partition("=")
    kind = BY_NAME.get(name)
    if kind is None:
        close = difflib.get_close_matches(name, list(BY_NAME), n=1, cutoff=0.6)
        hint = f" (did you mean '{close[0]}'?)" if close else ""
        raise FaultError(f"unknown fault '{name}'{hint}; known: {', '.join(BY_NAME)}")
    if kind.parse is None:
        if equals:
            raise FaultError(f"fault '{name}' takes no value, found '{value}'")
        return FaultCommand(kind)
    if not equals:
        if kind.default is None:
            raise FaultError(f"fault '{name}' needs a value: {name}={kind.value}")
        value = kind.default
    try:
        return FaultCommand(kind, kind.parse(value))
    except ValueError as error:
        raise FaultError(f"fault '{name}': found '{value}', expected {error}") from None


def split_target(text: str) -> tuple[str, str]:
    """``mkz.shpr:drop=0.1`` -> target and fault, as on the command line."""
    target, colon, fault = text.partition(":")
    if not colon or not target or not fault:
        raise FaultError(f"found '{text}', expected TARGET:FAULT or TARGET:FAULT=VALUE, like mkz.shpr:delay=1.5")
    return target, fault


def faults_help() -> str:
    """The table as text, a line for each fault."""
    rows = [(f"{kind.name}{'=' if kind.value else ''}{kind.value}", kind.place, kind.help) for kind in FAULTS]
    return "\n".join(f"  {name:<20} {place:<7} {text}" for name, place, text in rows)
