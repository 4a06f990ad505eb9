"""A request under way, what the line is like and what is told of the stream: the nouns of the exchange."""

from __future__ import annotations

import math
from dataclasses import dataclass

from runtime.wire.errors import BadFrame, NoResponse, WireError, WrongReply
from runtime.wire.frames import MORE, NONE
from runtime.wire.pdu import Reply, Request
from runtime.wire.ring import Verdict
from runtime.wire.rtu import LineTiming, checksum_ok, frame_request

__all__ = ["REFUSAL_BYTES", "Event", "ExchangeSettings", "OpenRequest"]

#: length of a refusal's frame: unit, function with its high bit set, exception code, CRC
REFUSAL_BYTES = 5
#: part of the least possible time below which an answer is not believed; half, since both ends' clocks and a
#: converter's buffering blur it
_EARLY = 0.5


@dataclass(frozen=True, slots=True)
class ExchangeSettings:
    """What a line is like; the fields are those of ``LinkSpec``."""

    #: None when the speed is unknown
    line: LineTiming | None = None
    echo: bool = False
    paced: bool = True
    quarantine_s: float = 0.5
    ghost_life_s: float = 10.0

    @property
    def silence_s(self) -> float:
        """Silence before a request, seconds (clause 2.5.1.1)."""
        return 0.0 if self.line is None else self.line.silence_s


@dataclass(frozen=True, slots=True)
class Event:
    """A piece of the stream and what it was taken for; at most one event of a request has a reply or an error."""

    verdict: Verdict
    #: the bytes; empty when it is about none
    data: bytes = b""
    #: the open request is answered
    reply: Reply | None = None
    #: the open request has failed
    error: WireError | None = None


@dataclass(slots=True)
class OpenRequest:
    """The request under way."""

    request: Request
    sent: bytes
    sent_at: float
    deadline: float
    timeout_s: float
    shape: bytes
    length: int
    #: before these times neither the answer nor a refusal can have come over the line
    answer_from: float
    refusal_from: float
    #: until then the bytes of the last answer once more are a repetition of it: a line that sends every frame twice is
    #: done with the second one sooner than with any answer to this request
    repeat_until: float
    #: the next copy of the request is the line's echo, not the device's answer (writes)
    echo_due: bool = False
    echo_heard: bool = False
    #: what was taken for the echo may have been another master's same question
    doubled: bool = False
    #: another master asked the same unit meanwhile: whose answer is whose cannot be said
    spoiled: bool = False
    garbled: bool = False
    #: what came instead of the answer
    strange: str = ""

    @classmethod
    def of(cls, request: Request, now: float, timeout_s: float, settings: ExchangeSettings) -> OpenRequest:
        """Open ``request`` at ``now`` on a line of these settings."""
        answer_from = refusal_from = repeat_until = -math.inf
        line = settings.line
        if line is not None and settings.paced:
            asked_s = line.request_s(request)
            answer_from = now + _EARLY * (asked_s + line.answer_s(request))
            refusal_from = now + _EARLY * (asked_s + REFUSAL_BYTES * line.char_s)
            repeat_until = now + asked_s + line.answer_s(request)
        return cls(
            request,
            frame_request(request),
            now,
            now + timeout_s,
            timeout_s,
            request.shape,
            request.answer_bytes + 3,
            answer_from,
            refusal_from,
            repeat_until,
        )

    def owns(self, frame: bytes) -> bool:
        """Whether the frame has the form of the answer, or of its refusal."""
        if len(frame) == self.length and frame.startswith(self.shape):
            return True
        return len(frame) == REFUSAL_BYTES and frame[0] == self.shape[0] and frame[1] == self.shape[1] | 0x80

    def length_at(self, buffer: bytearray, at: int) -> int:
        """Length of the answer, if it starts at ``at``; ``MORE`` while it may; else ``NONE``."""
        available = len(buffer) - at
        if buffer.startswith(self.shape, at):
            if available < self.length:
                return MORE
            return self.length if checksum_ok(bytes(buffer[at : at + self.length])) else NONE
        if available < len(self.shape):
            return MORE if self.shape.startswith(bytes(buffer[at:])) else NONE
        if buffer[at] == self.shape[0] and buffer[at + 1] == self.shape[1] | 0x80:
            if available < REFUSAL_BYTES:
                return MORE
            return REFUSAL_BYTES if checksum_ok(bytes(buffer[at : at + REFUSAL_BYTES])) else NONE
        return NONE

    def garbled_at(self, buffer: bytearray, at: int) -> bool:
        """Whether all of the answer stands at ``at``, given that its checksum is wrong."""
        return len(buffer) - at >= self.length and buffer.startswith(self.shape, at)

    def failure(self, link: str, begun: int) -> WireError:
        """The error of the time-out; ``begun`` is how many bytes of the answer had come."""
        place = self.request.place(link)
        silence = f"no answer within {self.timeout_s:g} s"
        if self.garbled:
            return BadFrame(place, "the answer's checksum was wrong")
        if self.strange:
            return WrongReply(place, f"{silence}, but {self.strange}")
        if begun:
            return BadFrame(place, f"the answer was cut off after {begun} of {self.length} bytes")
        return NoResponse(place, silence)
