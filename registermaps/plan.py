"""The read plan: which blocks to read so that all points are covered at the least cost for the link.

Points sorted by address are the nodes of a line; a block is an edge from one node past another, and costs one request
plus its registers, gaps included. The cheapest path over these edges is the exact optimum. O(n x max) for n distinct
places.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from registermaps.linkcost import LinkCost
from registermaps.model import Point, PollClass

__all__ = ["Block", "line_time", "lower_bound", "plan", "plan_map"]

Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Block:
    """One read: a span of registers (or bits), and the points it brings."""

    function: int
    start: int
    count: int
    #: in order of address, then bit
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """A distinct span that points occupy."""

    first: int
    last: int
    points: tuple[Point, ...]


def plan(points: Iterable[Point], cost: LinkCost, unreadable: Spans = ()) -> tuple[Block, ...]:
    """The cheapest set of reads that covers every point.

    Args:
        points: of any functions, in any order.
        cost: of the link.
        unreadable: (first, last) address spans no read may touch, of any function.

    Returns:
        Blocks in order of function and address.

    Raises:
        ValueError: a point is larger than the link's largest read, or lies in an unreadable span.
    """
    blocks: list[Block] = []
    ordered = sorted(points, key=lambda point: (point.function, point.address, point.count, point.bit, point.name))
    for function, same in groupby(ordered, key=lambda point: point.function):
        places = [
            _Place(first, first + count - 1, tuple(group))
            for (first, count), group in groupby(same, key=lambda point: (point.address, point.count))
        ]
        blocks += _cheapest(function, places, cost, sorted(unreadable))
    return tuple(blocks)


def _cheapest(function: int, places: list[_Place], cost: LinkCost, unreadable: Spans) -> list[Block]:
    largest = cost.largest(function)
    #: best[i]: seconds and number of reads for the first i places, and where the last block begins
    best: list[tuple[float, int, int]] = [(0.0, 0, 0)]
    for end in range(1, len(places) + 1):
        last = places[end - 1].last
        choice: tuple[float, int, int] | None = None
        for begin in range(end - 1, -1, -1):
            first = places[begin].first
            last = max(last, places[begin].last)
            if last - first >= largest or _touches(first, last, unreadable):
                if begin == end - 1:
                    raise ValueError(_unreachable(places[begin], largest))
                break
            seconds = best[begin][0] + cost.read_s(function, last - first + 1)
            candidate = (seconds, best[begin][1] + 1, begin)
            # Sums of floats differ in their last digits with the order of adding: within a nanosecond, fewer reads win.
            if choice is None or (round(seconds, 9), candidate[1]) < (round(choice[0], 9), choice[1]):
                choice = candidate
        assert choice is not None  # noqa: S101 - one place alone always fits, or was refused above
        best.append(choice)
    blocks: list[Block] = []
    end = len(places)
    while end > 0:
        begin = best[end][2]
        blocks.append(_block(function, places[begin:end]))
        end = begin
    return blocks[::-1]


def _touches(first: int, last: int, spans: Spans) -> bool:
    return any(low <= last and first <= high for low, high in spans)


def _unreachable(place: _Place, largest: int) -> str:
    name = place.points[0].name
    if place.last - place.first >= largest:
        return f"point '{name}' takes {place.last - place.first + 1} registers, the largest read is {largest}"
    return f"point '{name}' lies in an unreadable span"


def _block(function: int, places: list[_Place]) -> Block:
    first = places[0].first
    last = max(place.last for place in places)
    return Block(function, first, last - first + 1, tuple(point for place in places for point in place.points))


def plan_map(
    points: Iterable[Point], polls: Mapping[str, PollClass], cost: LinkCost, unreadable: Spans = ()
) -> dict[str, tuple[Block, ...]]:
    """A plan for each poll class that has points: name -> blocks."""
    by_poll: dict[str, list[Point]] = {name: [] for name in polls}
    for point in points:
        by_poll[point.poll].append(point)
    return {name: plan(some, cost, unreadable) for name, some in by_poll.items() if some}


def line_time(blocks: Iterable[Block], cost: LinkCost) -> float:
    """Seconds that reading the blocks once takes."""
    return sum(cost.read_s(block.function, block.count) for block in blocks)


def lower_bound(points: Iterable[Point], cost: LinkCost) -> float:
    """Seconds no set of reads can beat, wherever the points lie: every wanted word once, in the fewest requests."""
    wanted: dict[int, set[int]] = {}
    for point in points:
        wanted.setdefault(point.function, set()).update(range(point.address, point.address + point.count))
    seconds = 0.0
    for function, addresses in wanted.items():
        requests = -(-len(addresses) // cost.largest(function))
        data = -(-len(addresses) // 8) if function in (1, 2) else 2 * len(addresses)
        seconds += requests * cost.request_s + data * cost.byte_s
    return seconds
