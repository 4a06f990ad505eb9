"""What concerns several points at once: names, overlapping words, gates, unreadable spans, the largest read.

Fourth stage of reading a map; every fault is noted at the later of the places it concerns.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from registermaps.build import Built
from registermaps.errors import did_you_mean
from registermaps.model import PointType
from registermaps.shape import Notes, Row

__all__ = ["check_gates", "check_points"]


def check_points(built: Sequence[Built], notes: Notes, largest: int, unreadable: Sequence[tuple[int, int]]) -> None:
    """Note duplicates, overlaps, and points that no read can hold.

    Args:
        built: in the order of the file.
        largest: the smallest ``max_registers`` of the map.
        unreadable: (first, last) spans of addresses.
    """
    seen: dict[str, Built] = {}
    for one in built:
        first = seen.setdefault(one.point.name, one)
        if first is not one:
            place = f"{first.node.line}:{first.node.column}"
            _note(one, notes, f"the name '{one.point.name}' is taken (first at {place})")
        point = one.point
        if point.function in (3, 4) and point.count > largest:
            _note(one, notes, f"takes {point.count} registers, more than max_registers allows ({largest})")
        for low, high in unreadable:
            if point.address <= high and low <= point.address + point.count - 1:
                _note(one, notes, f"address {point.address} lies in the unreadable span [{low}, {high}]")
    _check_overlaps(built, notes)


def _note(one: Built, notes: Notes, message: str) -> None:
    Notes(notes.file, notes.faults, one.path).add(one.node, message)


def _bits(one: Built) -> int:
    point = one.point
    if point.function in (3, 4) and point.type in (PointType.BIT, PointType.BITS):
        return ((1 << point.width) - 1) << point.bit
    return 0xFFFF


def _check_overlaps(built: Sequence[Built], notes: Notes) -> None:
    taken: dict[tuple[int, int], list[tuple[int, Built]]] = {}
    for one in built:
        if one.view:
            continue
        bits = _bits(one)
        clashes: dict[str, Built] = {}
        for address in range(one.point.address, one.point.address + one.point.count):
            owners = taken.setdefault((one.point.function, address), [])
            for owned, other in owners:
                if owned & bits and other.point.name != one.point.name:
                    clashes.setdefault(other.point.name, other)
            owners.append((bits, one))
        for other in clashes.values():
            verb = "are" if one.point.count > 1 or one.point.type is PointType.BITS else "is"
            message = f"{_words(one)} {verb} read by '{other.point.name}' too ({_words(other)}, line {other.node.line})"
            _note(one, notes, f"{message}; a second view of the same words says 'view: true'")


def _words(one: Built) -> str:
    point = one.point
    if point.function in (1, 2):
        return f"{'coil' if point.function == 1 else 'discrete input'} {point.address}"
    if point.type is PointType.BIT:
        return f"register {point.address} bit {point.bit}"
    if point.type is PointType.BITS:
        return f"register {point.address} bits {point.bit}-{point.bit + point.width - 1}"
    if point.count == 1:
        return f"register {point.address}"
    return f"registers {point.address}-{point.address + point.count - 1}"


def check_gates(polls: Mapping[str, Row], built: Sequence[Built], refused: Collection[str]) -> None:
    """Note gates that are no flag, are off, or could never be read because they wait for a gate themselves.

    Args:
        polls: of the map.
        built: every sound point.
        refused: names of points with faults of their own, about which nothing more is said.
    """
    points = {one.point.name: one.point for one in built}
    for name, row in polls.items():
        gate = row["while"]
        if gate is None or gate in refused:
            continue
        point = points.get(gate)
        if point is None:
            flags = [other for other, candidate in points.items() if candidate.type is PointType.BIT]
            row.fault("while", f"while: unknown point '{gate}', expected the name of a bit{did_you_mean(gate, flags)}")
        elif point.type is not PointType.BIT:
            row.fault("while", f"while: '{gate}' is of type {point.type.value}, expected a bit")
        elif not point.enabled:
            row.fault("while", f"while: '{gate}' is off (confirmed or enabled is false), expected a bit that is read")
        elif point.poll == name or (point.poll in polls and polls[point.poll]["while"] is not None):
            row.fault("while", f"while: '{gate}' is itself read only while a gate is set (poll class '{point.poll}')")
