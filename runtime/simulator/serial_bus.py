"""The units on one serial line, paced as the line would: bytes in, bytes out at the time the last of them arrives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from fastcrc import crc16

from runtime.simulator.controller import Controller
from runtime.simulator.line_faults import (
    LineFaults,
    RtuFraming,
    rtu_frame,
    spend_echo_fault,
    treat,
    wrong_echo,
)
from runtime.simulator.responder import ask
from runtime.simulator.serial_line import SerialLine

__all__ = ["TURNAROUND_S", "BusCounters", "Scheduler", "SerialBus"]

#: answers longer than this may be cut into two or three segments
SEGMENT_FROM = 8
#: how long a unit thinks; on the sites' lines whole answers took 140-230 ms
TURNAROUND_S = 0.02


class Scheduler(Protocol):
    """What a bus needs of an event loop; tests move one by hand."""

    def time(self) -> float:
        """Monotonic seconds."""

    def call_at(self, when: float, callback: Callable[..., Any], *args: Any) -> Any:
        """Call back at that time."""


@dataclass(slots=True)
class BusCounters:
    """What went over the line."""

    requests: int = 0
    answers: int = 0
    #: frames with a wrong CRC or length, or for units that are not there: no unit answers them
    ignored: int = 0
    #: requests that began before the line had been silent for 3.5 characters
    early: int = 0


#: keeps two answers that are due at once in their order
_APART_S = 1e-6


class SerialBus:
    """Request and answer of a half-duplex line with several units.

    A unit sees a request when the line has been silent for 3.5 characters after its last character, and begins its
    answer ``turnaround_s`` after that character, but never within the silence. All times follow from the moment the
    request arrived, not from when this program got round to it, so errors of the event loop do not add up.
    """

    def __init__(self, line: SerialLine, units: Mapping[int, Controller], rng: Random) -> None:
        self.line = line
        self.units = units
        self.rng = rng
        #: set before the first byte comes
        self.scheduler: Scheduler | None = None
        #: called with bytes that arrived from the line
        self.deliver: Callable[[bytes], None] = lambda data: None
        #: called when a fault wants the connection dropped
        self.hang_up: Callable[[], None] = lambda: None
        self.turnaround_s = TURNAROUND_S
        self.echo = False
        self.split = True
        self.counters = BusCounters()
        #: faults of the whole line, and of single units
        self.faults = LineFaults()
        self.unit_faults: dict[int, LineFaults] = {unit: LineFaults() for unit in units}
        self._framing = RtuFraming()
        self._frame = bytearray()
        self._frame_end = 0.0
        self._quiet_since = 0.0
        #: unit -> when it is done with what it was asked before: a controller answers in the order it was asked
        self._busy_until: dict[int, float] = {}

    @property
    def _clock(self) -> Scheduler:
        assert self.scheduler is not None, "a bus needs its scheduler"  # noqa: S101
        return self.scheduler

    def receive(self, data: bytes) -> None:
        """Bytes that a client sent: they go over the line, and after the silence they are a frame."""
        begin, end = self.line.carry(self._clock.time(), len(data))
        if not self._frame and begin < self._quiet_since + self.line.silence_s:
            self.counters.early += 1
        self._frame += data
        self._frame_end = end
        if self.echo:
            self._clock.call_at(end, self.deliver, data)
        self._clock.call_at(end + self.line.silence_s, self._silence, end)

    def _silence(self, end: float) -> None:
        if end != self._frame_end or not self._frame:
            return  # more bytes came within the silence
        frame = bytes(self._frame)
        self._frame.clear()
        self.counters.requests += 1
        if len(frame) < 4 or crc16.modbus(frame[:-2]) != int.from_bytes(frame[-2:], "little"):
            self.counters.ignored += 1
            return
        controller = self.units.get(frame[0])
        if controller is None:
            self.counters.ignored += 1
            return
        sources = (self.unit_faults[frame[0]], self.faults)
        if any(faults.close for faults in sources):
            for faults in sources:
                faults.close = False
            self.hang_up()
            return
        fault, value = spend_echo_fault(sources, frame[1], int.from_bytes(frame[4:6], "big"))
        if fault == "refuse-write":
            answer: bytes | None = bytes((frame[1] | 0x80, int(value)))
        else:
            answer = ask(controller, frame[1:-2], sources)
        if fault == "cut-echo":
            self.hang_up()
        elif answer is not None and fault != "lost-echo":
            answer = wrong_echo(answer) if fault == "wrong-echo" else answer
            self._answer(rtu_frame(frame[0], answer), end + (value if fault == "late-echo" else 0.0), sources)

    def _answer(self, answer: bytes, request_end: float, sources: Sequence[LineFaults]) -> None:
        unit = answer[0]
        due = max(request_end + max(self.turnaround_s, self.line.silence_s), self._busy_until.get(unit, 0.0))
        for chunk in treat(sources, answer, self._framing, self.rng):
            self.counters.answers += 1
            begin = due + chunk.delay_s
            self._busy_until[unit] = max(self._busy_until.get(unit, 0.0), begin + _APART_S)
            if begin > self._clock.time():
                self._clock.call_at(begin, self._send, begin, chunk.data)
            else:
                self._send(begin, chunk.data)

    def _send(self, due: float, data: bytes) -> None:
        begin, end = self.line.carry(due, len(data))
        self._quiet_since = end
        first = 0
        for cut in self._cuts(len(data)):
            self._clock.call_at(begin + cut * self.line.character_s, self.deliver, data[first:cut])
            first = cut

    def _cuts(self, count: int) -> list[int]:
        """Where the converter cuts an answer into segments; the last ends with the last byte."""
        if not self.split or count <= SEGMENT_FROM:
            return [count]
        inner = {self.rng.randrange(1, count) for _ in range(self.rng.randint(0, 2))}
        return [*sorted(inner), count]
