"""Alarm words: one declared layout of causes, expanded over groups of words, with a mask of the bits of no known cause.

Part of the third stage of reading a map. Nothing that is set may be lost: every alarm word has a point whose value is
the bits without an active cause, so a set bit that is unknown, or known but switched off, is still an alarm.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from registermaps.build import Built, Names, label, refer
from registermaps.model import Alarm, Label, Point, PointType
from registermaps.shape import Row

__all__ = ["build_alarms", "with_masks"]

_WORD = 0xFFFF


def build_alarms(alarms: Row | None, names: Names) -> Iterator[Built]:
    """Every alarm bit, and for every alarm word the point of its unknown bits."""
    if alarms is None:
        return
    refer(alarms, "poll", names.polls, "poll class")
    layouts = alarms["layouts"] or {}
    for layout in layouts.values():
        _check_layout(layout)
    for address, row in (alarms["words"] or {}).items():
        refer(row, "class", names.classes, "alarm class")
        refer(row, "group", names.groups, "group")
        refer(row, "poll", names.polls, "poll class")
        refer(row, "layout", layouts, "alarm layout")
        _check_words(address, row, layouts)
        if row.ok and alarms.ok:
            yield from _expand(address, row, alarms, names)


def _check_layout(layout: Mapping[int, Mapping[int, Row]]) -> None:
    first: dict[str, Row] = {}
    for causes in layout.values():
        for cause in causes.values():
            other = first.setdefault(cause["name"], cause) if cause.ok else cause
            if other is not cause:
                place = f"{other.node.line}:{other.node.column}"
                cause.fault("name", f"the name '{cause['name']}' is taken in this layout (first at {place})")


def _check_words(address: int, row: Row, layouts: Mapping[str, Any]) -> None:
    count = row["count"]
    if row["layout"] and row["bits"]:
        row.fault("bits", "bits: cannot stand beside 'layout'; expected one of them")
    if row["bits"] and count != 1:
        row.fault("bits", f"bits: are for a single word, found count {count}; expected a 'layout'")
    if address + count > 65536:
        row.fault("count", f"count: {count} words from {address} end beyond address 65535")
    for offset in layouts.get(row["layout"], ()):
        if offset >= count:
            row.fault("layout", f"layout: '{row['layout']}' has causes in word {offset}, expected fewer than {count}")


def _expand(base: int, row: Row, alarms: Row, names: Names) -> Iterator[Built]:
    kind = row["class"]
    shape = names.classes[kind]
    title = label(shape)
    for offset in range(row["count"]):
        causes = row["bits"] if row["bits"] else (alarms["layouts"] or {}).get(row["layout"], {}).get(offset, {})
        number = offset if alarms["number"] == "offset" else base + offset
        word = Point(
            name=f"{kind}_unknown_{number}",
            type=PointType.U16,
            function=alarms["function"] or (names.function if names.function > 2 else 3),
            address=base + offset,
            count=1,
            label=Label(f"{title.en}: unknown alarm, word {number}", f"{title.ru}: неизвестная авария, слово {number}"),
            group=row["group"],
            poll=row["poll"] or alarms["poll"],
            word_order=names.word_order,
            byte_order=names.byte_order,
            hex=True,
            confirmed=True,
            alarm=Alarm(kind, f"{shape['code']}{number}", unknown=True),
            line=row.node.line,
        )
        for bit, cause in causes.items():
            if cause.ok:
                yield Built(_cause(word, bit, cause, row, number, shape), cause.node, False, cause.notes.path)
        yield Built(word, row.node, True, row.notes.path)


def _cause(word: Point, bit: int, cause: Row, row: Row, number: int, shape: Row) -> Point:
    kind = row["class"]
    confirmed = cause["confirmed"] and row["confirmed"]
    return replace(
        word,
        name=f"{kind}_{cause['name']}",
        type=PointType.BIT,
        label=label(cause),
        bit=bit,
        hex=False,
        enabled=confirmed if cause["enabled"] is None else cause["enabled"] and row["confirmed"],
        confirmed=confirmed,
        alarm=Alarm(
            kind, f"{shape['code']}{number}.{bit}", priority=cause["priority"] or "", alone=cause["alone"]
        ),
        note=cause["note"],
        line=cause.node.line,
    )


def with_masks(points: Iterable[Point], active: Iterable[Point]) -> tuple[Point, ...]:
    """The points, with the masks of alarm words set to the bits that no active point decodes.

    Args:
        points: to be returned in this order.
        active: those in force; their single bits count as known.
    """
    known: dict[tuple[int, int], int] = {}
    for point in active:
        if point.type in (PointType.BIT, PointType.BITS):
            where = (point.function, point.address)
            known[where] = known.get(where, 0) | ((1 << point.width) - 1) << point.bit
    return tuple(
        replace(point, mask=_WORD & ~known.get((point.function, point.address), 0))
        if point.alarm is not None and point.alarm.unknown
        else point
        for point in points
    )
