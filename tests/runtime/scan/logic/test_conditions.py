"""Conditions scan by scan, a second each: what goes in, what counts as active, what can be trusted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runtime.scan import Moment
from runtime.scan.logic import parse
from runtime.scan.logic.conditions import Condition, Deviation, Limit, Monitor, Rate, Stale, Truth, Untrusted
from tagdb import Quality

LOST = Quality.NOT_CONNECTED


def run(bench: Any, monitor: Monitor, values: list[Any], **more: list[float]) -> str:
    """ "#" active, "_" not, "?" nothing can be told yet; capital letters "A", "N" where inputs are not trusted."""
    found = ""
    for second, value in enumerate(values):
        bench.now = Moment(bench.now.time + 1, bench.now.monotonic + 1)
        if value is not None:
            bench.set(a=value)
        bench.set(**{name: row[second] for name, row in more.items()})
        state = monitor.step(bench.frame())
        if state.active is None:
            found += "?"
        elif state.trusted:
            found += "#" if state.active else "_"
        else:
            found += "A" if state.active else "N"
    return found


def expression(bench: Any, text: str) -> Any:
    return parse(text).bind(bench.names)


@pytest.fixture
def make(bench: Any) -> Any:
    kinds = {
        "truth": lambda e: Truth(e("a > 5 and a < 9")),
        "high": lambda e: Limit(e("a"), e("98"), above=True),
        "high, deadband": lambda e: Limit(e("a"), e("98"), above=True, deadband=2),
        "low, deadband": lambda e: Limit(e("a"), e("10"), above=False, deadband=2),
        "limit from a tag": lambda e: Limit(e("a"), e("b"), above=True),
        "deviation": lambda e: Deviation(e("a"), e("b"), e("5"), deadband=2),
        "rate": lambda e: Rate(e("a"), 2.0, 3.0),
        "falling": lambda e: Rate(e("a"), -2.0, 2.0),
        "bad": lambda e: Untrusted(e("a + 0")),
        "stale": lambda e: Stale(e("a"), 2.5),
    }

    def condition(kind: str) -> Condition:
        return kinds[kind](lambda text: expression(bench, text))

    return condition


CASES = [
    ("truth", [1, 6, 8, 9], "_##_"),
    ("high", [97, 98, 99, 98, 97], "__#__"),
    ("high, deadband", [97, 99, 98, 97, 96, 95, 98], "_###___"),
    ("low, deadband", [11, 9, 10, 11, 12, 13, 10], "_###___"),
    ("limit from a tag", [40, 60, 50], "_#_"),
    ("deviation", [50, 55, 56, 54, 53, 44, 47], "__##_#_"),
    ("rate", [0, 0, 0, 3, 6, 9, 9, 9], "_____#__"),
    ("falling", [9, 9, 5, 4, 3, 3], "___#__"),
    ("bad", [None, (1, LOST), (1, LOST), 1], "?##_"),
    ("stale", [1, None, None, None, 1], "___#_"),
    ("high", [None, 99, (99, LOST), (97, LOST), 97], "?#AA_"),
    ("high", [97, (99, LOST), 99], "_N#"),
    ("high", [(99, LOST), 99], "?#"),
    ("high", [99, (99, Quality.LAST_KNOWN), 97], "##_"),
]


@pytest.mark.parametrize(("kind", "values", "expected"), CASES)
def test_condition(kind: str, values: list[Any], expected: str, bench: Any, make: Any) -> None:
    bench.set(b=50)
    assert run(bench, Monitor(make(kind)), values) == expected


DELAYS = [
    (3, 0, "__##_####__", "________#__"),
    (0, 3, "__#__#______", "__#######___"),
    (2, 2, "_####_##____", "___#######__"),
]


@pytest.mark.parametrize(("on", "off", "given", "expected"), DELAYS)
def test_delays(on: float, off: float, given: str, expected: str, bench: Any, make: Any) -> None:
    values = [99 if letter == "#" else 97 for letter in given]
    assert run(bench, Monitor(make("high"), on_delay_s=on, off_delay_s=off), values) == expected


def test_a_delay_starts_over_after_what_nobody_could_see(bench: Any, make: Any) -> None:
    monitor = Monitor(make("high"), on_delay_s=2)
    assert run(bench, monitor, [97, 99, 99, (99, LOST), 99, 99, 99]) == "___N__#"


def test_only_while_enabled(bench: Any, make: Any) -> None:
    monitor = Monitor(make("high"), enable=expression(bench, "gen_status == 'Running'"), on_delay_s=1, off_delay_s=5)
    found = run(bench, monitor, [99] * 6, gen_status=[0, 9, 9, 9, 0, 9])
    assert found == "__##__"


def test_bad_inputs_do_not_matter_while_not_enabled(bench: Any, make: Any) -> None:
    monitor = Monitor(make("high"), enable=expression(bench, "gen_status == 9"))
    assert run(bench, monitor, [(120, LOST)] * 3, gen_status=[0, 0, 9]) == "__N"


@pytest.mark.parametrize("cut", range(1, 8))
def test_state_survives_a_restart(cut: int, bench: Any, make: Any) -> None:
    values: list[Any] = [97, 99, 99, 99, 97, 97, 99, 97, 97, 97]
    whole = run(bench, Monitor(make("high"), on_delay_s=2, off_delay_s=2), values)
    monitor = Monitor(make("high"), on_delay_s=2, off_delay_s=2)
    first = run(bench, monitor, values[:cut])
    state = json.loads(json.dumps(monitor.dump(bench.now.monotonic)))
    bench.now = Moment(bench.now.time + 500, bench.now.monotonic + 500)
    again = Monitor(make("high"), on_delay_s=2, off_delay_s=2)
    again.restore(state, bench.now.monotonic)
    assert first + run(bench, again, values[cut:]) == whole


def test_the_rate_keeps_few_samples(bench: Any, make: Any) -> None:
    rate = make("rate")
    run(bench, Monitor(rate), list(range(200)))
    assert len(rate._samples) <= 40
