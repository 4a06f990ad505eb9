"""Encoding is the inverse of decoding, and says what does not fit."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registermaps import Block, BlockDecoder, Point, encode, encode_into, words_of_raw
from tagdb import Quality, value_of
from tagdb.tag import Kind

Make = Callable[..., Point]
RAW = {"u16": (0, 0xFFFF), "s16": (-0x8000, 0x7FFF), "u32": (0, 2**32 - 1), "s32": (-(2**31), 2**31 - 1)}


def _decode(point: Point, words: list[int]) -> tuple[float, Quality, str]:
    block = Block(point.function, point.address, point.count, (point,))
    decoded = BlockDecoder(block).decode(struct.pack(f">{len(words)}H", *words))
    return float(decoded.cells[0]), Quality(decoded.quality[0]), decoded.texts[0][1] if decoded.texts else ""


@given(st.sampled_from(sorted(RAW)), st.sampled_from([1.0, 0.1, 0.01, 0.0001, 2.5, -0.1]), st.booleans(), st.data())
def test_numbers_go_round(make_point: Make, kind: str, scale: float, swapped: bool, data: st.DataObject) -> None:
    orders = {"word_order": "low", "byte_order": "little"} if swapped else {}
    point = make_point("p", kind, scale=scale, offset=data.draw(st.sampled_from([0.0, -40.0, 0.5])), **orders)
    raw = data.draw(st.integers(*RAW[kind]))
    value, quality, _text = _decode(point, words_of_raw(point, raw))
    assert quality is Quality.GOOD
    assert encode(point, value) == words_of_raw(point, raw)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_floats_go_round(make_point: Make, value: float) -> None:
    assert _decode(make_point("p", "f32"), encode(make_point("p", "f32"), value))[0] == value


@given(st.integers(0, 2**64 - 1))
def test_64_bits_go_round(make_point: Make, value: int) -> None:
    point = make_point("p", "u64", word_order="low")
    assert value_of(Kind.U64, _decode(point, encode(point, value))[0]) == value


@given(st.integers(1, 4), st.data())
def test_bcd_goes_round(make_point: Make, count: int, data: st.DataObject) -> None:
    point = make_point("p", "bcd", count=count)
    value = data.draw(st.integers(0, min(10 ** (4 * count) - 1, 2**53)))  # a cell is a float
    assert _decode(point, encode(point, value))[0] == value


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=8), st.sampled_from(["big", "little"]))
def test_texts_go_round(make_point: Make, text: str, order: str) -> None:
    point = make_point("p", "ascii", count=4, byte_order=order)
    assert _decode(point, encode(point, text)) == (0.0, Quality.GOOD, text)


@given(st.integers(0, 65535), st.integers(0, 15), st.data())
def test_a_field_leaves_its_neighbours_alone(make_point: Make, before: int, bit: int, data: st.DataObject) -> None:
    width = data.draw(st.integers(1, 16 - bit))
    point = make_point("p", "bits", address=9, bit=bit, width=width)
    value = data.draw(st.integers(0, 2**width - 1))
    words = [1, before, 2]
    encode_into(words, 8, point, value)
    mask = ((1 << width) - 1) << bit
    assert words == [1, before & ~mask | value << bit, 2]


def test_a_bit_in_a_word_of_little_bytes(make_point: Make) -> None:
    point = make_point("p", "bit", bit=0, byte_order="little")
    words = [0x0001]
    encode_into(words, 0, point, True)
    assert _decode(point, words)[0] == 1.0
    assert words == [0x0101]


def test_coils(make_point: Make) -> None:
    point = make_point("p", "bit", address=5, function=1)
    assert encode(point, True) == [1]
    coils = [1, 1, 1]
    encode_into(coils, 4, point, False)
    assert coils == [1, 0, 1]


def test_none_is_the_marker_of_the_maker(make_point: Make) -> None:
    signed = make_point("p", "s16", no_data=frozenset({-32768, 32767, 32766}))
    assert encode(signed, None) == [32766]
    wide = make_point("p", "u32", word_order="low", no_data=frozenset({0x7FFFFFFF, 0x7FFFFFFE}))
    assert encode(wide, None) == [0xFFFE, 0x7FFF]
    assert _decode(make_point("p", "f32"), encode(make_point("p", "f32"), None))[1] is Quality.NO_DATA
    with pytest.raises(ValueError, match="point 'p': no raw value means no data"):
        encode(make_point("p", "u16"), None)


@pytest.mark.parametrize(
    ("kind", "more", "value", "message"),
    [
        ("u16", {"low": 0.0, "high": 500.0, "unit": "V"}, 600, "point 'p': found 600 V, expected 0 to 500 V"),
        ("s16", {"low": -5.0}, -6.5, "point 'p': found -6.5, expected -5 to anything"),
        ("u16", {"scale": 0.1}, 6553.6, "point 'p': found 6553.6, expected 0 to 6553.5"),
        ("u16", {}, -1, "point 'p': found -1, expected 0 to 65535"),
        ("bits", {"width": 3}, 8, "point 'p': found 8, expected 0 to 7"),
        ("bit", {}, 2, "point 'p': found 2, expected 0 to 1"),
        ("bcd", {}, 10000, "point 'p': found 10000, expected 0 to 9999"),
        ("u16", {}, "on", "point 'p': found 'on', expected a finite number"),
        ("u16", {}, math.nan, "point 'p': found nan, expected a finite number"),
        ("f32", {}, 1e39, "point 'p': found 1e+39, expected what a 32-bit float can hold"),
        ("ascii", {"count": 2}, "ABCDE", "point 'p': found 'ABCDE', expected ASCII text of up to 4 characters"),
        ("ascii", {"count": 2}, 5, "point 'p': found 5, expected ASCII text of up to 4 characters"),
        (
            "u16",
            {"no_data": frozenset({32766})},
            32766,
            "point 'p': found 32766, expected anything else: its raw value 32766 means no data",
        ),
    ],
)
def test_what_does_not_fit_is_told(make_point: Make, kind: str, more: dict[str, Any], value: Any, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared
        encode(make_point("p", kind, **more), value)
    assert str(caught.value) == message


def test_a_simulator_may_say_what_is_out_of_range(make_point: Make) -> None:
    point = make_point("p", "u16", low=0.0, high=500.0, no_data=frozenset({32766}))
    assert encode(point, 600, check=False) == [600]
    assert encode(point, 32766, check=False) == [32766]


def test_a_point_outside_the_words(make_point: Make) -> None:
    with pytest.raises(IndexError, match=r"point 'p' at 9 is outside 10\.\.11"):
        encode_into([0, 0], 10, make_point("p", "u16", address=9), 1)
    with pytest.raises(ValueError, match="point 'p': raw 65536 does not fit in 16 bits"):
        words_of_raw(make_point("p", "u16"), 65536)
