"""Pacing and framing of the units' side, on a scheduler that is moved by hand."""

from collections.abc import Callable
from typing import Any

import pytest

from runtime.simulator import Plant
from runtime.simulator.line_faults import rtu_frame
from runtime.simulator.serial_bus import SerialBus

CHAR = 11 / 9600
READ = rtu_frame(1, bytes.fromhex("03 00 28 00 04"))
#: address 40: state, delay, 0, indicators
ANSWER_LENGTH = 13


class HandScheduler:
    def __init__(self) -> None:
        self.now = 100.0
        self.calls: list[tuple[float, int, Callable[..., Any], tuple[Any, ...]]] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Callable[..., Any], *args: Any) -> None:
        self.calls.append((when, len(self.calls), callback, args))

    def run(self) -> None:
        """All that is due, in order."""
        while self.calls:
            self.calls.sort(key=lambda call: call[:2])
            self.now, _, callback, args = self.calls.pop(0)
            callback(*args)


class Heard:
    def __init__(self, plant: Plant, link: str = "mkz_line") -> None:
        self.bus: SerialBus = plant.links.buses[link]
        self.scheduler = HandScheduler()
        self.bus.scheduler = self.scheduler
        self.chunks: list[tuple[float, bytes]] = []
        self.bus.deliver = lambda data: self.chunks.append((self.scheduler.now, data))

    def ask(self, request: bytes) -> bytes:
        self.chunks.clear()
        self.bus.receive(request)
        self.scheduler.run()
        return b"".join(data for _, data in self.chunks)


@pytest.fixture
def heard(plant: Plant) -> Heard:
    return Heard(plant)


def test_the_last_byte_comes_when_the_line_delivers_it(heard: Heard) -> None:
    start = heard.scheduler.now
    answer = heard.ask(READ)
    assert len(answer) == ANSWER_LENGTH
    assert heard.chunks[-1][0] - start == pytest.approx(8 * CHAR + 0.02 + ANSWER_LENGTH * CHAR)


def test_without_thinking_the_silence_remains(heard: Heard) -> None:
    heard.bus.turnaround_s = 0.0
    start = heard.scheduler.now
    heard.ask(READ)
    assert heard.chunks[-1][0] - start == pytest.approx((8 + 3.5 + ANSWER_LENGTH) * CHAR)


def test_no_byte_comes_before_its_time(heard: Heard) -> None:
    heard.bus.turnaround_s = 0.0
    wide = rtu_frame(1, bytes.fromhex("03 00 37 00 1E"))
    segments = 0
    for _ in range(50):
        start = heard.scheduler.now
        heard.ask(wide)
        segments = max(segments, len(heard.chunks))
        arrived = 0
        for when, data in heard.chunks:
            arrived += len(data)
            assert when - start == pytest.approx((8 + 3.5 + arrived) * CHAR)
        heard.scheduler.now += 0.01
    assert segments == 3


def test_a_request_in_pieces_is_one_frame_and_a_pause_ends_it(heard: Heard) -> None:
    heard.bus.receive(READ[:3])
    heard.bus.receive(READ[3:])
    heard.scheduler.run()
    assert sum(len(data) for _, data in heard.chunks) == ANSWER_LENGTH
    heard.chunks.clear()
    heard.bus.receive(READ[:3])
    heard.scheduler.run()
    heard.bus.receive(READ[3:])
    heard.scheduler.run()
    assert heard.chunks == []
    assert heard.bus.counters.ignored == 2


@pytest.mark.parametrize(
    "request_",
    [
        READ[:-1] + bytes((READ[-1] ^ 1,)),
        rtu_frame(9, READ[1:-2]),
        rtu_frame(1, bytes.fromhex("03 13 88 00 02")),
        rtu_frame(1, bytes.fromhex("2B 0E 01 00 00")),
        rtu_frame(1, bytes.fromhex("04 00 28 00 04")),
    ],
    ids=["bad CRC", "another unit", "far address", "unknown function", "input registers"],
)
def test_what_is_met_with_silence(heard: Heard, request_: bytes) -> None:
    assert heard.ask(request_) == b""


def test_an_echo_comes_before_the_answer(heard: Heard, plant: Plant) -> None:
    plant.fault("mkz_line", "echo")
    assert heard.ask(READ)[:8] == READ


def test_a_late_answer_meets_the_next_request(heard: Heard, plant: Plant) -> None:
    plant.fault("mkz.shpr", "late=2")
    start = heard.scheduler.now
    heard.ask(READ)
    assert heard.chunks[-1][0] - start == pytest.approx(8 * CHAR + 2.02 + ANSWER_LENGTH * CHAR)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [("exception=6", rtu_frame(1, b"\x83\x06")), ("offline", b""), ("drop", b""), ("silent-block=42", b"")],
)
def test_faults_of_the_line(heard: Heard, plant: Plant, fault: str, expected: bytes) -> None:
    plant.fault("mkz.shpr", fault)
    assert heard.ask(READ) == expected
    plant.fault("mkz.shpr", "clear")
    assert len(heard.ask(READ)) == ANSWER_LENGTH


def test_a_fault_of_the_link_is_one_of_all_its_units(heard: Heard, plant: Plant) -> None:
    plant.fault("mkz_line", "exception=4")
    assert heard.ask(READ) == rtu_frame(1, b"\x83\x04")
    plant.fault("mkz_line", "clear")
    assert len(heard.ask(READ)) == ANSWER_LENGTH


def test_a_closed_connection_instead_of_an_answer(heard: Heard, plant: Plant) -> None:
    closed = []
    heard.bus.hang_up = lambda: closed.append(True)
    plant.fault("mkz_line", "close")
    assert heard.ask(READ) == b""
    assert closed == [True]
    assert len(heard.ask(READ)) == ANSWER_LENGTH


def test_writes_are_echoed_and_done(heard: Heard, plant: Plant) -> None:
    request = rtu_frame(1, bytes.fromhex("06 11 00 00 C8"))
    assert heard.ask(request) == request
    assert plant.sites["mkz"].tie.p_pct == 20.0


def test_requests_that_come_within_the_silence_are_counted(heard: Heard) -> None:
    heard.ask(READ)
    heard.ask(READ)
    assert heard.bus.counters.early == 1
