"""What every link is to the poller above it, whatever carries its frames, and what it is made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from runtime.wire.counters import LinkCounters
from runtime.wire.pdu import Reply, Request
from runtime.wire.ring import FrameRing

__all__ = ["Link", "LinkKind", "LinkSpec"]

LinkKind = Literal["tcp", "rtu-tcp", "serial"]


@dataclass(frozen=True, slots=True)
class LinkSpec:
    """How to reach one or more units over one connection."""

    #: for messages, counters and the ring
    name: str
    kind: LinkKind
    #: seconds since 1970, for the transcript only
    wall_clock: Callable[[], float] = field(kw_only=True)
    #: name or address of a device or converter ("tcp", "rtu-tcp")
    host: str = ""
    port: int = 502
    #: serial device ("serial"), such as /dev/ttyUSB0
    device: str = ""
    #: speed and format of the serial line; "" when there is none or it is unknown ("tcp", "rtu-tcp")
    line: str = "9600-8N2"
    #: the line gives back what is sent; found out by itself from reads, but not before the first one
    echo: bool = False
    #: whether answers need the time the line says they do; False for a program that answers at once
    #: behind a socket or pty. On a paced line an answer that comes sooner than it could is not ours.
    paced: bool = True
    #: silence after a time-out before the next request, seconds
    quarantine_s: float = 0.5
    #: how long an answer may come late and still be told apart, seconds; converters hold answers back for half a minute
    ghost_life_s: float = 60.0
    connect_timeout_s: float = 3.0
    #: frames kept for the transcript
    ring_size: int = 400


class Link(Protocol):
    """One connection to one or more units; one request at a time.

    Usage::

        spec = LinkSpec("mkz.shpr", "rtu-tcp", host="127.0.0.1", port=5026, wall_clock=time.time)
        link = open_link(spec)
        await link.connect()
        reply = await link.exchange(Request.read(1, 3, 0, 10), timeout_s=1.0)
        await link.close()
    """

    @property
    def name(self) -> str:
        """As in its ``LinkSpec``."""

    @property
    def kind(self) -> LinkKind:
        """What carries the frames."""

    @property
    def connected(self) -> bool:
        """Whether an exchange can be tried; False as soon as the other end is known to have gone."""

    @property
    def counters(self) -> LinkCounters:
        """Counts since the link was built."""

    @property
    def ring(self) -> FrameRing:
        """The last frames."""

    async def connect(self) -> None:
        """Make the connection; does nothing when there is one.

        Raises:
            LinkLost: it could not be made.
        """

    async def close(self) -> None:
        """Give the connection up; an exchange that is under way ends in ``LinkLost``. It may be made again."""

    async def exchange(self, request: Request, timeout_s: float) -> Reply:
        """Ask and wait for the answer; callers take turns in the order they came.

        Args:
            request: what to ask.
            timeout_s: from the moment it is sent; the wait for the line to be silent comes before. Where an older
                answer must be fenced off first, that takes another request with the same time-out.

        Raises:
            WireError: one of its children; ``LinkLost`` at once when the connection goes.
        """
