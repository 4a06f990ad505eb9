"""Commands over the runtime's own Modbus TCP link to a real server on loopback, with a fault at each step.

The table of every command over both kinds of links (``tests/runtime/test_command_outcomes.py``) runs in virtual time
and so without sockets; here is what only a socket can do: closing, splitting, late and foreign answers.

    fault          what the server does to the frame that switches
    close          takes it and closes the connection
    exception N    refuses it with Modbus exception N
    other value    echoes another address
    strangers      sends the answers of another transaction, of another unit and of another function before its own
    bytewise       sends its answer byte by byte
    late           keeps its answer back, and sends it ahead of the next one
    other unit     answers under another unit's number, and nothing more
    first ...      the same with the OFF that prepares a pulse
"""

from __future__ import annotations

import asyncio
import random
import socket
import time
from dataclasses import dataclass, field

import pytest

from runtime.field import Bus, BusSpec, carry_out, link_cost
from runtime.scan.control import Echo, ReadBack, WriteOrder, WriteReport, WriteSpec
from runtime.wire import LinkSpec, open_link
from tagdb import Inbox
from tests.support.bench import LINK_HEALTH

PULSE = WriteSpec("line", 7, True, 4, (0.001, 0.001), False, 0.0, 30.0)
REGISTER = WriteSpec("line", 7, False, 4352, None, True, 0.0, 30.0)


