"""A command on the wire: its frames one after the other, what the answers mean, and reading back. Nothing is repeated.

Stage: orders of the control room become requests on a bus; what came of them goes back as reports.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from runtime.field.bus import Bus
from runtime.field.job import Ask
from runtime.field.wire_words import CLOSED, NO_LINK, NO_TIME, NOT_BEGUN, wire_words
from runtime.scan.control import CommandSpec, Echo, ReadBack, WriteOrder, WriteReport, WriteSpec, WriteStep
from runtime.wire import DeviceRefused, LinkKind, Request, WireError, frame_request
from tagdb import Words

__all__ = ["carry_out", "describe"]

#: Modbus exceptions after which a write was surely not executed: illegal function, address, value; busy; negative
#: acknowledge; no path in the gateway (MODBUS Application Protocol V1.1b3, clause 7). After the others, among them
#: "the target did not answer the gateway", it may have been.
_SURE = frozenset({0x01, 0x02, 0x03, 0x06, 0x07, 0x0A})
#: how long reading back may wait for the link, seconds
_READ_BACK_LIVE_S = 10.0


@dataclass(frozen=True, slots=True)
class _Frame:
    """One request of a command."""

    #: pause before it, seconds
    pause_s: float
    request: Request
    #: this one switches; those before prepare, those after let go
    switches: bool


def _frames(write: WriteSpec, raw: int) -> Iterator[_Frame]:
    if not write.coil:
        yield _Frame(0.0, Request.write_register(write.unit, write.address, raw), True)
    elif write.pulse is None:
        yield _Frame(0.0, Request.write_coil(write.unit, write.address, bool(raw)), True)
    else:
        lead_s, on_s = write.pulse
        yield _Frame(0.0, Request.write_coil(write.unit, write.address, False), False)
        yield _Frame(lead_s, Request.write_coil(write.unit, write.address, True), True)
        yield _Frame(on_s, Request.write_coil(write.unit, write.address, False), False)


def describe(command: CommandSpec, raw: int, kind: LinkKind) -> list[WriteStep]:
    """What will be sent, in words and as it goes on the wire."""
    steps = []
    after = 0.0
    for one in _frames(command.write, raw):
        after += one.pause_s
        request = one.request
        if kind == "tcp":
            # [transaction 2][protocol 2][length 2][unit 1][PDU]: the transaction's number is known when it is sent.
            pdu = request.pdu()
            head = b"\0\0" + (len(pdu) + 1).to_bytes(2, "big") + bytes((request.unit,))
            text = f".. .. {(head + pdu).hex(' ')}"
        else:
            text = frame_request(request).hex(" ")
        steps.append(WriteStep(after, text, _words(request)))
    return steps


def _words(request: Request) -> dict[str, str]:
    what = request.values[0]
    if request.function == 5:
        en = f"unit {request.unit}, function 05: coil {request.address} {'ON' if what else 'OFF'}"
        ru = f"адрес {request.unit}, функция 05: катушка {request.address} {'ВКЛ' if what else 'ОТКЛ'}"
    else:
        en = f"unit {request.unit}, function 06: register {request.address} = {what}"
        ru = f"адрес {request.unit}, функция 06: регистр {request.address} = {what}"
    return {"en": en, "ru": ru}


async def carry_out(bus: Bus | None, order: WriteOrder, report: Callable[[WriteReport | ReadBack], None]) -> None:
    """Write once, tell what came of it, and read back where the command says so. In the field's loop."""
    loop = asyncio.get_running_loop()
    if bus is None:
        report(_refused(order, "not-sent", NO_LINK, loop.time()))
        return
    write = _Write(order, loop)
    if order.withdrawn.is_set():
        report(_refused(order, "cancelled", "", loop.time()))
        return
    try:
        await bus.perform(write.run, order.live_s)
    except TimeoutError:
        report(_refused(order, "expired", "", loop.time()))
        return
    except asyncio.CancelledError:
        # The bus ended under it: a reload, or the end of the program.
        report(write.interrupted(loop.time()))
        return
    result = write.result
    report(result)
    if order.write.read_back and result.echo is not Echo.REFUSED:
        report(await _read_back(bus, order))


def _refused(order: WriteOrder, code: str, detail: str | Words, now: float) -> WriteReport:
    return WriteReport(order.id, Echo.REFUSED, code, detail, None, now)


class _Write:
    """The frames of one order, with the link to itself."""

    def __init__(self, order: WriteOrder, loop: asyncio.AbstractEventLoop) -> None:
        self._order = order
        self._loop = loop
        #: when the frame that switches was handed over; None = not yet
        self._sent_at: float | None = None
        self.result = _refused(order, "not-sent", NOT_BEGUN, loop.time())

    async def run(self, ask: Ask) -> None:
        """Send the frames; ``result`` tells what came of it. Never raises a WireError."""
        order, timeout_s = self._order, self._order.write.timeout_s
        for frame in _frames(order.write, order.raw):
            if frame.pause_s:
                await asyncio.sleep(frame.pause_s)
            if self._sent_at is None and order.withdrawn.is_set():
                self.result = _refused(order, "cancelled", "", self._loop.time())
                return
            if frame.switches:
                self._sent_at = self._loop.time()
            try:
                await ask(frame.request, timeout_s)
            except WireError as error:
                if frame.switches:
                    self.result = self._failed(error)
                elif self._sent_at is None:
                    code = "refused-by-device" if isinstance(error, DeviceRefused) else "no-answer-first"
                    self.result = _refused(order, code, wire_words(error), self._loop.time())
                if self._sent_at is None or self.result.echo is Echo.REFUSED:
                    return
                # After a lost answer the key is still let go: OFF switches nothing.
            else:
                if frame.switches:
                    self.result = self._told(Echo.ACCEPTED, "", "")

    def interrupted(self, now: float) -> WriteReport:
        """What to say when the bus ended under it."""
        if self._sent_at is None:
            return _refused(self._order, "not-sent", CLOSED, now)
        if self.result.echo is Echo.ACCEPTED:
            return self.result
        return self._told(Echo.UNKNOWN, "answer-lost", CLOSED)

    def _failed(self, error: WireError) -> WriteReport:
        if not error.sent:
            return _refused(self._order, "not-sent", wire_words(error), self._loop.time())
        if isinstance(error, DeviceRefused) and error.code in _SURE:
            return self._told(Echo.REFUSED, "refused-by-device", wire_words(error))
        return self._told(Echo.UNKNOWN, "answer-lost", wire_words(error))

    def _told(self, echo: Echo, code: str, detail: str | Words) -> WriteReport:
        return WriteReport(self._order.id, echo, code, detail, self._sent_at, self._loop.time())


async def _read_back(bus: Bus, order: WriteOrder) -> ReadBack:
    """Read what was written, once it can have settled; between two polls. Tried twice, since reading harms nobody."""
    write = order.write
    request = Request.read(write.unit, 1 if write.coil else 3, write.address, 1)
    detail: str | Words = ""
    for _attempt in range(2):
        await asyncio.sleep(write.settle_s)
        try:
            reply = await bus.submit(request, write.timeout_s, _READ_BACK_LIVE_S)
        except WireError as error:
            detail = wire_words(error)
        except TimeoutError:
            detail = NO_TIME
        except asyncio.CancelledError:
            return ReadBack(order.id, None, CLOSED)
        else:
            raw = reply.data[0] & 1 if write.coil else int.from_bytes(reply.data[:2], "big")
            return ReadBack(order.id, raw)
    return ReadBack(order.id, None, detail)
