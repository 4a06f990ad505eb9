"""One device with a few points, by short names, for expressions, conditions and blocks."""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Callable, Sequence

import pytest

from runtime.scan import Moment
from runtime.scan.logic import Frame, Input, parse
from runtime.scan.logic.nodes import Result
from tagdb import Kind, Quality, Tag, TagStore

STATES = {"Standby": 0.0, "Ожидание": 0.0, "Running": 9.0, "Работа": 9.0}
POINTS = ["a", "b", "c", "gen_status", "mkz.gpu1.p", "mkz.gpu2.p", "yakz.gpu1.p", "mkz.gpu1.q", "mkz.gpu2.q"]
WORDS = {"en": "", "ru": ""}


class Points:
    """Names of the tests: points by their names, and one text."""

    def __init__(self) -> None:
        self.inputs = {name: Input(name, slot) for slot, name in enumerate(POINTS)}
        self.inputs["gen_status"] = Input("gen_status", 3, texts=STATES)
        self.inputs["message"] = Input("message", 9, text_row=0)
        self.inputs["serial"] = Input("serial", 10, wide=True)

    def find(self, name: str) -> Input | None:
        return self.inputs.get(name)

    def matches(self, pattern: str) -> Sequence[tuple[str, ...]]:
        names = fnmatch.filter(self.inputs, pattern)
        parts = pattern.split(".")
        return [tuple(part for part, form in zip(name.split("."), parts, strict=True) if form == "*") for name in names]

    def refusal(self, name: str) -> str:
        return f"unknown name '{name}'"


class Bench:
    """A store whose tags a test sets, and the evaluation of expressions on it."""

    def __init__(self) -> None:
        self.names = Points()
        self.store = TagStore(capacity=16)
        self.store.install(
            Tag(one.name, one.slot, Kind.TEXT if one.text_row >= 0 else Kind.U64 if one.wide else Kind.FLOAT,
                "mkz", "mkz.gpu1", "g", WORDS, text_row=one.text_row)
            for one in self.names.inputs.values()
        )  # fmt: skip
        self.now = Moment(1_700_000_000.0, 1000.0)

    def set(self, **values: float | tuple[float, Quality]) -> None:
        for name, value in values.items():
            number, quality = value if isinstance(value, tuple) else (value, Quality.GOOD)
            self.store.set(name.replace("__", "."), number, quality, self.now.time)

    def frame(self) -> Frame:
        return Frame(self.store, self.now)

    def result(self, text: str, stars: Sequence[str] = ()) -> Result:
        return parse(text).bind(self.names, stars).evaluate(self.frame())

    def value(self, text: str, **values: float | tuple[float, Quality]) -> tuple[float | str | None, Quality]:
        self.set(**values)
        value, quality = self.result(text)
        return None if isinstance(value, float) and math.isnan(value) else value, Quality(quality)


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture(scope="session")
def new_bench() -> Callable[[], Bench]:
    return Bench
