"""The functions that expressions may call, a row each: what they take, what they give, what they mean.

Numbers in, a number out; ``nodes`` looks after quality and after what cannot be computed. Those marked ``asks`` look at
the quality or the times of their argument instead of handing its quality on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

__all__ = ["FUNCTIONS", "Function"]


@dataclass(frozen=True, slots=True)
class Function:
    """One row."""

    #: "clamp(x, low, high)"
    usage: str
    help: str
    least: int
    #: None = any number
    most: int | None
    #: numbers to number; None for those that ``nodes`` builds itself
    compute: Callable[..., float] | None = None
    #: its arguments' stars are all matches at once
    gathers: bool = False


def _average(*values: float) -> float:
    return math.fsum(values) / len(values)


def _sum(*values: float) -> float:
    return math.fsum(values)


def _clamp(value: float, low: float, high: float) -> float:
    return max(low, min(high, value))


def _round(value: float, digits: float = 0.0) -> float:
    return round(value, max(-12, min(12, int(digits))))


def _bit(value: float, number: float) -> float:
    return bool((int(value) >> int(number)) & 1)


def _count(*values: float) -> float:
    return float(sum(1 for value in values if value))


FUNCTIONS: Mapping[str, Function] = {
    "abs": Function("abs(x)", "x without its sign", 1, 1, abs),
    "min": Function("min(a, b, ...)", "the smallest", 1, None, lambda *values: min(values), gathers=True),
    "max": Function("max(a, b, ...)", "the largest", 1, None, lambda *values: max(values), gathers=True),
    "sum": Function("sum(a, b, ...)", "all added up", 1, None, _sum, gathers=True),
    "avg": Function("avg(a, b, ...)", "the mean", 1, None, _average, gathers=True),
    "count": Function("count(a, b, ...)", "how many are true", 1, None, _count, gathers=True),
    "round": Function("round(x, digits)", "to so many digits after the point, half to even", 1, 2, _round),
    "floor": Function("floor(x)", "the whole number below", 1, 1, math.floor),
    "ceil": Function("ceil(x)", "the whole number above", 1, 1, math.ceil),
    "sqrt": Function("sqrt(x)", "the square root", 1, 1, math.sqrt),
    "clamp": Function("clamp(x, low, high)", "x, kept between the two", 3, 3, _clamp),
    "bit": Function("bit(x, n)", "whether bit n of a whole number is set, 0 the least", 2, 2, _bit),
    "default": Function("default(x, y)", "x while it is good or uncertain, otherwise y", 2, 2),
    "is_good": Function("is_good(x)", "whether the quality of x is good", 1, 1),
    "is_bad": Function("is_bad(x)", "whether the quality of x is bad, or there is no value", 1, 1),
    "age": Function("age(tag)", "seconds since the device said it", 1, 1),
    "changed": Function("changed(tag)", "whether value or quality changed in this scan", 1, 1),
}
