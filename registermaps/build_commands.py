"""From checked rows of ``commands:`` to commands: defaults filled in, and what contradicts itself noted.

Part of the third stage of reading a map. Whether the tags in an expression exist is known only per device, and is
checked where the program is put together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from registermaps.build import Names, label, refer
from registermaps.command import Command, CommandKind, Condition, Danger, Effect, Pulse
from registermaps.errors import did_you_mean
from registermaps.model import Point
from registermaps.shape import Row

__all__ = ["build_commands"]

#: how long a button must be held where the map does not say, seconds
HOLD_S = {Danger.LOW: 0.6, Danger.MEDIUM: 1.2, Danger.HIGH: 2.0}
#: the least wait before a setting is read back: sooner, controllers give the old value (field trouble 34)
SETTLE_LEAST_S = 0.3


def build_commands(rows: Mapping[str, Row] | None, names: Names, points: Sequence[Point]) -> Iterator[Command]:
    """Every command that is sound by itself, in the order of the file."""
    by_name = {point.name: point for point in points}
    for name, row in (rows or {}).items():
        _check_target(row)
        _check_value(row, names)
        _check_effect(row, by_name)
        if row.ok:
            yield _command(name, row, points)


def _check_target(row: Row) -> None:
    if row.has("coil") and row.has("register"):
        row.fault("register", "register: cannot stand beside 'coil'; expected one of them")
    elif not row.has("coil") and not row.has("register"):
        row.fault("coil", "missing key 'coil' or 'register': what does it write?")
    if row.has("register"):
        for key in ("pulse", "toggle", "level"):
            if row.has(key):
                row.fault(key, f"{key}: has no meaning for a register")
    if row["toggle"] and row.has("pulse"):
        row.fault("pulse", "pulse: a toggle is written once, since each ON turns it over")
    if row["level"] and (row.has("pulse") or row["toggle"]):
        row.fault("level", "level: a coil that keeps its state is neither pulsed nor a toggle")
    if row["toggle"] and not row["interlocks"]:
        row.fault("toggle", "toggle: needs 'interlocks' that say from which position it may be given")
    if row["toggle"] and row["effect"] is None and "effect" not in row.refused:
        row.fault("toggle", "toggle: needs an 'effect', or nobody knows which way it went")


def _check_value(row: Row, names: Names) -> None:
    refer(row, "enum", names.enums, "enum")
    register = row.has("register")
    if not register:
        for key in ("unit", "scale", "range", "enum"):
            if row.has(key):
                row.fault(key, f"{key}: has no meaning for a coil")
        if row["read_back"] and not row["level"]:
            row.fault("read_back", "read_back: a coil that is pulsed holds nothing to read back")
    elif row["enum"] is None:
        low, high = row["range"] or (None, None)
        if (low is None or high is None) and not {"range", "enum"} & row.refused:
            row.fault("range", "range: both limits are needed for what is written to a register")
        elif low is not None and high is not None and not (low >= 0 and high / row["scale"] <= 65535):
            row.fault("range", f"range: does not fit in a register of 16 bits at scale {row['scale']:g}")
    elif row.has("range") or row.has("scale"):
        row.fault("enum", "enum: cannot go with a range or a scale")
    if row["settle"] < SETTLE_LEAST_S:
        row.fault("settle", f"settle: found {row.place('settle').text}, expected 300ms or more")


def _check_effect(row: Row, points: Mapping[str, Point]) -> None:
    effect = row["effect"]
    if effect is None:
        return
    if effect.has("when") == effect.has("follows"):
        effect.fault("when", "expected either 'when' or 'follows'")
    if effect["follows"] and effect["follows"] not in points:
        hint = did_you_mean(effect["follows"], list(points))
        effect.fault("follows", f"follows: unknown point '{effect['follows']}'{hint}")
    elif effect["follows"] and not (row.has("register") or row["level"]):
        effect.fault("follows", "follows: a command without a value has none that a point could take")
    row.ok = row.ok and effect.ok


def _command(name: str, row: Row, points: Sequence[Point]) -> Command:
    danger = Danger(row["danger"])
    coil = row.has("coil")
    low, high = row["range"] or ((0.0, 1.0) if row["level"] else (None, None))
    effect = _effect(row["effect"])
    read_back = (row["level"] or not coil) if row["read_back"] is None else row["read_back"]
    address = row["coil"] if coil else row["register"]
    shows = [p.name for p in points if not coil and (p.function, p.address, p.count) == (3, address, 1)]
    if effect is not None and effect.follows:
        shows.insert(0, effect.follows)
    pulse = row["pulse"]
    return Command(
        name=name,
        label=label(row),
        kind=CommandKind(row["kind"]),
        danger=danger,
        hold_s=row["hold"] or HOLD_S[danger],
        address=address,
        coil=coil,
        pulse=None if pulse is None else Pulse(pulse["lead"], pulse["on"]),
        toggle=row["toggle"],
        level=row["level"],
        scale=row["scale"],
        unit=row["unit"],
        low=low,
        high=high,
        enum=row["enum"],
        decimals=_digits(row["scale"]),
        read_back=read_back,
        settle_s=row["settle"],
        shows=shows[0] if shows else "",
        interlocks=tuple(_condition(one) for one in row["interlocks"]),
        effect=effect,
        enabled=row["confirmed"] if row["enabled"] is None else row["enabled"],
        confirmed=row["confirmed"],
        note=row["note"],
        line=row.node.line,
    )


def _condition(row: Row) -> Condition:
    place = row.place("require")
    return Condition(row["require"], label(row), place.line, place.column)


def _effect(row: Row | None) -> Effect | None:
    if row is None:
        return None
    place = row.place("when")
    hint: Any = row["hint"]
    return Effect(
        within_s=row["within"],
        when=row["when"] or "",
        follows=row["follows"] or "",
        hint=None if hint is None else label(hint),
        line=place.line,
        column=place.column,
    )


def _digits(scale: float) -> int:
    text = f"{scale:.9f}".rstrip("0")
    return len(text) - text.index(".") - 1
