"""The blocks against the timing diagrams of IEC 61131-3, figure 15, and its tables: a column a second."""

from __future__ import annotations

import json

import pytest

from runtime.scan.logic.blocks import CTU, F_TRIG, R_TRIG, RS, SR, TOF, TON, TP, Block


def signal(text: str) -> list[bool]:
    return [letter == "#" for letter in text]


def picture(values: list[bool]) -> str:
    return "".join("#" if value else "_" for value in values)


# PT = 3; elapsed time below, as the figure has it
TIMERS = [
    (TON, "__#####__##____", "_____##________", "000123300010000"),
    (TON, "##_##_##_######", "____________###", "010010010012333"),
    (TOF, "__##_____#_##__", "__#####__######", "000001233000001"),
    (TOF, "_______________", "_______________", "000000000000000"),
    (TP, "__#####____#___", "__###______###_", "000123300000120"),
    (TP, "_#_#_#_#_______", "_###_###_______", "001200120000000"),
]


@pytest.mark.parametrize(("block", "given", "expected", "elapsed"), TIMERS)
def test_timing_diagram(block: type[TON] | type[TOF] | type[TP], given: str, expected: str, elapsed: str) -> None:
    timer = block(3.0)
    found = [(timer.run(value, 1000.0 + second), timer.et) for second, value in enumerate(signal(given))]
    assert picture([q for q, _et in found]) == expected
    assert "".join(f"{et:.0f}" for _q, et in found) == elapsed


@pytest.mark.parametrize("cut", range(1, 14))
@pytest.mark.parametrize(("block", "given", "expected", "_elapsed"), TIMERS)
def test_a_timer_goes_on_after_a_restart(
    block: type[TON] | type[TOF] | type[TP], given: str, expected: str, _elapsed: str, cut: int
) -> None:
    timer, found = block(3.0), []
    for second, value in enumerate(signal(given)):
        if second == cut:
            state = json.loads(json.dumps(timer.dump(second - 1.0)))
            timer = block(3.0)
            timer.restore(state, second - 1.0 + 500)
        found.append(timer.run(value, second + (500.0 if second >= cut else 0.0)))
    assert picture(found) == expected


def test_no_time_is_lost_to_binary_fractions() -> None:
    timer = TON(0.3)
    assert [timer.run(True, 1000.0 + scan * 0.1) for scan in range(4)] == [False, False, False, True]
    assert TON(0.0).run(True, 5.0)


EDGES = [
    (R_TRIG, "__##_#__", "__#__#__"),
    (R_TRIG, "##__#", "#___#"),
    (F_TRIG, "##__#_", "__#__#"),
    (F_TRIG, "__#_", "#__#"),
]


@pytest.mark.parametrize(("block", "given", "expected"), EDGES)
def test_edges(block: type[R_TRIG] | type[F_TRIG], given: str, expected: str) -> None:
    edge = block()
    assert picture([edge.run(value) for value in signal(given)]) == expected


@pytest.mark.parametrize(
    ("block", "set_", "reset", "expected"),
    [
        (SR, "_#__#_#_", "___#__#_", "_##_####"),
        (RS, "_#__#_#_", "___#__#_", "_##_##__"),
    ],
)
def test_latches(block: type[SR] | type[RS], set_: str, reset: str, expected: str) -> None:
    latch = block()
    found = [latch.run(s, r) for s, r in zip(signal(set_), signal(reset), strict=True)]
    assert picture(found) == expected


def test_counter() -> None:
    counter = CTU(2)
    found = [counter.run(cu, r) for cu, r in zip(signal("_#_##_#_"), signal("______#_"), strict=True)]
    assert picture(found) == "___###__"
    assert counter.cv == 0


@pytest.mark.parametrize("block", [R_TRIG(), F_TRIG(), SR(), RS(), CTU(3)], ids=lambda block: type(block).__name__)
def test_state_survives_a_dump(block: Block) -> None:
    run = getattr(block, "run")  # noqa: B009 - each block has its own arguments
    run(*[True] * (1 if isinstance(block, R_TRIG | F_TRIG | CTU) else 2))
    other = CTU(3) if isinstance(block, CTU) else type(block)()
    other.restore(json.loads(json.dumps(block.dump(0.0))), 0.0)
    assert other == block
