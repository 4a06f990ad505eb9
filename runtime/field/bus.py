"""One link and all devices on it: connect, take turns, commands between two reads, back off, adapt.

A bus is a connection, not a device: converters and gateways carry several units and few clients.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from registermaps import LinkCost
from runtime.field.block import BlockRead
from runtime.field.device import CommState, Device
from runtime.field.health import HealthTags
from runtime.field.job import Ask, Job
from runtime.field.spec import BusSpec, DeviceSpec
from runtime.wire import AnswerPending, DeviceRefused, Link, LinkLost, NoResponse, Reply, Request, WireError
from tagdb import Inbox

__all__ = ["Bus"]

log = logging.getLogger("scada.field")

#: a link is not asked for less than this many registers at once, however often large reads fail
SMALLEST_READ = 8
#: unanswered requests in a row after which a connection that looks alive is opened anew (field trouble 17)
DEAD_AFTER = 8
#: how long a read that was answered shows that reads of its size work, seconds
LATELY_S = 60.0
#: first pause before a link whose reads were made smaller tries larger ones again, and the longest, seconds
GROW_AFTER_S = (600.0, 6 * 3600.0)


class Bus:
    """The poller of one link."""

    def __init__(
        self,
        spec: BusSpec,
        link: Link,
        inbox: Inbox,
        wall: Callable[[], float],
        dice: random.Random,
        make_cost: Callable[[BusSpec, int], LinkCost],
    ) -> None:
        """``make_cost``: what a read costs on this link, for a largest read of so many registers."""
        self.spec = spec
        self.link = link
        self._inbox = inbox
        self._wall = wall
        self._dice = dice
        self._make_cost = make_cost
        self.max_registers = spec.max_registers
        self.devices: dict[str, Device] = {}
        self.ended = False
        self._commands: deque[Job] = deque()
        self._wake = asyncio.Event()
        self._health = HealthTags(spec.health, inbox, spec.link.name)
        self._error = ""
        self._backoff = 0
        self._reconnect_at = 0.0
        self._unanswered = 0
        #: size of a read -> monotonic time at which one of that size was last answered
        self._answered_sizes: dict[int, float] = {}
        self._grow_pause_s = GROW_AFTER_S[0]
        self._grow_at = math.inf
        self._busy_s = 0.0
        self._health_due = 0.0
        self._health_at: float | None = None
        self._response_s = 0.0
        self._utilisation = 0.0

    @property
    def cost(self) -> LinkCost:
        """What a read costs on this link now."""
        return self._make_cost(self.spec, self.max_registers)

    def set_devices(self, specs: Sequence[DeviceSpec], now: float) -> None:
        """Take a set of devices over: those whose spec did not change stay as they are, mid-cycle and all."""
        kept = {spec.name: device for spec in specs if (device := self.devices.get(spec.name)) and device.spec == spec}
        for index, spec in enumerate(specs):
            if spec.name not in kept:
                kept[spec.name] = self._make_device(spec, now, index, len(specs))
                if before := self.devices.get(spec.name):
                    kept[spec.name].take_over(before)
        self.devices = {spec.name: kept[spec.name] for spec in specs}
        self._wake.set()

    def submit(self, request: Request, timeout_s: float, live_s: float) -> asyncio.Future[Reply]:
        """Have one request sent before the next read; see ``perform``."""
        return self.perform(lambda ask: ask(request, timeout_s), live_s)

    def perform(self, work: Callable[[Ask], Awaitable[Any]], live_s: float) -> asyncio.Future[Any]:
        """Give the link to a command before the next read. TimeoutError when it could not be begun within ``live_s``.

        Never repeated here: whoever gave it looks at what became of it. Cancel the future to withdraw it in time.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._commands.append(Job(work, loop.time() + live_s, future))
        self._wake.set()
        return future

    def end(self) -> None:
        """Stop after what is under way; cancelling the task ends that too."""
        self.ended = True
        self._wake.set()

    async def run(self) -> None:
        """Serve the link until cancelled, or until ``end``."""
        try:
            while not self.ended:
                await self._turn()
        finally:
            for command in self._commands:
                command.future.cancel()
            await self.link.close()

    async def _turn(self) -> None:
        """One thing at a time: connect, or a command, or a read, or wait for what is due next."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        if now >= self._health_due:
            self.post_health(now)
            self._grow_again(now)
        if not self.link.connected and now >= self._reconnect_at:
            await self._connect()
            return
        self._expire_commands(now)
        if self._commands and self.link.connected:
            await self._command(self._commands.popleft())
            return
        device = min(self.devices.values(), key=lambda device: device.due, default=None)
        if device is not None and device.due <= now:
            if not self.link.connected:
                device.unreachable(self._error or "not connected", now)
            elif read := device.next_read(now):
                await self._read(device, read)
            return
        until = min(device.due if device else now + 1.0, self._health_due)
        until = min([until, *(command.expires for command in self._commands)])
        if not self.link.connected:
            until = min(until, self._reconnect_at)
        await self._sleep(max(0.0, until - now))

    async def _sleep(self, seconds: float) -> None:
        self._wake.clear()
        handle = asyncio.get_running_loop().call_later(seconds, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            handle.cancel()

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await self.link.connect()
        except LinkLost as error:
            self._lost(error)
            return
        self._unanswered = 0
        self._error = ""
        log.info("link %s: connected to %s", self.spec.link.name, _address(self.spec))
        now = loop.time()
        for index, device in enumerate(self.devices.values()):
            device.reconnected(now + device.period_s * index / len(self.devices))
        self.post_health(now)

    def _lost(self, error: WireError) -> None:
        now = asyncio.get_running_loop().time()
        pause = min(self.spec.reconnect_max_s, self.spec.reconnect_min_s * 2 ** min(self._backoff, 20))
        self._backoff += 1
        # With jitter, so that a hundred links that fell together do not come back together.
        self._reconnect_at = now + pause * self._dice.uniform(0.5, 1.0)
        if error.reason != self._error:
            log.warning("link %s: %s; trying again", self.spec.link.name, error.reason)
        self._error = error.reason
        self.post_health(now)

    async def _command(self, command: Job) -> None:
        loop = asyncio.get_running_loop()
        if command.future.done() or loop.time() > command.expires:
            self._refuse(command)
            return
        try:
            result = await command.work(self._exchange)
        except WireError as error:
            if not command.future.done():
                command.future.set_exception(error)
        except BaseException:
            command.future.cancel()  # nobody is left waiting, whatever ends this poller
            raise
        else:
            if not command.future.done():
                command.future.set_result(result)

    def _expire_commands(self, now: float) -> None:
        """A command that could not be sent in time must not be sent any more."""
        for command in [command for command in self._commands if command.expires <= now]:
            self._commands.remove(command)
            self._refuse(command)

    def _refuse(self, command: Job) -> None:
        if not command.future.done():
            message = f"link {self.spec.link.name}: the command could not be sent in time"
            command.future.set_exception(TimeoutError(message))

    async def _read(self, device: Device, read: BlockRead) -> None:
        loop = asyncio.get_running_loop()
        retries = 0 if device.state is CommState.OFFLINE else device.spec.retries
        while True:
            try:
                reply = await self._exchange(read.request, device.spec.timeout_s)
            except DeviceRefused as error:
                self._failed(device, read, error, loop.time())
                return
            except WireError as error:
                if retries and self.link.connected:
                    retries -= 1
                    if self._commands:  # a command does not wait for a repeat
                        await self._command(self._commands.popleft())
                    continue
                self._failed(device, read, error, loop.time())
                await self._reconnect_if_dead(error)
                return
            break
        if self.devices.get(device.name) is device:  # a reload may have replaced it meanwhile
            self._answered_sizes[read.block.count] = loop.time()
            device.answered(read, reply, loop.time())

    def _failed(self, device: Device, read: BlockRead, error: WireError, now: float) -> None:
        if self.devices.get(device.name) is not device:
            return
        device.failed(read, error, now)
        block = read.block
        if isinstance(error, LinkLost | AnswerPending) or not device.keeps_failing(read) or len(block.points) == 1:
            return
        lately = any(size >= block.count and now - at < LATELY_S for size, at in self._answered_sizes.items())
        if lately or block.count <= SMALLEST_READ:
            device.split(read, self.cost)  # others of its size work: it is this one alone
        else:
            self._halve(block.count, now)

    async def _exchange(self, request: Request, timeout_s: float) -> Reply:
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            reply = await self.link.exchange(request, timeout_s)
        except DeviceRefused:
            self._unanswered = self._backoff = 0
            raise
        except LinkLost as error:
            self._lost(error)
            raise
        except NoResponse as error:
            # Garbled bytes show that somebody is there, and a request that was not even sent shows nothing.
            self._unanswered += not isinstance(error, AnswerPending)
            raise
        finally:
            self._busy_s += loop.time() - started
        self._unanswered = self._backoff = 0  # only now: some accept a connection just to close it
        self._response_s = reply.elapsed_s
        if self.spec.pause_s:
            await asyncio.sleep(self.spec.pause_s)
        return reply

    async def _reconnect_if_dead(self, error: WireError) -> None:
        if self.link.connected and self._unanswered >= DEAD_AFTER:
            await self.link.close()
            self._unanswered = 0
            self._lost(error)

    def _halve(self, count: int, now: float) -> None:
        """Large reads keep failing although small ones are answered: ask for less at once."""
        largest_point = max((device.largest_point for device in self.devices.values()), default=1)
        self.max_registers = max(SMALLEST_READ, largest_point, min(self.max_registers, count) // 2)
        log.warning(
            "link %s: reads of %d registers keep failing; the largest read is now %d",
            self.spec.link.name, count, self.max_registers,
        )  # fmt: skip
        self._grow_at = now + self._grow_pause_s
        self._grow_pause_s = min(2 * self._grow_pause_s, GROW_AFTER_S[1])
        self._replan(now)

    def _grow_again(self, now: float) -> None:
        """The line may have been disturbed for a while only: try larger reads, more and more rarely if that fails."""
        if now < self._grow_at:
            return
        self.max_registers = min(2 * self.max_registers, self.spec.max_registers)
        self._grow_at = math.inf if self.max_registers == self.spec.max_registers else now + GROW_AFTER_S[0]
        log.info("link %s: trying reads of up to %d registers again", self.spec.link.name, self.max_registers)
        self._replan(now)

    def _replan(self, now: float) -> None:
        for device in self.devices.values():
            device.replan(self.cost, now)

    def _make_device(self, spec: DeviceSpec, now: float, index: int, count: int) -> Device:
        base = min((poll.period_s for poll in spec.polls.values()), default=1.0)
        first = now + base * index / count + self._dice.uniform(0, base / count)
        return Device(spec, self.cost, self._inbox, self._wall, first)

    def post_health(self, now: float) -> None:
        """Send the link's tags; once a second, and when the connection comes or goes."""
        elapsed = now - self._health_at if self._health_at is not None else 0.0
        if elapsed >= 0.5:
            self._utilisation = min(100.0, 100 * self._busy_s / elapsed)
            self._busy_s, self._health_at = 0.0, now
        elif self._health_at is None:
            self._health_at = now
        self._health_due = now + 1.0
        values: dict[str, float | str] = {
            "connected": self.link.connected,
            "error": self._error,
            "max_registers": self.max_registers,
            "utilisation_pct": round(self._utilisation, 1),
            "ring_frozen": self.link.ring.frozen,
            "response_ms": round(self._response_s * 1000, 1),
        }
        values.update(counter_values(self.link))
        self._health.post(values, self._wall(), now)


def counter_values(link: Link) -> Mapping[str, int]:
    """The counters of a link by name."""
    counters = link.counters
    return {name: getattr(counters, name) for name in counters.__slots__}


def _address(spec: BusSpec) -> str:
    link = spec.link
    return link.device or f"{link.host}:{link.port}"
