"""What a read costs: the arithmetic of serial lines."""

from __future__ import annotations

import pytest

from registermaps import LinkCost, SerialLine


def test_a_character_at_9600_8n2_takes_1146_microseconds() -> None:
    line = SerialLine.parse("9600-8N2")
    assert (line.baud, line.data_bits, line.parity, line.stop_bits, line.bits_per_char) == (9600, 8, "N", 2, 11)
    assert line.char_s == pytest.approx(0.0011458, abs=1e-7)
    assert line.silence_s == pytest.approx(3.5 * 11 / 9600)


@pytest.mark.parametrize(("text", "bits"), [("9600-8n1", 10), ("19200-8E1", 11), ("2400-7O2", 11), (" 4800-8N2 ", 11)])
def test_bits_of_a_character(text: str, bits: int) -> None:
    assert SerialLine.parse(text).bits_per_char == bits


@pytest.mark.parametrize("text", ["9600", "9600-8N", "9600-9N1", "9600-8X1", "0-8N1", "fast", "9600-8N3", ""])
def test_a_line_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=f"^found '{text}', expected BAUD-BITS PARITY STOP such as 9600-8N2"):
        SerialLine.parse(text)


def test_silence_is_fixed_above_19200() -> None:
    assert SerialLine.parse("38400-8N2").silence_s == 0.00175
    assert LinkCost.serial(38400, 11).request_s == pytest.approx(13 * 11 / 38400 + 2 * 0.00175)


def test_a_read_is_request_answer_and_two_silences() -> None:
    cost = LinkCost.serial(9600, 11, 36, turnaround_s=0.020)
    char = 11 / 9600
    assert cost.read_s(3, 10) == pytest.approx((8 + 5 + 20 + 7) * char + 0.020)
    assert cost.read_s(1, 9) == pytest.approx((8 + 5 + 2 + 7) * char + 0.020)
    assert (cost.largest(3), cost.largest(4), cost.largest(1), cost.largest(2)) == (36, 36, 2000, 2000)


def test_parse_takes_the_limit_of_the_kind_of_link() -> None:
    assert LinkCost.parse("TCP", 105, 36).max_registers == 105
    serial = LinkCost.parse("9600-8n2", 105, 36)
    assert (serial.name, serial.max_registers) == ("9600-8N2", 36)
    with pytest.raises(ValueError, match="found 'udp', expected"):
        LinkCost.parse("udp")
