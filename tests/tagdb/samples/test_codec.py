"""What is packed comes back bit for bit, and small."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagdb import Kind
from tagdb.samples.arrays import Columns
from tagdb.samples.codec import BadData, decode_batch, decode_block, encode_batch, encode_block

_TIMES = st.integers(-(2**40), 2**44)
_VALUES = st.one_of(
    st.floats(width=64, allow_nan=True),
    st.integers(-(10**6), 10**6).map(lambda n: n / 10),
    st.integers(-(2**53), 2**53).map(float),
)
_ROWS = st.lists(st.tuples(st.integers(1, 2**31 - 1), _TIMES, _VALUES, st.integers(0, 65535)), min_size=1, max_size=60)


def columns(rows: list[tuple[int, int, float, int]]) -> Columns:
    tag, time, value, quality = zip(*rows, strict=True)
    return Columns(
        np.array(tag, np.int32), np.array(time, np.int64), np.array(value), np.array(quality, np.uint16)
    )  # fmt: skip


def same(one: Columns, other: Columns) -> bool:
    plus = [part.value + 0.0 for part in (one, other)]  # without the sign of zero
    numbers = np.array_equal(np.isnan(plus[0]), np.isnan(plus[1])) and np.array_equal(*plus, equal_nan=True)
    return numbers and np.array_equal(one.time, other.time) and np.array_equal(one.quality, other.quality)


@settings(max_examples=60, deadline=None)
@given(_ROWS)
def test_any_block_comes_back(rows: list[tuple[int, int, float, int]]) -> None:
    given_ = columns(rows)
    assert same(decode_block(encode_block(given_, Kind.FLOAT)), given_)


@settings(max_examples=60, deadline=None)
@given(_ROWS)
def test_any_batch_comes_back(rows: list[tuple[int, int, float, int]]) -> None:
    given_ = columns(rows)
    found = decode_batch(encode_batch(given_))
    assert same(found, given_)
    assert np.array_equal(found.tag, given_.tag)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=30))
def test_64_bits_come_back(numbers: list[int]) -> None:
    count = len(numbers)
    cells = np.array(numbers, np.uint64).view(np.float64)
    given_ = Columns(np.zeros(count, np.int32), np.arange(count), cells, np.full(count, 192, np.uint16))
    assert decode_block(encode_block(given_, Kind.U64)).value.view(np.uint64).tolist() == numbers


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=10))
def test_texts_come_back(texts: list[str]) -> None:
    plain = tuple(text.encode("utf-8", "replace").decode() for text in texts)
    count = len(plain)
    given_ = Columns(
        np.zeros(count, np.int32), np.arange(count), np.arange(count, dtype=np.float64), np.full(count, 192, np.uint16),
        plain,
    )  # fmt: skip
    found = decode_block(encode_block(given_, Kind.TEXT))
    assert [found.texts[int(index)] for index in found.value] == list(plain)


def test_a_measurement_takes_less_than_three_bytes() -> None:
    noise = np.random.default_rng(1)
    time = 1_795_521_600_000 + np.cumsum(1000 + noise.integers(-8, 8, 3600))
    value = np.round(400 + np.cumsum(noise.integers(-3, 4, 3600)) / 10, 1)
    block = encode_block(Columns(np.zeros(3600, np.int32), time, value, np.full(3600, 192, np.uint16)), Kind.FLOAT)
    assert len(block) < 3 * 3600


@pytest.mark.parametrize("data", [b"", b"\x05abc", encode_batch(columns([(1, 2, 3.0, 192)]))[:-4]])
def test_what_is_damaged_is_told(data: bytes) -> None:
    with pytest.raises(BadData):
        decode_batch(data)


def test_a_block_is_no_batch() -> None:
    with pytest.raises(BadData, match="a block stands where a batch should be"):
        decode_batch(encode_block(columns([(1, 2, 3.0, 192)]), Kind.FLOAT))
