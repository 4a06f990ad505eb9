"""The closures that an expression becomes: each takes the scan's frame and gives a value with its quality.

A value is NaN where there is none. The rules of quality, all in this file:
- arithmetic, comparisons and functions: the worst of the operands (the largest number, see ``tagdb.Quality``);
- ``and``: a false operand decides, so the best of the false ones; true only with the worst of all. ``or`` mirrored;
- ``a if c else b``: the worst of the condition and the branch taken;
- what has no value or cannot be computed (division by zero, overflow, NaN) is bad, except that what was never read
  stays "not read yet".
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from itertools import pairwise

from runtime.scan.logic.frame import Frame
from tagdb import Quality

__all__ = [
    "Node", "Result", "age", "both", "call", "changed", "choose", "compare", "constant", "default", "either",
    "is_bad", "is_good", "negate", "number", "operate", "text", "wide",
]  # fmt: skip

Result = tuple[float | str, int]
Node = Callable[[Frame], Result]

NAN = math.nan
_GOOD, _INITIAL, _BAD = int(Quality.GOOD), int(Quality.INITIAL), int(Quality.BAD)
_UNCERTAIN = 256
_LARGEST = 1e308


def _unknown(quality: int) -> Result:
    return NAN, quality if quality == _INITIAL or quality >= _BAD else _BAD


class Constant:
    """A number or a text, always good."""

    __slots__ = ("result",)

    def __init__(self, value: float | str) -> None:
        self.result: Result = (value, _GOOD)

    def __call__(self, frame: Frame) -> Result:
        """The constant."""
        return self.result


def constant(value: float | str) -> Node:
    """A number or a text."""
    return Constant(value)


def number(slot: int) -> Node:
    """The number of a tag."""

    def read(frame: Frame) -> Result:
        value = frame.cell(slot)
        quality = frame.quality(slot)
        if -_LARGEST <= value <= _LARGEST and quality != _INITIAL:
            return value, quality
        return _unknown(quality)

    return read


def wide(slot: int) -> Node:
    """A 64-bit whole number, as the nearest float."""

    def read(frame: Frame) -> Result:
        quality = frame.quality(slot)
        if quality == _INITIAL:
            return _unknown(quality)
        return float(struct.unpack("<Q", struct.pack("<d", frame.cell(slot)))[0]), quality

    return read


def text(slot: int, row: int) -> Node:
    """The text of a tag."""

    def read(frame: Frame) -> Result:
        quality = frame.quality(slot)
        if quality == _INITIAL:
            return _unknown(quality)
        return bytes(frame.store.text[row]).decode("utf-8", "replace"), quality

    return read


def operate(function: Callable[[float, float], float], left: Node, right: Node) -> Node:
    """Two numbers to one."""

    def run(frame: Frame) -> Result:
        a, quality = left(frame)
        b, other = right(frame)
        if other > quality:
            quality = other
        try:
            value = function(a, b)  # type: ignore[arg-type]
        except (ArithmeticError, ValueError):
            return _unknown(quality)
        if -_LARGEST <= value <= _LARGEST:
            return value, quality
        return _unknown(quality)

    return run


def call(function: Callable[..., float], arguments: Sequence[Node]) -> Node:
    """Any numbers to one."""

    def run(frame: Frame) -> Result:
        values = []
        quality = 0
        known = True
        for argument in arguments:
            value, one = argument(frame)
            known = known and value == value
            values.append(value)
            if one > quality:
                quality = one
        if not known:
            return _unknown(quality)
        try:
            result = function(*values)
        except (ArithmeticError, ValueError):
            return _unknown(quality)
        return (result, quality) if -_LARGEST <= result <= _LARGEST else _unknown(quality)

    return run


def compare(links: Sequence[Callable[[float | str, float | str], bool]], parts: Sequence[Node]) -> Node:
    """``a < b``, or a chain ``a < b <= c``, as in Python."""
    if len(parts) > 2:
        return both([compare([link], pair) for link, pair in zip(links, pairwise(parts), strict=True)])
    holds, (left, right) = links[0], parts
    fixed = right.result if isinstance(right, Constant) else None
    if fixed is not None:
        return _compare_fixed(holds, left, fixed[0])

    def run(frame: Frame) -> Result:
        a, quality = left(frame)
        b, other = right(frame)
        if other > quality:
            quality = other
        if a == a and b == b:
            return holds(a, b), quality
        return _unknown(quality)

    return run


def _compare_fixed(holds: Callable[[float | str, float | str], bool], left: Node, fixed: float | str) -> Node:
    def run(frame: Frame) -> Result:
        value, quality = left(frame)
        return (holds(value, fixed), quality) if value == value else _unknown(quality)

    return run


def both(parts: Sequence[Node]) -> Node:
    """``and``. Looks no further than the first false operand of good quality."""
    return _decide(parts, False)


def either(parts: Sequence[Node]) -> Node:
    """``or``. Looks no further than the first true operand of good quality."""
    return _decide(parts, True)


def _decide(parts: Sequence[Node], decisive: bool) -> Node:
    def run(frame: Frame) -> Result:
        worst = 0
        best = 0
        known = True
        for part in parts:
            value, quality = part(frame)
            if value != value:
                known = False
            elif bool(value) is decisive:
                if quality < _UNCERTAIN:
                    return decisive, quality
                best = min(best, quality) if best else quality
            if quality > worst:
                worst = quality
        if best:
            return decisive, best
        return (not decisive, worst) if known else _unknown(worst)

    return run


def negate(part: Node) -> Node:
    """``not``."""

    def run(frame: Frame) -> Result:
        value, quality = part(frame)
        return (not value, quality) if value == value else _unknown(quality)

    return run


def choose(condition: Node, then: Node, otherwise: Node) -> Node:
    """``then if condition else otherwise``."""

    def run(frame: Frame) -> Result:
        decided, quality = condition(frame)
        if decided != decided:
            return _unknown(quality)
        value, other = then(frame) if decided else otherwise(frame)
        return value, other if other > quality else quality

    return run


def default(part: Node, otherwise: Node) -> Node:
    """The value while it can be used, without its doubts; otherwise another one."""

    def run(frame: Frame) -> Result:
        value, quality = part(frame)
        if quality < _BAD and value == value:
            return value, _GOOD
        return otherwise(frame)

    return run


def is_good(part: Node) -> Node:
    """Whether the quality is good."""
    return lambda frame: (part(frame)[1] < _UNCERTAIN, _GOOD)


def is_bad(part: Node) -> Node:
    """Whether the quality is bad, or there is no value."""

    def run(frame: Frame) -> Result:
        value, quality = part(frame)
        return quality >= _BAD or value != value, _GOOD

    return run


def age(slot: int) -> Node:
    """Seconds since the device said the value; "not read yet" before it said any."""

    def run(frame: Frame) -> Result:
        at = frame.source_time(slot)
        return (frame.now.time - at, _GOOD) if at == at else (NAN, _INITIAL)

    return run


def changed(slot: int) -> Node:
    """Whether value or quality changed in this scan."""
    return lambda frame: (frame.change_time(slot) == frame.now.time, _GOOD)
