"""The read plan is the cheapest there is: against brute force over every way to group the points of small maps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registermaps import Block, LinkCost, Point, RegisterMap, line_time, lower_bound, plan, plan_map, select_points

Make = Callable[..., Point]
Span = tuple[int, int]


def _partitions(items: list[Point]) -> Iterator[list[list[Point]]]:
    if not items:
        yield []
        return
    first, rest = items[0], items[1:]
    for groups in _partitions(rest):
        yield [[first], *groups]
        for index, group in enumerate(groups):
            yield [*groups[:index], [first, *group], *groups[index + 1 :]]


def _brute_force(points: list[Point], cost: LinkCost, unreadable: list[Span]) -> float:
    best = float("inf")
    for groups in _partitions(points):
        seconds = 0.0
        for group in groups:
            if len({point.function for point in group}) > 1:
                break
            first = min(point.address for point in group)
            last = max(point.address + point.count - 1 for point in group)
            function = group[0].function
            blocked = any(low <= last and first <= high for low, high in unreadable)
            if blocked or last - first + 1 > cost.largest(function):
                break
            seconds += cost.read_s(function, last - first + 1)
        else:
            best = min(best, seconds)
    return best


def _check(blocks: tuple[Block, ...], points: list[Point], cost: LinkCost, unreadable: list[Span]) -> None:
    assert sorted(point.name for block in blocks for point in block.points) == sorted(point.name for point in points)
    for block in blocks:
        assert block.count <= cost.largest(block.function)
        last = block.start + block.count - 1
        assert not any(low <= last and block.start <= high for low, high in unreadable)
        assert min(point.address for point in block.points) == block.start
        assert max(point.address + point.count - 1 for point in block.points) == last
        for point in block.points:
            assert point.function == block.function
            assert block.start <= point.address
            assert point.address + point.count - 1 <= last


@st.composite
def _small_maps(draw: st.DrawFn) -> tuple[list[tuple[int, str, int]], int, float, float, list[Span]]:
    kinds = st.sampled_from(["u16", "u32", "u64"])
    rows = draw(st.lists(st.tuples(st.integers(0, 30), kinds, st.sampled_from([3, 3, 3, 4])), min_size=1, max_size=7))
    starts = draw(st.lists(st.integers(0, 34), max_size=2))
    return rows, draw(st.integers(4, 20)), draw(st.floats(0.1, 20)), draw(st.floats(0, 3)), [(a, a + 1) for a in starts]


@given(_small_maps())
def test_no_grouping_of_the_points_is_cheaper(make_point: Make, small: Any) -> None:
    rows, largest, request, byte, unreadable = small
    points = [make_point(f"p{index}", kind, at, function=fn) for index, (at, kind, fn) in enumerate(rows)]
    points = [p for p in points if not any(lo <= p.address + p.count - 1 and p.address <= hi for lo, hi in unreadable)]
    cost = LinkCost("test", largest, request, byte)
    blocks = plan(points, cost, unreadable)
    _check(blocks, points, cost, unreadable)
    best = _brute_force(points, cost, unreadable) if points else 0.0
    assert line_time(blocks, cost) == pytest.approx(best)
    assert lower_bound(points, cost) <= best + 1e-9


def test_a_gap_is_read_through_when_that_costs_less_than_a_request(make_point: Make) -> None:
    points = [make_point("a", "u16", 0), make_point("b", "u16", 10)]
    dear = LinkCost("dear requests", 125, request_s=21.0, byte_s=1.0)  # the gap is 9 registers, 18 bytes
    cheap = LinkCost("cheap requests", 125, request_s=17.0, byte_s=1.0)
    assert [(block.start, block.count) for block in plan(points, dear)] == [(0, 11)]
    assert [(block.start, block.count) for block in plan(points, cheap)] == [(0, 1), (10, 1)]


def test_a_block_never_crosses_what_must_not_be_read(make_point: Make) -> None:
    points = [make_point("a", "u16", 0), make_point("b", "u16", 2)]
    cost = LinkCost.tcp()
    assert len(plan(points, cost)) == 1
    assert [(block.start, block.count) for block in plan(points, cost, [(1, 1)])] == [(0, 1), (2, 1)]


def test_bits_of_one_word_come_together_in_order(make_point: Make) -> None:
    points = [make_point(f"b{bit}", "bit", 5, bit=bit) for bit in (3, 0, 9)]
    (block,) = plan(points, LinkCost.tcp())
    assert (block.start, block.count) == (5, 1)
    assert [point.bit for point in block.points] == [0, 3, 9]


def test_coils_have_a_limit_of_their_own(make_point: Make) -> None:
    points = [make_point(f"c{at}", "bit", at, function=1) for at in (0, 1999, 2000)]
    blocks = plan(points, LinkCost("link", 10, 1.0, 0.0001))
    assert [(block.function, block.start, block.count) for block in blocks] in (
        [(1, 0, 2000), (1, 2000, 1)],
        [(1, 0, 1), (1, 1999, 2)],
    )


def test_points_no_read_can_hold(make_point: Make) -> None:
    with pytest.raises(ValueError, match="point 'p' takes 4 registers, the largest read is 3"):
        plan([make_point("p", "u64", 0)], LinkCost.tcp(3))
    with pytest.raises(ValueError, match="point 'p' lies in an unreadable span"):
        plan([make_point("p", "u16", 7)], LinkCost.tcp(), [(5, 9)])


def test_nothing_to_read_is_no_block() -> None:
    assert plan([], LinkCost.tcp()) == ()
    assert lower_bound([], LinkCost.tcp()) == 0.0


def test_each_poll_class_has_its_own_plan(hgm9560: RegisterMap) -> None:
    points = select_points(hgm9560)
    cost = LinkCost.parse("9600-8N2", rtu_registers=hgm9560.max_registers["rtu"])
    plans = plan_map(points, hgm9560.polls, cost)
    assert list(plans) == ["fast", "slow", "alarms"]
    assert [(block.start, block.count) for block in plans["alarms"]] == [(1, 30), (31, 9)]
    assert sum(len(block.points) for blocks in plans.values() for block in blocks) == len(points)


def test_the_whole_hgm9560_takes_half_a_second_at_9600(hgm9560: RegisterMap) -> None:
    cost = LinkCost.parse("9600-8N2", rtu_registers=hgm9560.max_registers["rtu"])
    points = select_points(hgm9560)
    seconds = line_time(plan(points, cost), cost)
    assert 0.5 < seconds < 0.6
    assert lower_bound(points, cost) < seconds
