from random import Random

import pytest
from fastcrc import crc16

from runtime.simulator.controller import Verdict
from runtime.simulator.line_faults import Chunk, LineFaults, MbapFraming, RtuFraming, intercept, rtu_frame, treat

RTU = rtu_frame(1, bytes.fromhex("03 04 00 01 00 02"))
TCP = bytes.fromhex("00 07 00 00 00 07 01 03 04 00 01 00 02")


def rtu(**faults: object) -> list[Chunk]:
    return treat([LineFaults(**faults)], RTU, RtuFraming(), Random(3))  # type: ignore[arg-type]


def crc_good(frame: bytes) -> bool:
    return crc16.modbus(frame[:-2]) == int.from_bytes(frame[-2:], "little")


def test_the_frame_of_the_standard() -> None:
    # MODBUS over Serial Line: the CRC goes low byte first.
    assert rtu_frame(2, b"\x07") == bytes.fromhex("02 07 41 12")


def test_a_sound_line_delivers_the_answer() -> None:
    assert rtu() == [Chunk(0.0, RTU)]


def test_a_dropped_answer_is_nothing() -> None:
    assert rtu(drop=1.0) == []


def test_delays_add_up() -> None:
    assert treat([LineFaults(delay_s=1.5), LineFaults(delay_s=0.5)], RTU, RtuFraming(), Random(1)) == [Chunk(2.0, RTU)]


def test_a_late_answer_comes_late_once() -> None:
    faults = LineFaults(late_s=2.0)
    assert treat([faults], RTU, RtuFraming(), Random(1)) == [Chunk(2.0, RTU)]
    assert treat([faults], RTU, RtuFraming(), Random(1)) == [Chunk(0.0, RTU)]


def test_a_corrupt_answer_differs_in_one_bit_and_fails_its_crc() -> None:
    [chunk] = rtu(corrupt=1.0)
    assert (int.from_bytes(chunk.data, "big") ^ int.from_bytes(RTU, "big")).bit_count() == 1
    assert not crc_good(chunk.data)


def test_a_duplicate_comes_twice() -> None:
    assert rtu(duplicate=1.0) == [Chunk(0.0, RTU), Chunk(0.0, RTU)]


def test_a_foreign_answer_is_well_formed_and_of_another_unit() -> None:
    foreign, own = (chunk.data for chunk in rtu(foreign=1.0))
    assert own == RTU
    assert len(foreign) == len(RTU)
    assert foreign[0] == 2
    assert foreign[1:3] == RTU[1:3]
    assert crc_good(foreign)


def test_garbage_comes_first() -> None:
    garbage, own = (chunk.data for chunk in rtu(garbage=1.0))
    assert 1 <= len(garbage) <= 12
    assert own == RTU


def test_over_tcp_a_mixed_up_answer_has_another_transaction() -> None:
    [chunk] = treat([LineFaults(corrupt=1.0)], TCP, MbapFraming(), Random(1))
    assert chunk.data[:2] != TCP[:2]
    assert chunk.data[2:] == TCP[2:]
    foreign, own = (c.data for c in treat([LineFaults(foreign=1.0)], TCP, MbapFraming(), Random(1)))
    assert own == TCP
    assert foreign[:2] != TCP[:2]
    assert foreign[2:6] == TCP[2:6]
    assert len(foreign) == len(TCP)


@pytest.mark.parametrize("name", ["drop", "corrupt", "duplicate", "foreign", "garbage"])
def test_probabilities_hold_and_repeat_with_the_seed(name: str) -> None:
    def run() -> list[list[Chunk]]:
        rng = Random(11)
        return [treat([LineFaults(**{name: 0.3})], RTU, RtuFraming(), rng) for _ in range(1000)]  # type: ignore[arg-type]

    answers = run()
    assert 250 < sum(answer != [Chunk(0.0, RTU)] for answer in answers) < 350
    assert answers == run()


def test_what_never_reaches_a_controller() -> None:
    assert intercept([LineFaults()], 3, 0, 10) is None
    assert intercept([LineFaults(), LineFaults(offline=True)], 3, 0, 10) is Verdict.SILENT
    assert intercept([LineFaults(exception=4)], 3, 0, 10) is Verdict.FORCED
    silent = LineFaults(silent={44})
    assert intercept([silent], 3, 40, 5) is Verdict.SILENT
    assert intercept([silent], 3, 45, 5) is None
    assert intercept([silent], 5, 44, 1) is None, "a block of registers, not of coils"
