"""Expressions: value and quality by table, faults by table, and any text and any tree by hypothesis."""

from __future__ import annotations

import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.scan import Moment
from runtime.scan.logic import ExpressionError, Problem, parse
from tagdb import Quality

GOOD, FORCED, LAST, INITIAL = Quality.GOOD, Quality.FORCED, Quality.LAST_KNOWN, Quality.INITIAL
BAD, STALE, LOST = Quality.BAD, Quality.STALE, Quality.NOT_CONNECTED

NUMBERS = [
    ("1 + 2 * 3", 7),
    ("(1 + 2) * 3", 9),
    ("-a", -100),
    ("a / b", 10),
    ("a // 30", 3),
    ("a % 30", 10),
    ("a ** 2", 10000),
    ("a > 98 and gen_status == 9", True),
    ("a > 98 and gen_status == 'Running'", True),
    ("gen_status == 'Ожидание'", False),
    ("'Running' != gen_status", False),
    ("50 < a <= 100", True),
    ("50 < a < 100", False),
    ("not a", False),
    ("a if b > 5 else c", 100),
    ("a if b > 50 else c", 0.5),
    ("abs(b - a) / a * 100", 90),
    ("min(a, b, c)", 0.5),
    ("max(a, b)", 100),
    ("avg(a, b)", 55),
    ("sum(a, b, 1)", 111),
    ("count(a > 50, b > 50, True)", 2),
    ("round(c * 3.333, 1)", 1.7),
    ("round(10.6)", 11),
    ("sqrt(a)", 10),
    ("floor(2.7) + ceil(2.1)", 5),
    ("clamp(a, 0, 20)", 20),
    ("bit(5, 0) and not bit(5, 1)", True),
    ("mkz.gpu1.p + mkz.gpu2.p", 130),
    ("sum(mkz.*.p)", 130),
    ("sum(*.gpu1.p)", 140),
    ("max(mkz.*.p * mkz.*.q)", 210),
    ("count(is_good(mkz.*.p))", 2),
    ("2*a", 200),
    ("a*mkz.gpu1.p", 6000),
    ("default(a / 0, 7)", 7),
    ("default(a, 7)", 100),
    ("is_good(a / 0)", False),
    ("is_bad(a / 0)", True),
    ("age(a)", 0),
    ("changed(a)", True),
    (" a\n  + b", 110),
]


@pytest.mark.parametrize(("text", "expected"), NUMBERS)
def test_value(text: str, expected: float, bench: Any) -> None:
    bench.set(a=100, b=10, c=0.5, gen_status=9, mkz__gpu1__p=60, mkz__gpu2__p=70, yakz__gpu1__p=80)
    bench.set(mkz__gpu1__q=2, mkz__gpu2__q=3)
    value, quality = bench.value(text)
    assert value == pytest.approx(expected)
    assert quality == GOOD


QUALITIES: list[tuple[str, dict[str, Any], Any, Quality]] = [
    ("a + b", {"a": (1, LAST), "b": 2}, 3, LAST),
    ("a + b", {"a": (1, LOST), "b": (2, STALE)}, 3, LOST),
    ("a > b", {"a": (1, FORCED), "b": 0}, True, FORCED),
    ("a / b", {"a": 1, "b": 0}, None, BAD),
    ("a / b > 1", {"a": 1, "b": 0}, None, BAD),
    ("not a / b", {"a": 1, "b": 0}, None, BAD),
    ("a % b", {"a": 1, "b": 0}, None, BAD),
    ("sqrt(a)", {"a": -1}, None, BAD),
    ("a ** b", {"a": 1e300, "b": 2}, None, BAD),
    ("a ** b", {"a": -8, "b": 0.5}, None, BAD),
    ("a ** 0", {"a": math.nan}, None, BAD),
    ("a * b", {"a": 1e300, "b": 1e300}, None, BAD),
    ("a + 1", {"a": math.nan}, None, BAD),
    ("a + 1", {"a": math.inf}, None, BAD),
    ("a + 1", {"a": (math.nan, Quality.NO_DATA)}, None, Quality.NO_DATA),
    ("a + 1", {}, None, INITIAL),
    ("a > 1", {}, None, INITIAL),
    ("a > b", {"a": (3, STALE)}, None, STALE),
    ("max(a, b)", {"a": math.nan, "b": 1}, None, BAD),
    # a false operand decides an `and`, whatever the others are worth, and wherever it stands
    ("a > 98 and gen_status == 9", {"a": (120, LOST), "gen_status": 0}, False, GOOD),
    ("gen_status == 9 and a > 98", {"a": (120, LOST), "gen_status": 0}, False, GOOD),
    ("a > 98 and gen_status == 9", {"a": (120, LOST), "gen_status": 9}, True, LOST),
    ("a > 98 and gen_status == 9", {"a": (20, LOST), "gen_status": 9}, False, LOST),
    ("a and b", {"a": (0, LOST), "b": (0, STALE)}, False, STALE),
    ("a and b", {"a": math.nan, "b": 1}, None, BAD),
    ("a or b", {"a": (1, LOST), "b": 1}, True, GOOD),
    ("a or b", {"a": (0, LOST), "b": 0}, False, LOST),
    ("0 < a < b", {"a": -1, "b": (5, LOST)}, False, GOOD),
    # the branch that is not taken does not count
    ("a if is_good(a) else b", {"a": (1, LOST), "b": 2}, 2, GOOD),
    ("a if b else c", {"a": (1, STALE), "b": 1, "c": 2}, 1, STALE),
    ("a if b else c", {"a": 1, "b": (1, LOST), "c": 2}, 1, LOST),
    ("a if b else c", {"a": 1, "b": math.nan, "c": 2}, None, BAD),
    ("b != 0 and a / b > 1", {"a": 1, "b": 0}, False, GOOD),
    ("default(a, 0) + b", {"a": (5, LOST), "b": 2}, 2, GOOD),
    ("default(a, 0) + b", {"a": (5, LAST), "b": 2}, 7, GOOD),
    ("default(a, b)", {"a": (5, LOST), "b": (2, STALE)}, 2, STALE),
    ("is_good(a)", {"a": (5, LAST)}, False, GOOD),
    ("is_bad(a)", {"a": (5, LAST)}, False, GOOD),
    ("is_bad(a)", {}, True, GOOD),
    ("age(a) > 5", {}, None, INITIAL),
    ("changed(a)", {}, False, GOOD),
    ("sum(default(mkz.*.p, 0))", {"mkz__gpu1__p": (5, LOST), "mkz__gpu2__p": 2}, 2, GOOD),
]


