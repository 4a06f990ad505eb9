"""The last frames of a link, frozen soon after the first fault."""

from __future__ import annotations

from runtime.wire.ring import FrameRing, Verdict


def ring(size: int) -> FrameRing:
    return FrameRing(lambda: 1_700_000_000.25, size)


def numbers(frames: FrameRing) -> list[int]:
    return [frame.data[0] for frame in frames.frames()]


def test_it_keeps_the_last():
    kept = ring(4)
    for number in range(10):
        kept.add(number, "<", bytes((number,)), Verdict.ANSWER)
    assert numbers(kept) == [6, 7, 8, 9]
    assert not kept.faulted


def test_the_first_fault_freezes_it_after_a_quarter_more():
    kept = ring(8)
    for number in range(20):
        kept.add(number, "<", bytes((number,)), Verdict.CRC_ERROR if number == 10 else Verdict.ANSWER)
    assert numbers(kept) == [5, 6, 7, 8, 9, 10, 11, 12]
    assert kept.frozen
    assert kept.faulted

    kept.release()
    assert not kept.faulted
    kept.add(20, "<", b"\x14", Verdict.ANSWER)
    assert numbers(kept)[-1] == 20


def test_a_refusal_is_no_fault_of_the_line():
    kept = ring(8)
    kept.add(0, "<", b"\x01", Verdict.REFUSED)
    kept.add(0, "<", b"\x02", Verdict.ECHO)
    assert not kept.faulted


def test_the_transcript_can_be_read():
    kept = ring(8)
    kept.add(12.5, ">", bytes.fromhex("010300000001"), Verdict.REQUEST)
    kept.add(13.5, "!", b"", Verdict.TIMEOUT)
    assert kept.dump() == (
        "2023-11-14 22:13:20.250000Z       12.500000 > 01 03 00 00 00 01 [request]\n"
        "2023-11-14 22:13:20.250000Z       13.500000 !  [timeout]\n"
    )
