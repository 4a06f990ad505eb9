"""The read plan as text: what `scada plan` prints."""

from __future__ import annotations

from collections.abc import Sequence

from registermaps.linkcost import LinkCost
from registermaps.model import Point, RegisterMap
from registermaps.plan import Block, line_time, lower_bound, plan, plan_map

__all__ = ["plan_report"]

_HEAD = f"{'poll class':<12}{'fn':>3}{'start':>7}{'end':>7}{'count':>7}{'points':>8}{'gap':>6}{'time ms':>10}"


def plan_report(register_map: RegisterMap, points: Sequence[Point], cost: LinkCost) -> str:
    """A table of the reads of each poll class, then of everything in one go, with the lowest possible times.

    Args:
        register_map: for its poll classes and unreadable spans.
        points: the active ones.
        cost: of the link.
    """
    title = f"{register_map.name} over {cost.name}: {len(points)} points, largest read {cost.max_registers} registers"
    lines = [title, f"one request {cost.request_s * 1000:.3f} ms, one register {2000 * cost.byte_s:.3f} ms", "", _HEAD]
    plans = plan_map(points, register_map.polls, cost, register_map.unreadable)
    for name, blocks in plans.items():
        poll = register_map.polls[name]
        lines += [_row(name, block, cost) for block in blocks]
        mine = [point for point in points if point.poll == name]
        gate = f" while {poll.gate}" if poll.gate else ""
        lines += [f"  every {poll.period_s:g} s{gate}: {_sum(blocks, mine, cost)}"]
        share = line_time(blocks, cost) / poll.period_s
        lines += [f"  {share:.1%} of the line", ""]
    together = plan(points, cost, register_map.unreadable)
    lines += [_HEAD]
    lines += [_row("all at once", block, cost) for block in together]
    lines += [f"  everything once: {_sum(together, points, cost)}", ""]
    least, bound = line_time(together, cost), lower_bound(points, cost)
    lines += [
        f"lowest possible at these addresses: {least * 1000:.3f} ms (every plan was considered: this is the cheapest)",
        f"if no address lay between them:     {bound * 1000:.3f} ms (ratio {least / bound:.3f})" if bound else "",
    ]
    return "\n".join(lines).rstrip() + "\n"


def _gap(block: Block) -> int:
    wanted = {address for point in block.points for address in range(point.address, point.address + point.count)}
    return block.count - len(wanted)


def _row(name: str, block: Block, cost: LinkCost) -> str:
    end = block.start + block.count - 1
    milliseconds = cost.read_s(block.function, block.count) * 1000
    return (
        f"{name:<12}{block.function:>3}{block.start:>7}{end:>7}{block.count:>7}"
        f"{len(block.points):>8}{_gap(block):>6}{milliseconds:>10.3f}"
    )


def _sum(blocks: Sequence[Block], points: Sequence[Point], cost: LinkCost) -> str:
    seconds, bound = line_time(blocks, cost), lower_bound(points, cost)
    registers, gaps = sum(block.count for block in blocks), sum(_gap(block) for block in blocks)
    reads = "1 read" if len(blocks) == 1 else f"{len(blocks)} reads"
    ratio = f", {seconds / bound:.3f} of the words alone" if bound else ""
    return f"{reads}, {registers} registers ({gaps} in gaps), {seconds * 1000:.3f} ms{ratio}"
