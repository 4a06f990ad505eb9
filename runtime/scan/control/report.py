"""What crosses between control room and field: an order to write, and what came of it on the wire."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from enum import StrEnum

from runtime.scan.control.spec import WriteSpec
from tagdb import Words

__all__ = ["Echo", "ReadBack", "WriteOrder", "WriteReport", "WriteStep"]


class Echo(StrEnum):
    """What is known of a write after its answer, or without one."""

    #: the device answered as it should
    ACCEPTED = "accepted"
    #: the device said no, or the write never left: surely not executed
    REFUSED = "refused"
    #: it left, and what came of it is not known
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class WriteStep:
    """One frame of a command, in words and as bytes."""

    #: seconds after the first frame
    after_s: float
    #: the frame as it goes on the wire, hex; ".. .." for a transaction number that is not known yet
    frame: str
    words: Words


@dataclass(frozen=True, slots=True)
class WriteOrder:
    """A command on its way to the wire. Executed once or not at all."""

    #: number of the operation
    id: int
    write: WriteSpec
    #: counts for a register, 0 or 1 for a coil
    raw: int
    #: seconds within which it must have begun
    live_s: float
    #: set by the control room to withdraw it; looked at before the frame that switches
    withdrawn: threading.Event = field(default_factory=threading.Event, compare=False)


@dataclass(frozen=True, slots=True)
class WriteReport:
    """The write is over."""

    id: int
    echo: Echo
    #: of ``REASONS``; "" where it was accepted
    code: str
    #: for the sentence of the code; in both languages where it has them
    detail: str | Words
    #: monotonic seconds at which the switching frame was handed over; None = it was not
    sent_at: float | None
    #: monotonic seconds from which a reading shows what came after it
    written_at: float


@dataclass(frozen=True, slots=True)
class ReadBack:
    """A setting was read back, or could not be."""

    id: int
    #: counts; None = it could not be read
    raw: int | None
    detail: str | Words = ""