@pytest.mark.parametrize(("text", "given", "value", "quality"), QUALITIES)
def test_quality(text: str, given: dict[str, Any], value: Any, quality: Quality, bench: Any) -> None:
    assert bench.value(text, **given) == (value, quality)


def test_times_are_those_of_the_scan(bench: Any) -> None:
    bench.set(a=1)
    bench.now = Moment(bench.now.time + 7.5, bench.now.monotonic + 7.5)
    assert bench.value("age(a)") == (7.5, GOOD)
    assert bench.value("changed(a)") == (False, GOOD)


def test_texts_and_wide_numbers(bench: Any) -> None:
    bench.store.text[0] = b"stop"
    bench.set(message=0, serial=struct.unpack("<d", struct.pack("<Q", 2**40))[0])
    assert bench.value("message == 'stop'") == (True, GOOD)
    assert bench.value("message != 'stop'") == (False, GOOD)
    assert bench.value("serial / 1024") == (2.0**30, GOOD)
    assert parse("message").bind(bench.names).is_text


def test_stars_make_an_expression_for_each_match(bench: Any) -> None:
    bench.set(mkz__gpu1__p=60, mkz__gpu1__q=2, mkz__gpu2__p=70, mkz__gpu2__q=3)
    parsed = parse("mkz.*.p > 65 and mkz.*.q > 2 and sum(mkz.*.p) > 100")
    assert parsed.patterns == ("mkz.*.p", "mkz.*.q")
    every = bench.names.matches("mkz.*.p")
    found = {stars: parsed.bind(bench.names, stars).evaluate(bench.frame())[0] for stars in every}
    assert found == {("gpu1",): False, ("gpu2",): True}


