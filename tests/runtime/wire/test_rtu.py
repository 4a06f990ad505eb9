"""RTU frames against known ones and pymodbus, and the times of a line."""

from __future__ import annotations

import pytest
from fastcrc import crc16
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.framer.rtu import FramerRTU

from runtime.wire.pdu import Request
from runtime.wire.rtu import LineTiming, checksum_ok, frame, frame_request


@pytest.mark.parametrize(
    "text",
    [
        "02 07 41 12",  # MODBUS over Serial Line V1.02, appendix B
        "01 03 00 00 00 0a c5 cd",
        "11 03 00 6b 00 03 76 87",
        "11 05 00 ac ff 00 4e 8b",
        "01 83 02 c0 f1",
    ],
)
def test_known_frames(text):
    whole = bytes.fromhex(text)
    assert frame(whole[0], whole[1:-2]) == whole
    assert checksum_ok(whole)
    assert not checksum_ok(whole[:-1] + bytes((whole[-1] ^ 1,)))


def test_the_check_value_of_the_crc():
    assert crc16.modbus(b"123456789") == 0x4B37  # the catalogue's check value of CRC-16/MODBUS


@given(st.binary(min_size=2, max_size=254))
def test_the_same_crc_as_pymodbus(body):
    assert frame(body[0], body[1:])[-2:] == FramerRTU.compute_CRC(body).to_bytes(2, "big")


@given(st.binary(min_size=4, max_size=256), st.integers(0, 2047))
def test_one_flipped_bit_is_noticed(body, bit):
    whole = bytearray(frame(body[0], body[1:]))
    bit %= 8 * len(whole)
    whole[bit // 8] ^= 1 << bit % 8
    assert not checksum_ok(bytes(whole))


@given(st.binary(max_size=3))
def test_less_than_four_bytes_are_no_frame(few):
    assert not checksum_ok(few)


def test_times_of_a_slow_line():
    line = LineTiming.parse("9600-8N2")
    assert str(line) == "9600-8N2"
    assert line.bits_per_char == 11
    assert line.char_s == pytest.approx(1.1458e-3, rel=1e-4)
    assert line.silence_s == pytest.approx(3.5 * line.char_s)
    request = Request.read(1, 3, 0, 10)
    assert len(frame_request(request)) == 8
    assert line.request_s(request) == pytest.approx(8 * line.char_s)
    assert line.answer_s(request) == pytest.approx(25 * line.char_s)
    assert line.exchange_s(request) == pytest.approx(40 * line.char_s)


@pytest.mark.parametrize(
    ("text", "bits", "silence_s"),
    [
        ("19200-8E1", 11, 3.5 * 11 / 19200),
        ("19201-8N1", 10, 0.00175),
        ("115200-8n1", 10, 0.00175),
        ("2400-7O2", 11, 3.5 * 11 / 2400),
    ],
)
def test_formats(text, bits, silence_s):
    line = LineTiming.parse(text)
    assert (line.bits_per_char, line.silence_s) == (bits, pytest.approx(silence_s))


@pytest.mark.parametrize("text", ["", "9600", "9600-8N", "9600-9N1", "9600-8X1", "9600-8N3", "0-8N1", "-9600-8N1"])
def test_what_is_no_format(text):
    with pytest.raises(ValueError, match="is not of the form 9600-8N2"):
        LineTiming.parse(text)
