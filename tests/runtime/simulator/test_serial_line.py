import pytest

from runtime.simulator.serial_line import SerialLine


def test_a_character_of_9600_8n2_has_11_bits() -> None:
    line = SerialLine("9600-8N2")
    assert line.character_s == pytest.approx(0.0011458, abs=1e-7)
    assert line.silence_s == pytest.approx(0.00401, abs=1e-5)


@pytest.mark.parametrize(("text", "bits"), [("9600-8N1", 10), ("9600-8E1", 11), ("9600-7O2", 11)])
def test_bits_of_a_character(text: str, bits: int) -> None:
    assert SerialLine(text).character_s == bits / 9600


def test_above_19200_the_silence_is_fixed() -> None:
    assert SerialLine("115200-8N1").silence_s == 0.00175


def test_what_is_sent_waits_for_the_line_to_be_free() -> None:
    line = SerialLine("9600-8N2")
    assert line.carry(10.0, 8) == (10.0, pytest.approx(10.0 + 8 * 11 / 9600))
    begin, _ = line.carry(10.0, 1)
    assert begin == pytest.approx(10.0 + 8 * 11 / 9600)


def test_a_line_that_is_none() -> None:
    with pytest.raises(ValueError, match="expected baud"):
        SerialLine("fast")
