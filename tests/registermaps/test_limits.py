"""Kinds of cells, and the exact limits in counts that decoding compares with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registermaps import Point, kind_of
from registermaps.limits import factors, raw_limits, sure_span, value_of_raw

Make = Callable[..., Point]


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        ("u16", {}, "int"),
        ("u16", {"scale": 0.1}, "float"),
        ("s32", {"scale": 10.0, "offset": -40.0}, "int"),
        ("u16", {"offset": 0.5}, "float"),
        ("f32", {}, "float"),
        ("u64", {}, "u64"),
        ("u64", {"scale": 0.1}, "float"),
        ("u64", {"offset": 1.0}, "float"),
        ("bit", {}, "bool"),
        ("bits", {"width": 3}, "int"),
        ("bits", {"width": 3, "enum": "state"}, "enum"),
        ("enum", {"enum": "state"}, "enum"),
        ("bcd", {}, "int"),
        ("ascii", {}, "text"),
    ],
)
def test_kinds(make_point: Make, kind: str, more: dict[str, Any], expected: str) -> None:
    assert kind_of(make_point("p", kind, **more)) == expected


@pytest.mark.parametrize(
    ("scale", "expected"),
    [(0.1, (1, 10)), (0.0001, (1, 10000)), (2.5, (5, 2)), (1.0, (1, 1)), (-0.1, (-1, 10)), (1e-20, (1e-20, 1))],
)
def test_scales_are_fractions(scale: float, expected: tuple[float, float]) -> None:
    assert factors(scale) == expected


@given(
    st.sampled_from([1.0, 0.1, 0.01, 0.0001, 2.5, -0.1, 0.3]),
    st.sampled_from([0.0, -40.0, 0.5]),
    st.floats(-4000, 4000),
    st.floats(0.001, 4000),
)
def test_limits_in_counts_say_what_limits_in_units_say(
    make_point: Make, scale: float, offset: float, low: float, width: float
) -> None:
    point = make_point("p", "s16", scale=scale, offset=offset, low=low, high=low + width)
    first, last = raw_limits(point)
    for raw in {first - 1, first, last, last + 1, 0, -32768, 32767}:
        if -32768 <= raw <= 32767:
            inside = low <= value_of_raw(point, raw) <= low + width
            assert (first <= raw <= last) == inside, (raw, first, last)


def test_the_sure_span_has_no_marker_and_lies_around_zero(make_point: Make) -> None:
    assert sure_span(make_point("p", "u16", no_data=frozenset({32766, 32767, 65535})), ()) == (0, 32765)
    assert sure_span(make_point("p", "s16", no_data=frozenset({32766, 32767, -32768})), ()) == (-32767, 32765)
    assert sure_span(make_point("p", "u16", no_data=frozenset({0})), ()) == (1, 65535)
    assert sure_span(make_point("p", "enum", enum="e"), (0, 1, 2, 7, 8)) == (0, 2)
    assert sure_span(make_point("p", "enum", enum="e"), ()) == (0, -1)
    assert sure_span(make_point("p", "bcd", no_data=frozenset({0x9999, 0xFFFF})), ()) == (0, 9998)
