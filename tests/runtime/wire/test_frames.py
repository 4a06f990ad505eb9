"""Frames of anybody, recognised by function, length and CRC."""

from __future__ import annotations

import pytest

from runtime.wire.frames import MORE, NONE, answer_shape_of_request, recognise
from runtime.wire.rtu import frame


def whole(text: str) -> bytes:
    data = bytes.fromhex(text)
    return frame(data[0], data[1:])


FRAMES = [
    "01 01 00 13 00 13",
    "01 01 03 cd 6b 05",
    "01 03 00 6b 00 03",
    "01 03 06 02 2b 00 00 00 64",
    "01 04 02 00 0a",
    "01 05 00 ac ff 00",
    "01 06 00 01 00 03",
    "01 07",
    "01 07 6d",
    "01 08 00 00 a5 37",
    "01 0b",
    "01 0b ff ff 01 08",
    "01 0f 00 13 00 0a 02 cd 01",
    "01 0f 00 13 00 0a",
    "01 10 00 01 00 02 04 00 0a 01 02",
    "01 10 00 01 00 02",
    "01 11",
    "01 11 03 01 ff 02",
    "01 16 00 04 00 f2 00 25",
    "01 17 00 03 00 06 00 0e 00 03 06 00 ff 00 ff 00 ff",
    "01 17 02 00 fe",
    "01 83 02",
]


@pytest.mark.parametrize("text", FRAMES)
def test_requests_and_answers_of_every_function(text):
    data = whole(text)
    assert recognise(bytearray(b"\xee" + data + b"\xee\xee"), 1) == len(data)
    # until it is whole, it may become a frame
    assert {recognise(bytearray(data[:size]), 0) for size in range(len(data))} == {MORE}


@pytest.mark.parametrize(
    "text", ["01 63 00 00 00 00 00 00 00 00", "01 e3 00 00 00", "01 83 02 00 00", "01 05 00 ac ff 00 00 00"]
)
def test_what_is_no_frame(text):
    assert recognise(bytearray.fromhex(text), 0) == NONE


def test_a_length_beyond_the_longest_frame_is_no_length():
    assert recognise(bytearray.fromhex("01 03 fc") + bytes(300), 0) == NONE


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("02 03 00 64 00 0a", "02 03 14"),
        ("02 01 00 64 00 0a", "02 01 02"),
        ("02 10 00 01 00 02 04 00 0a 01 02", "02 10 00 01 00 02"),
        ("02 03 04 00 07 00 08", None),
        ("02 03 00 64 00 7e", None),
        ("02 05 00 01 ff 00", None),
        ("02 01 03 00 00 05", None),
        ("02 10 00 01 00 02", None),
    ],
)
def test_the_answer_that_follows_a_request(text, shape):
    assert answer_shape_of_request(whole(text)) == (None if shape is None else bytes.fromhex(shape))
