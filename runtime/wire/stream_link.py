"""A link over any stream of RTU bytes: the exchange driven by an event loop, whoever owns the bytes' transport."""

from __future__ import annotations

import asyncio
import math
from abc import ABC, abstractmethod

from runtime.wire.counters import LinkCounters
from runtime.wire.errors import AnswerPending, BadFrame, DeviceRefused, LinkLost, NoResponse, Place, WrongReply
from runtime.wire.exchange import Exchange
from runtime.wire.link import LinkKind, LinkSpec
from runtime.wire.opened import Event, ExchangeSettings
from runtime.wire.pdu import Reply, Request
from runtime.wire.ring import FrameRing, Verdict
from runtime.wire.rtu import LineTiming

__all__ = ["StreamLink"]


class StreamLink(ABC):
    """Everything of an RTU link but its transport, which a subclass opens, closes and writes to.

    The subclass calls ``_received`` with bytes and ``_lost`` when the transport has gone.
    """

    def __init__(self, spec: LinkSpec) -> None:
        self.spec = spec
        self.counters = LinkCounters()
        self.ring = FrameRing(spec.wall_clock, spec.ring_size)
        settings = ExchangeSettings(
            line=LineTiming.parse(spec.line) if spec.line else None,
            echo=spec.echo,
            paced=spec.paced,
            quarantine_s=spec.quarantine_s,
            ghost_life_s=spec.ghost_life_s,
        )
        self._machine = Exchange(spec.name, self.counters, settings)
        self._turn = asyncio.Lock()
        self._answer: asyncio.Future[Reply] | None = None
        self._stirred: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._connected = False
        self._connected_before = False
        self._loop: asyncio.AbstractEventLoop | None = None

    # What the transport does

    @abstractmethod
    async def _open(self) -> None:
        """Open the transport, or raise ``LinkLost``."""

    @abstractmethod
    def _close(self) -> None:
        """Close the transport, if it is open."""

    @abstractmethod
    def _write(self, data: bytes) -> None:
        """Hand the bytes over to the transport, all of them; ``_lost`` if that fails."""

    # What the poller sees

    @property
    def name(self) -> str:
        """As in its ``LinkSpec``."""
        return self.spec.name

    @property
    def kind(self) -> LinkKind:
        """What carries the frames."""
        return self.spec.kind

    @property
    def connected(self) -> bool:
        """Whether the transport is open."""
        return self._connected

    async def connect(self) -> None:
        """Open the transport; see ``Link.connect``."""
        async with self._turn:
            if self._connected:
                return
            self._loop = asyncio.get_running_loop()
            await self._open()
            self._connected = True
            if self._connected_before:
                self.counters.reconnects += 1
            self._connected_before = True

    async def close(self) -> None:
        """Close the transport; see ``Link.close``."""
        self._lost("closed", by_us=True)

    async def exchange(self, request: Request, timeout_s: float) -> Reply:
        """Ask and wait for the answer; see ``Link.exchange``."""
        async with self._turn:
            loop = self._loop
            if not self._connected or loop is None:
                raise LinkLost(request.place(self.name), "not connected", sent=False)
            # First the silence: a late answer that comes meanwhile makes the fence needless.
            await self._wait_for_silence(request, timeout_s, loop)
            if self._machine.ambiguous(request, loop.time()):
                await self._fence(request, timeout_s, loop)
            return await self._ask(request, timeout_s, loop)

    # How it is asked

    async def _fence(self, request: Request, timeout_s: float, loop: asyncio.AbstractEventLoop) -> None:
        """Read something of another shape, so that no late answer can be taken for the one of ``request``."""
        probe = self._machine.fence(request, loop.time())
        if probe is None:
            raise AnswerPending(request.place(self.name))
        try:
            await self._ask(probe, timeout_s, loop)
        except DeviceRefused:
            pass  # a refusal is an answer too: nothing older follows it
        except (NoResponse, BadFrame, WrongReply, LinkLost) as error:
            first = f"asked for {probe.count} at {probe.address} first, to fence off a late answer: {error.reason}"
            raise type(error)(request.place(self.name), first, sent=False) from error
        if self._machine.ambiguous(request, loop.time()):
            raise AnswerPending(request.place(self.name))

    async def _ask(self, request: Request, timeout_s: float, loop: asyncio.AbstractEventLoop) -> Reply:
        await self._wait_for_silence(request, timeout_s, loop)
        now = loop.time()
        answer: asyncio.Future[Reply] = loop.create_future()
        self._answer = answer
        data = self._machine.send(request, now, timeout_s)
        self.ring.add(now, ">", data, Verdict.REQUEST)
        self._set_timer(loop)
        self._write(data)
        try:
            return await answer
        finally:
            self._answer = None
            if not self._machine.idle:  # cancelled: the answer has nobody to go to any more
                self._tell(self._machine.abandon(loop.time()), loop.time())
            self._set_timer(loop)

    async def _wait_for_silence(self, request: Request, timeout_s: float, loop: asyncio.AbstractEventLoop) -> None:
        ready, now = self._machine.ready_at(), loop.time()
        give_up = max(ready, now) + timeout_s
        while ready > now:
            if now >= give_up:
                raise BadFrame(request.place(self.name), "not asked, the line is never silent", sent=False)
            # Woken by bytes as well: a late answer ends the quarantine before its time.
            self._stirred = loop.create_future()
            timer = loop.call_at(ready, self._stir)
            try:
                await self._stirred
            finally:
                self._stirred = None
                timer.cancel()
            if not self._connected:
                raise LinkLost(request.place(self.name), "connection lost", sent=False)
            ready, now = self._machine.ready_at(), loop.time()

    def _stir(self) -> None:
        if self._stirred is not None and not self._stirred.done():
            self._stirred.set_result(None)

    # What the transport reports

    def _received(self, data: bytes) -> None:
        loop = self._loop
        if loop is None:
            return
        now = loop.time()
        self._tell(self._machine.receive(data, now), now)
        self._stir()
        self._set_timer(loop)

    def _lost(self, why: str, *, by_us: bool = False) -> None:
        """The transport has gone, for the reason given; an open request fails at once."""
        if not self._connected or self._loop is None:
            return
        self._connected = False
        self._close()
        now = self._loop.time()
        self._machine.reset(now)
        self._set_timer(self._loop)
        if not by_us:
            self.ring.add(now, "!", b"", Verdict.LOST)
        self._stir()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(LinkLost(Place(self.name), why))

    def _tick(self) -> None:
        loop = self._loop
        if loop is None:
            return
        now = loop.time()
        self._timer = None
        self._tell(self._machine.tick(now), now)
        self._set_timer(loop)

    def _set_timer(self, loop: asyncio.AbstractEventLoop) -> None:
        due = self._machine.next_deadline()
        if self._timer is not None:
            if self._timer.when() == due:
                return
            self._timer.cancel()
            self._timer = None
        if due < math.inf:
            self._timer = loop.call_at(due, self._tick)

    def _tell(self, events: list[Event], now: float) -> None:
        for event in events:
            self.ring.add(now, "<" if event.data else "!", event.data, event.verdict)
            answer = self._answer
            if answer is None or answer.done():
                continue
            if event.reply is not None:
                answer.set_result(event.reply)
            elif event.error is not None:
                answer.set_exception(event.error)
