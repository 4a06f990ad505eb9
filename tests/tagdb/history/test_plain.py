"""Values as both databases can hold them."""

from __future__ import annotations

import json
from enum import IntEnum
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagdb.history.plain import dump, microseconds, plain, plain_text, seconds


class Priority(IntEnum):
    HIGH = 2


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("nan"), None),
        (float("-inf"), None),
        (np.float64(1.5), 1.5),
        (np.int16(-3), -3),
        (np.bool_(True), True),
        (np.array([1, 2]), [1, 2]),
        (Priority.HIGH, 2),
        (1 << 70, 1 << 70),
        ({1: {"a"}}, {"1": ["a"]}),
        (b"\x01", "b'\\x01'"),
        ("a\0", "a\N{REPLACEMENT CHARACTER}"),
        ("\udfff", "?"),
    ],
)
def test_what_json_cannot_say(value: Any, expected: Any) -> None:
    assert plain(value) == expected
    assert json.loads(dump(plain(value))) == expected


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_anything_becomes_one_line_of_utf8(value: Any) -> None:
    line = dump(plain(value))
    assert "\n" not in line
    assert "\0" not in line
    assert json.loads(line.encode()) == plain(value)


@given(st.integers(0, 4_000_000_000_000_000))
def test_times_come_back_to_the_microsecond(stored: int) -> None:
    assert microseconds(seconds(stored)) == stored


def test_no_time_is_no_time() -> None:
    assert microseconds(None) is None
    assert seconds(None) is None
    with pytest.raises(ValueError, match="NaN"):
        microseconds(float("nan"))


def test_a_text_is_made_of_anything() -> None:
    assert plain_text(None) == "None"
    assert plain_text("ё") == "ё"