@dataclass
class Server:
    """Unit 7 behind one port: takes coils and registers, and does to one write what the fault says."""

    fault: str
    #: frames that switch, as they arrived
    switched: int = 0
    writes: int = 0
    registers: dict[int, int] = field(default_factory=dict)
    kept_back: bytes = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readexactly(7)
                pdu = await reader.readexactly(int.from_bytes(head[4:6], "big") - 1)
                if not await self._answer(head, pdu, writer):
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client is done
        finally:
            writer.close()

    async def _answer(self, head: bytes, pdu: bytes, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection goes on."""
        writing = pdu[0] in (5, 6)
        switching = writing and not (pdu[0] == 5 and pdu[3:5] == b"\0\0")
        self.writes += writing
        self.switched += switching
        prepares = writing and not switching and self.writes == 1
        fault = self.fault if switching else self.fault.removeprefix("first ") if prepares else ""
        if prepares and not self.fault.startswith("first "):
            fault = ""
        if pdu[0] == 6 and not fault.startswith("exception"):
            self.registers[int.from_bytes(pdu[1:3], "big")] = int.from_bytes(pdu[3:5], "big")
        answer = self._good(pdu)
        if fault == "close":
            return False
        if fault.startswith("exception "):
            answer = bytes((pdu[0] | 0x80, int(fault.split()[1])))
        if fault == "other value":
            answer = answer[:1] + b"\0\1" + answer[3:]
        if fault == "strangers":
            other = bytes(((head[0] + 1) % 256,)) + head[1:2]
            writer.write(frame(other, 7, answer) + frame(head[:2], 8, answer) + frame(head[:2], 7, b"\x03\x02\0\0"))
        if fault == "other unit":
            writer.write(frame(head[:2], 8, answer))
            return True
        if fault == "late":
            self.kept_back = frame(head[:2], head[6], answer)
            return True
        data = self.kept_back + frame(head[:2], head[6], answer)
        self.kept_back = b""
        for piece in ([bytes((byte,)) for byte in data] if fault == "bytewise" else [data]):
            writer.write(piece)
            await writer.drain()
        return True

    def _good(self, pdu: bytes) -> bytes:
        if pdu[0] == 3:
            return b"\x03\x02" + self.registers.get(int.from_bytes(pdu[1:3], "big"), 0).to_bytes(2, "big")
        return pdu


def frame(transaction: bytes, unit: int, pdu: bytes) -> bytes:
    return transaction + b"\0\0" + (len(pdu) + 1).to_bytes(2, "big") + bytes((unit,)) + pdu


async def outcome(server: Server, order: WriteOrder, open_port: bool = True) -> list[WriteReport | ReadBack]:
    """What is reported of an order that is carried out over a real connection."""
    port_of_ours = socket.socket()
    port_of_ours.bind(("127.0.0.1", 0))  # as long as nobody listens on it, connections are refused
    port = port_of_ours.getsockname()[1]
    listening = await asyncio.start_server(server.serve, sock=port_of_ours) if open_port else None
    link = open_link(LinkSpec("line", "tcp", host="127.0.0.1", port=port, wall_clock=time.time))
    spec = BusSpec(link.spec, 100, 0.0, 0.01, 0.01, {key: slot for slot, key in enumerate(LINK_HEALTH)})
    bus = Bus(spec, link, Inbox(), time.time, random.Random(1), link_cost)
    running = asyncio.get_running_loop().create_task(bus.run())
    reports: list[WriteReport | ReadBack] = []
    await carry_out(bus, order, reports.append)
    bus.end()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    if listening:
        listening.close()
    port_of_ours.close()
    return reports


@pytest.mark.parametrize(
    ("fault", "echo", "code", "switched"),
    [
        ("", Echo.ACCEPTED, "", 1),
        ("strangers", Echo.ACCEPTED, "", 1),
        ("bytewise", Echo.ACCEPTED, "", 1),
        ("close", Echo.UNKNOWN, "answer-lost", 1),
        ("other value", Echo.UNKNOWN, "answer-lost", 1),
        ("exception 2", Echo.REFUSED, "refused-by-device", 1),
        ("exception 6", Echo.REFUSED, "refused-by-device", 1),
        ("exception 10", Echo.REFUSED, "refused-by-device", 1),
        ("exception 4", Echo.UNKNOWN, "answer-lost", 1),
        ("exception 5", Echo.UNKNOWN, "answer-lost", 1),
        ("exception 11", Echo.UNKNOWN, "answer-lost", 1),
        ("first close", Echo.REFUSED, "no-answer-first", 0),
        ("first other value", Echo.REFUSED, "no-answer-first", 0),
        ("first exception 2", Echo.REFUSED, "refused-by-device", 0),
    ],
)
def test_a_pulse(fault: str, echo: Echo, code: str, switched: int) -> None:
    server = Server(fault)
    (report,) = asyncio.run(outcome(server, WriteOrder(1, PULSE, 1, 30.0)))
    assert isinstance(report, WriteReport)
    assert (report.echo, report.code) == (echo, code)
    assert server.switched == switched, "the frame that switches is never sent twice"


@pytest.mark.parametrize("fault", ["", "strangers", "bytewise", "close", "other value"])
def test_a_setting_is_read_back_whatever_became_of_its_echo(fault: str) -> None:
    server = Server(fault)
    written, read = asyncio.run(outcome(server, WriteOrder(1, REGISTER, 625, 30.0)))
    assert isinstance(written, WriteReport)
    assert written.echo is (Echo.ACCEPTED if fault in ("", "strangers", "bytewise") else Echo.UNKNOWN)
    assert read == ReadBack(1, 625)
    assert (server.switched, server.writes) == (1, 1)


@pytest.mark.parametrize("fault", ["late", "other unit"])
def test_an_answer_that_comes_late_or_from_somebody_else_is_not_taken_for_one(fault: str) -> None:
    """The late echo arrives ahead of the answer to reading back, under its own transaction number."""
    server = Server(fault)
    hasty = WriteSpec("line", 7, False, 4352, None, True, 0.0, 0.5)
    written, read = asyncio.run(outcome(server, WriteOrder(1, hasty, 625, 30.0)))
    assert isinstance(written, WriteReport)
    assert (written.echo, written.code) == (Echo.UNKNOWN, "answer-lost")
    assert isinstance(read, ReadBack)
    assert read.raw in (625, None), "None only where this machine was too slow for half a second, twice"
    assert server.switched == 1


def test_nothing_is_sent_where_nobody_listens() -> None:
    server = Server("")
    (report,) = asyncio.run(outcome(server, WriteOrder(1, PULSE, 1, 0.2), open_port=False))
    assert isinstance(report, WriteReport)
    assert (report.echo, report.code, server.writes) == (Echo.REFUSED, "expired", 0)


def test_a_withdrawn_order_sends_no_frame_that_switches() -> None:
    server, order = Server(""), WriteOrder(1, PULSE, 1, 30.0)
    order.withdrawn.set()
    (report,) = asyncio.run(outcome(server, order))
    assert isinstance(report, WriteReport)
    assert (report.code, server.switched) == ("cancelled", 0)
