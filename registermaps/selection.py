"""Which points of a map a device reads: those on by default, plus and minus what its ini section says."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from fnmatch import translate

from registermaps.alarms import with_masks
from registermaps.command import Command
from registermaps.errors import did_you_mean
from registermaps.model import Point, RegisterMap

__all__ = ["UnknownPoints", "select_commands", "select_points"]


class UnknownPoints(ValueError):
    """Names or patterns that fit no point (or command) of the map; one sentence each in ``messages``."""

    def __init__(self, messages: Iterable[str]) -> None:
        self.messages: tuple[str, ...] = tuple(messages)
        super().__init__("; ".join(self.messages))


def select_points(
    register_map: RegisterMap, enable: Collection[str] = (), disable: Collection[str] = ()
) -> tuple[Point, ...]:
    """The points a device reads, in the order of the map, with the masks of alarm words to fit.

    Args:
        register_map: of the device.
        enable: names or patterns (``gen_angle_?``, ``safety_trip_*``) of points to switch on.
        disable: names or patterns to switch off; stronger than ``enable``. The bit of an alarm that is switched off
            shows in the unknown bits of its word, so that nothing set is lost.

    Raises:
        UnknownPoints: for each name or pattern that fits nothing.
        ValueError: a gate of a poll class was switched off.
    """
    names = [point.name for point in register_map.points]
    messages: list[str] = []
    on = _matching(enable, names, register_map.name, messages)
    off = _matching(disable, names, register_map.name, messages)
    if messages:
        raise UnknownPoints(messages)
    active = [
        point for point in register_map.points if (point.enabled or point.name in on) and point.name not in off
    ]
    read = {point.name for point in active}
    used = {point.poll for point in active}
    for poll in register_map.polls.values():
        if poll.gate is not None and poll.name in used and poll.gate not in read:
            raise ValueError(f"'{poll.gate}' cannot be off: poll class '{poll.name}' is read only while it is set")
    return with_masks(active, active)


def select_commands(
    register_map: RegisterMap, enable: Collection[str] = (), disable: Collection[str] = ()
) -> tuple[Command, ...]:
    """The commands that a device offers, in the order of the map.

    Args:
        register_map: of the device.
        enable: names or patterns (``output_?``) of commands to offer that the map has off.
        disable: names or patterns to take away, ``*`` for all; stronger than ``enable``.

    Raises:
        UnknownPoints: for each name or pattern that fits nothing.
    """
    names = list(register_map.commands)
    messages: list[str] = []
    on = _matching(enable, names, register_map.name, messages, "command")
    off = _matching(disable, names, register_map.name, messages, "command")
    if messages:
        raise UnknownPoints(messages)
    return tuple(
        command
        for command in register_map.commands.values()
        if (command.enabled or command.name in on) and command.name not in off
    )


def _matching(
    patterns: Collection[str], names: list[str], map_name: str, messages: list[str], noun: str = "point"
) -> set[str]:
    result: set[str] = set()
    for pattern in patterns:
        match = re.compile(translate(pattern)).fullmatch
        fitting = [name for name in names if match(name)]
        if not fitting:
            messages.append(f"no {noun} '{pattern}' in map '{map_name}'{did_you_mean(pattern, names)}")
        result.update(fitting)
    return result