KNOWN = "abs, age, avg, bit, ceil, changed, clamp, count, default, floor, is_bad, is_good, max, min, round, sqrt, sum"
BESIDE = "found a text beside a number; only enumerations and text tags have texts"
FAULTS = [
    ("", "column 1: the expression is empty"),
    ("   ", "column 1: the expression is empty"),
    ("a +", "column 4: not an expression: it ends too early"),
    ("a > 98 an b", "column 8: not an expression: invalid syntax"),
    ("a + x", "column 5: unknown name 'x'"),
    ("x + y", "column 1: unknown name 'x'; column 5: unknown name 'y'"),
    ("a.__class__", "column 1: unknown name 'a.__class__'"),
    ("(a + b).c", "column 1: a dot can only stand in a tag name"),
    ("a[0]", "column 1: an index [...] is not allowed in an expression"),
    ("1 + (lambda: 1)", "column 6: a lambda is not allowed in an expression"),
    ("[a for a in b]", "column 1: a comprehension is not allowed in an expression"),
    ("a := 1", "column 3: not an expression: invalid syntax"),
    ("(a := 1)", "column 2: an assignment is not allowed in an expression"),
    ("gen_status in (1, 2)", "column 1: comparison 'in' is not known here; write == and or"),
    ("a & b", "column 1: operator & is not known here"),
    ("~a", "column 1: operator ~ is not known here"),
    ("eval(a)", f"column 1: unknown function 'eval'; known are {KNOWN}"),
    ("abs(a, b)", "column 1: abs: found 2 arguments, expected 1: abs(x)"),
    ("round(a, digits=2)", "column 1: round: arguments have no names"),
    ("a.b(1)", f"column 1: unknown function 'a.b'; known are {KNOWN}"),
    ("f'{a}'", "column 1: an f-string is not allowed in an expression"),
    ("a + None", "column 5: expected a number or a text, found None"),
    ("a + 1j", "column 5: expected a number or a text, found 1j"),
    ("1e999", "column 1: the number is too large"),
    ("а + 1", "column 1: character 'а' outside a text in quotes"),
    ("a + 'x'", "column 5: found a text, expected a number"),
    ("a == 'x'", "column 6: found a text beside a number; only enumerations and text tags have texts"),
    ("gen_status == 'Runing'", "column 15: 'gen_status' has no text 'Runing' (did you mean 'Running'?)"),
    ("gen_status == 'x'",
     "column 15: 'gen_status' has no text 'x'; known are 'Standby', 'Ожидание', 'Running', 'Работа'"),
    ("message > 'x'", "column 1: texts can only be compared by == and !="),
    ("a if b else 'x'", "column 1: both branches must be numbers, or both texts"),
    ("age(a + b)", "column 5: age: expected the name of a tag"),
    ("sum(none.*.p)", "column 5: unknown name 'none.*.p'"),
    ("mkz.*.p", "column 1: 'mkz.*.p' has more stars than the others here"),
    ("'Работа' == gen_status + x", f"column 1: {BESIDE}; column 26: unknown name 'x'"),
    ("1" * 3000, "column 1: longer than 2000 characters"),
    ("1+" * 200 + "1", "column 203: the expression is too large: deeper than 100 levels"),
    ("max(" + "1," * 450 + "1)", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), FAULTS, ids=lambda value: str(value)[:30])
def test_fault(text: str, message: str | None, bench: Any) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text).bind(bench.names)
    if message is not None:
        assert str(caught.value) == message


_SIGNS = "ab._*+-/%()<>=!&|'\"0123456789, \n\tjifelsandor[]{}:@~ж\0\\#"


@given(st.text(alphabet=_SIGNS, max_size=60) | st.text(max_size=40))
def test_any_text_compiles_or_is_refused(new_bench: Any, text: str) -> None:
    bench = new_bench()
    bench.set(a=1, b=2)
    problems: tuple[Problem, ...] = ()
    try:
        _value, quality = parse(text).bind(bench.names).evaluate(bench.frame())
        assert Quality(quality)
    except ExpressionError as error:
        problems = error.problems
    assert all(1 <= one.column <= len(text) + 2 for one in problems)


_NUMBERS = st.floats(-1000, 1000, allow_subnormal=False).map(lambda x: repr(round(x, 3)))
_LEAVES = st.sampled_from(["a", "b", "c"]) | _NUMBERS
_OPERATORS = st.sampled_from(["+", "-", "*", "/", "//", "%", ">", ">=", "<", "<=", "==", "!="])
_EITHER = st.sampled_from(["and", "or"])
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, _OPERATORS, inner).map(lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"),
        # yes or no here, one of the operands in Python
        st.tuples(inner, _EITHER, inner).map(lambda parts: f"(not not ({parts[0]} {parts[1]} {parts[2]}))"),
        inner.map(lambda part: f"(-{part})"),
        inner.map(lambda part: f"(not {part})"),
        inner.map(lambda part: f"abs({part})"),
        st.tuples(inner, inner).map(lambda parts: f"max({parts[0]}, {parts[1]})"),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]} if {parts[1]} else {parts[2]})"),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]} < {parts[1]} <= {parts[2]})"),
    ),
    max_leaves=12,
)


@given(_TREES, st.tuples(*[st.floats(-1e6, 1e6, allow_subnormal=False)] * 3))
def test_good_inputs_give_what_python_gives(new_bench: Any, text: str, values: tuple[float, ...]) -> None:
    bench = new_bench()
    names = dict(zip("abc", values, strict=True))
    bench.set(**names)
    scope = {"abs": abs, "max": max, "__builtins__": {}}
    try:
        expected = eval(text, scope, names)
    except ArithmeticError:
        return  # no value may be told then, unless an operand decides without it
    value, quality = bench.value(text)
    if quality == GOOD and value is not None:
        assert value == pytest.approx(expected)
    else:
        assert not math.isfinite(expected)


@given(st.tuples(*[st.sampled_from(list(Quality))] * 3))
def test_arithmetic_carries_the_worst_quality(new_bench: Any, qualities: tuple[Quality, ...]) -> None:
    bench = new_bench()
    bench.set(a=(1, qualities[0]), b=(2, qualities[1]), c=(3, qualities[2]))
    for text in ("a + b * c", "max(a, b, c)", "a < b + c", "-(a + b) - c"):
        assert bench.value(text)[1] == max(qualities)
