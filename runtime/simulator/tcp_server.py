"""Modbus TCP controllers as pymodbus servers: their framing and function code, our registers and faults."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from functools import partial
from random import Random
from typing import Any

from pymodbus.constants import ExcCodes
from pymodbus.pdu import ExceptionResponse, ModbusPDU
from pymodbus.server import ModbusTcpServer
from pymodbus.server.requesthandler import ServerRequestHandler
from pymodbus.simulator import DataType, SimData, SimDevice
from pymodbus.transport import ModbusProtocol

from runtime.simulator.controller import Controller, Verdict
from runtime.simulator.line_faults import LineFaults, MbapFraming, intercept, spend_echo_fault, treat, wrong_echo

__all__ = ["TcpLink"]

COILS = 64
#: bytes before the function code: transaction, protocol, length, unit
_HEADER = 7


class TcpLink:
    """One port with its units behind it."""

    def __init__(self, units: Mapping[int, Controller], rng: Random) -> None:
        self.units = units
        self.rng = rng
        self.faults = LineFaults()
        self.unit_faults: dict[int, LineFaults] = {unit: LineFaults() for unit in units}
        self._server: _Server | None = None

    async def start(self, listener: socket.socket) -> None:
        """Serve on a socket that is bound already."""
        server = self._server = _Server(self)
        # pymodbus would bind by itself and only log that it could not.
        server.call_create = partial(
            asyncio.get_running_loop().create_server, server.handle_new_connection, sock=listener
        )
        await server.serve_forever(background=True)

    def close(self) -> None:
        """Stop listening and cut all connections; ``start`` with a new socket serves again."""
        if self._server is not None:
            for connection in list(self._server.active_connections.values()):
                _stream(connection).abort()
            self._server.close()
            self._server = None

    @property
    def serving(self) -> bool:
        """Whether connections are taken."""
        return self._server is not None

    @property
    def offline(self) -> bool:
        """Whether connections are refused: the link is off, or its only controller."""
        return self.faults.offline or (len(self.units) == 1 and all(each.offline for each in self.unit_faults.values()))


class _Server(ModbusTcpServer):
    def __init__(self, link: TcpLink) -> None:
        self.link = link
        super().__init__([_device(unit) for unit in link.units.values()], address=("127.0.0.1", 0))

    def callback_new_connection(self) -> ServerRequestHandler:
        return _Handler(self)


class _Handler(ServerRequestHandler):
    """Answers through pymodbus's own request objects, in between which the faults sit."""

    def __init__(self, server: _Server) -> None:
        super().__init__(server, None, None, None)  # type: ignore[no-untyped-call]
        self.link = server.link
        self._framing = MbapFraming()
        self._tasks: set[asyncio.Task[None]] = set()

    def callback_disconnected(self, exc: Exception | None) -> None:
        super().callback_disconnected(exc)
        for task in self._tasks:
            task.cancel()

    def callback_data(self, data: bytes, addr: tuple[Any, ...] | None = None) -> int:
        # pymodbus takes one request from what arrived, and looks at it once more after it has been served: a second
        # one behind it would wait for a third, and a delayed answer carry the next request's transaction id.
        used = 0
        while used < len(data):
            taken: int = super().callback_data(data[used:], addr)
            request, self.last_pdu = self.last_pdu, None
            if request is not None:
                task = self.loop.create_task(self._serve(request))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            if not taken:
                break
            used += taken
        return used

    async def _serve(self, request: ModbusPDU) -> None:
        controller = self.link.units.get(request.dev_id)
        if controller is None:
            return
        sources = (self.link.unit_faults[request.dev_id], self.link.faults)
        if any(faults.close for faults in sources):
            for faults in sources:
                faults.close = False
            _stream(self).abort()
            return
        verdict = intercept(sources, request.function_code, request.address, request.count or 1)
        if verdict is Verdict.SILENT or (verdict is None and request.function_code not in controller.functions):
            return
        fault, seconds = "", 0.0
        if verdict is Verdict.FORCED:
            code = next(each.exception for each in sources if each.exception)
            answer: ModbusPDU = ExceptionResponse(request.function_code, code)
        else:
            fault, seconds = spend_echo_fault(sources, request.function_code, _word(request))
            if fault == "refuse-write":
                answer = ExceptionResponse(request.function_code, int(seconds))
            else:
                answer = await request.datastore_update(self.server.context, request.dev_id)
            if fault == "cut-echo":
                _stream(self).abort()
            if fault in ("cut-echo", "lost-echo"):
                return
        answer.transaction_id, answer.dev_id = request.transaction_id, request.dev_id
        frame = self.framer.buildFrame(answer)
        if fault == "wrong-echo":
            frame = frame[:_HEADER] + wrong_echo(frame[_HEADER:])
        for chunk in treat(sources, frame, self._framing, self.link.rng):
            if delay_s := chunk.delay_s + (seconds if fault == "late-echo" else 0.0):
                self.loop.call_later(delay_s, self._write, chunk.data)
            else:
                self._write(chunk.data)

    def _write(self, data: bytes) -> None:
        # pymodbus takes the transport away when the connection is lost.
        if self.is_active() and not self.transport.is_closing():
            _stream(self).write(data)


def _word(request: ModbusPDU) -> int:
    """What a write of one coil or register carries; 0 for anything else."""
    if request.function_code == 5:
        return 0xFF00 if request.bits and request.bits[0] else 0
    return 0


def _stream(connection: ModbusProtocol) -> asyncio.Transport:
    assert isinstance(connection.transport, asyncio.Transport)  # noqa: S101  create_server makes no other
    return connection.transport


def _device(controller: Controller) -> SimDevice:
    """The unit as pymodbus keeps one: its words are copied from the controller at each read."""
    # A list of values, since "count" of one value builds its square in this version.
    holding = [
        SimData(first, values=[0] * (last - first + 1), datatype=DataType.REGISTERS)
        for first, last in controller.bank.areas
    ]
    coils = SimData(0, values=[False] * COILS, datatype=DataType.BITS)
    # Settings that can be written and not read stand outside the areas.
    settings = [
        SimData(address, values=0, datatype=DataType.REGISTERS)
        for address in controller.write_only
        if not controller.bank.holds(address, 1)
    ]
    blocks = ([coils], [SimData(0, values=[False] * 16, datatype=DataType.BITS)], [*holding, *settings], [*holding])
    return SimDevice(id=controller.unit, simdata=blocks, action=partial(_access, controller))


async def _access(
    controller: Controller, function: int, start: int, address: int, count: int, registers: list[int],
    values: list[int] | list[bool] | None,
) -> ExcCodes | None:  # fmt: skip
    """Called by pymodbus before it reads or writes: bring its copy up to date, or do what the write says."""
    if values is None:
        if function in (3, 4):
            words = controller.read(address, count)
            if words is None:
                return ExcCodes.ILLEGAL_ADDRESS
            registers[address - start : address - start + count] = words
        elif function == 1:
            coils = controller.read_coils(0, COILS) or controller.read_coils(0, 25) or []
            for place, on in enumerate(coils):
                bit = 1 << place % 16
                registers[place // 16] = registers[place // 16] & ~bit | (bit if on else 0)
        return None
    if function == 5:
        verdict = controller.take_coil(address, bool(values[0]))
    else:
        verdict = controller.take_register(address, values[0])
    if verdict is Verdict.OK:
        controller.publish()
        return None
    return ExcCodes.ILLEGAL_VALUE if verdict is Verdict.ILLEGAL_VALUE else ExcCodes.ILLEGAL_ADDRESS
