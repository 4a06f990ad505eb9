"""The last frames of a link, as evidence: stops soon after the first fault, so that what led to it stays."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Frame", "FrameRing", "Verdict"]


class Verdict(StrEnum):
    """What a piece of the stream was taken for."""

    REQUEST = "request"
    ANSWER = "answer"
    REFUSED = "refused"
    ECHO = "echo"
    LATE = "late"
    FOREIGN = "foreign"
    CRC_ERROR = "crc error"
    GARBAGE = "garbage"
    TIMEOUT = "timeout"
    ABANDONED = "abandoned"
    LOST = "connection lost"


_FAULTS = frozenset(
    {
        Verdict.LATE,
        Verdict.FOREIGN,
        Verdict.CRC_ERROR,
        Verdict.GARBAGE,
        Verdict.TIMEOUT,
        Verdict.LOST,
    }
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One line of the transcript."""

    #: seconds since 1970
    wall: float
    #: monotonic seconds, the same clock as ``Reply.received``
    monotonic: float
    #: ">" sent, "<" received, "!" an event without bytes
    direction: str
    data: bytes
    verdict: Verdict

    def __str__(self) -> str:
        day = time.gmtime(self.wall)
        clock = f"{time.strftime('%Y-%m-%d %H:%M:%S', day)}.{int(self.wall % 1 * 1e6):06d}Z"
        return f"{clock} {self.monotonic:15.6f} {self.direction} {self.data.hex(' ')} [{self.verdict}]"


class FrameRing:
    """The last ``size`` frames.

    The first fault freezes it: a quarter of ``size`` more frames are kept, then nothing until ``release()``.
    """

    __slots__ = ("_frames", "_left", "_wall_clock", "size")

    def __init__(self, wall_clock: Callable[[], float], size: int = 400) -> None:
        self.size = size
        self._wall_clock = wall_clock
        self._frames: deque[Frame] = deque(maxlen=size)
        #: frames still to be kept after the first fault; None while there was none
        self._left: int | None = None

    @property
    def frozen(self) -> bool:
        """Whether it keeps nothing more."""
        return self._left == 0

    @property
    def faulted(self) -> bool:
        """Whether a fault has been seen since the last release."""
        return self._left is not None

    def add(self, monotonic: float, direction: str, data: bytes, verdict: Verdict) -> None:
        """Keep a frame, unless frozen; ``monotonic`` is the time it was sent or was complete."""
        if self._left is not None:
            if self._left == 0:
                return
            self._left -= 1
        elif verdict in _FAULTS:
            self._left = self.size // 4
        self._frames.append(Frame(self._wall_clock(), monotonic, direction, data, verdict))

    def release(self) -> None:
        """Keep frames again, and wait for the next fault; what is kept stays until it is pushed out."""
        self._left = None

    def frames(self) -> tuple[Frame, ...]:
        """The frames kept, oldest first."""
        return tuple(self._frames)

    def dump(self) -> str:
        """A transcript to read or download: wall time (UTC), monotonic time, direction, bytes, verdict."""
        return "".join(f"{frame}\n" for frame in self._frames)
