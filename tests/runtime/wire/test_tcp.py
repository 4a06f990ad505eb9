"""Modbus TCP against pymodbus's server, and against a peer that does as it is told.

| fault of the peer | what must come of it |
| --- | --- |
| an answer in fragments | the answer |
| the answer to an earlier transaction, or to number 0 | dropped; wrong reply |
| another unit, another function, another size, another value | wrong reply |
| bytes that are no Modbus TCP | wrong reply, and the next request is answered |
| silence | no response, and the connection stays |
| the connection closed, refused | link lost at once |
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from runtime.wire import (
    DeviceRefused,
    LinkLost,
    LinkSpec,
    NoResponse,
    Request,
    Verdict,
    WireError,
    WrongReply,
    open_link,
)
from runtime.wire.tcp import TcpLink

DEADLINE_S = 60.0
Behave = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


def link_to(port: int, **options: object) -> TcpLink:
    link = open_link(
        LinkSpec("gpu1", "tcp", wall_clock=lambda: 1.7e9, host="127.0.0.1", port=port, **options)  # type: ignore[arg-type]
    )
    assert isinstance(link, TcpLink)
    return link


def message(transaction: bytes, unit: int, pdu: str) -> bytes:
    body = bytes((unit,)) + bytes.fromhex(pdu)
    return transaction + b"\x00\x00" + len(body).to_bytes(2, "big") + body


@asynccontextmanager
async def peer(behave: Behave) -> AsyncIterator[tuple[TcpLink, list[bytes]]]:
    questions: list[bytes] = []
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        while question := await reader.read(12):
            questions.append(question)
            await behave(question, writer)

    async with asyncio.timeout(DEADLINE_S), await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        link = link_to(server.sockets[0].getsockname()[1])
        await link.connect()
        yield link, questions
        await link.close()
        for writer in writers:
            writer.close()


def says(unit: int, pdu: str, transaction: bytes | None = None) -> Behave:
    async def behave(question: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(message(question[:2] if transaction is None else transaction, unit, pdu))

    return behave


def test_pymodbus_server():
    async def run() -> None:
        registers = SimData(0, count=200, values=7, datatype=DataType.REGISTERS)
        server = ModbusTcpServer(SimDevice(1, simdata=[registers]), address=("127.0.0.1", 0))
        await server.serve_forever(background=True)
        link = link_to(server.transport.sockets[0].getsockname()[1])
        try:
            await link.connect()
            await link.connect()
            assert link.connected
            assert (link.name, link.kind) == ("gpu1", "tcp")
            assert (await link.exchange(Request.read(1, 3, 0, 3), 5.0)).data == b"\x00\x07" * 3
            assert (await link.exchange(Request.write_register(1, 1, 0x1234), 5.0)).data == b""
            reply = await link.exchange(Request.read(1, 3, 0, 125), 5.0)
            assert reply.data == b"\x00\x07\x12\x34" + b"\x00\x07" * 123
            assert reply.received > 0 < reply.elapsed_s
            await link.exchange(Request.write_registers(1, 5, [1, 2]), 5.0)
            assert (await link.exchange(Request.read(1, 4, 5, 2), 5.0)).data == b"\x00\x01\x00\x02"
            with pytest.raises(DeviceRefused, match="gpu1: unit 1 function 03 address 190 count 20"):
                await link.exchange(Request.read(1, 3, 190, 20), 5.0)
            counters = link.counters
            assert (counters.requests, counters.answers, counters.refused, counters.timeouts) == (6, 5, 1, 0)
            assert counters.bytes_out == 5 * 12 + 17
            assert [kept.verdict for kept in link.ring.frames()][-2:] == [Verdict.REQUEST, Verdict.REFUSED]
            await link.close()
            assert not link.connected
            await link.connect()
            await link.exchange(Request.read(1, 3, 0, 3), 5.0)
            assert counters.reconnects == 1
        finally:
            await link.close()
            await server.shutdown()

    asyncio.run(asyncio.wait_for(run(), DEADLINE_S))


def test_fragments():
    async def run() -> None:
        async def behave(question: bytes, writer: asyncio.StreamWriter) -> None:
            for byte in message(question[:2], 1, "03 04 00 07 00 08"):
                writer.write(bytes((byte,)))
                await writer.drain()
                await asyncio.sleep(0)

        async with peer(behave) as (link, _):
            assert (await link.exchange(Request.read(1, 3, 0, 2), 5.0)).data == b"\x00\x07\x00\x08"
            assert link.counters.bytes_in == 13

    asyncio.run(run())


@pytest.mark.parametrize(
    ("behave", "reason", "counted"),
    [
        (says(1, "03 04 00 07 00 08", b"\x00\x63"), "the answer to another transaction came", "late"),
        (says(1, "03 04 00 07 00 08", b"\x00\x00"), "the answer to another transaction came", "late"),
        (says(2, "03 04 00 07 00 08"), "unit 2 function 03 answered", "foreign"),
        (says(1, "04 04 00 07 00 08"), "unit 1 function 04 answered", "foreign"),
        (says(1, "63 04 00 07 00 08"), "unit 1 function 99 answered", "foreign"),
        (says(1, "84 02"), "unit 1 function 04 answered", "foreign"),
        (says(1, "03 02 00 07"), "the answer does not fit the question", "foreign"),
        (says(1, "03 04 00 07 00"), "the answer does not fit the question", "foreign"),
        (says(1, "03"), "bytes that are no Modbus TCP came", "garbage_bytes"),
    ],
)
def test_what_is_not_the_answer(behave, reason, counted):
    async def run() -> None:
        async with peer(behave) as (link, _):
            with pytest.raises(WrongReply, match=reason):
                await link.exchange(Request.read(1, 3, 0, 2), 0.05)
            assert getattr(link.counters, counted) > 0
            assert link.counters.answers == 0
            assert link.connected

    asyncio.run(run())


def test_a_write_that_is_answered_with_another_value():
    async def run() -> None:
        async with peer(says(1, "06 00 05 00 08")) as (link, _):
            with pytest.raises(WrongReply, match="the answer does not fit the question"):
                await link.exchange(Request.write_register(1, 5, 7), 5.0)

    asyncio.run(run())


def test_garbage_is_over_with_its_request():
    async def run() -> None:
        async def behave(question: bytes, writer: asyncio.StreamWriter) -> None:
            if question[1] == 1:
                writer.write(b"hello, this is not Modbus")
            else:
                writer.write(message(question[:2], 1, "03 02 00 07"))

        async with peer(behave) as (link, _):
            with pytest.raises(WireError):
                await link.exchange(Request.read(1, 3, 0, 1), 0.05)
            assert (await link.exchange(Request.read(1, 3, 0, 1), 5.0)).data == b"\x00\x07"

    asyncio.run(run())


def test_a_late_answer_is_not_the_next_ones():
    async def run() -> None:
        held: list[bytes] = []

        async def behave(question: bytes, writer: asyncio.StreamWriter) -> None:
            held.append(message(question[:2], 1, f"03 02 00 {len(held):02x}"))
            if len(held) == 2:
                writer.write(b"".join(held))

        async with peer(behave) as (link, _):
            with pytest.raises(NoResponse, match=r"no answer within 0\.05 s"):
                await link.exchange(Request.read(1, 3, 0, 1), 0.05)
            assert (await link.exchange(Request.read(1, 3, 0, 1), 5.0)).data == b"\x00\x01"
            assert (link.counters.timeouts, link.counters.late) == (1, 1)

    asyncio.run(run())


def test_silence_does_not_close_the_connection():
    async def run() -> None:
        async def behave(question: bytes, writer: asyncio.StreamWriter) -> None:
            pass

        async with peer(behave) as (link, questions):
            for _ in range(6):
                with pytest.raises(NoResponse):
                    await link.exchange(Request.read(1, 3, 0, 1), 0.01)
            assert link.connected
            assert len(questions) == 6

    asyncio.run(run())


def test_the_end_of_the_stream():
    async def run() -> None:
        async def behave(question: bytes, writer: asyncio.StreamWriter) -> None:
            writer.close()

        async with peer(behave) as (link, _):
            with pytest.raises(LinkLost, match="the other end closed the connection"):
                await link.exchange(Request.read(1, 3, 0, 1), 60.0)  # at once, not after a minute
            assert not link.connected
            with pytest.raises(LinkLost, match="not connected"):
                await link.exchange(Request.read(1, 3, 0, 1), 60.0)

    asyncio.run(run())


def test_the_end_of_an_idle_connection_is_noticed():
    async def run() -> None:
        writers: list[asyncio.StreamWriter] = []

        async def behave(question: bytes, writer: asyncio.StreamWriter) -> None:
            writers.append(writer)
            writer.write(message(question[:2], 1, "03 02 00 07"))

        async with peer(behave) as (link, _):
            await link.exchange(Request.read(1, 3, 0, 1), 5.0)
            writers[0].close()
            while link.connected:
                await asyncio.sleep(0)
            assert link.ring.frames()[-1].verdict is Verdict.LOST

    asyncio.run(run())


def test_cancelled_and_closed():
    async def run() -> None:
        asked = asyncio.Event()

        async def behave(question: bytes, writer: asyncio.StreamWriter) -> None:
            asked.set()
            if question[1] == 2:
                writer.write(message(b"\x00\x01", 1, "03 02 00 01") + message(b"\x00\x02", 1, "03 02 00 02"))

        async with peer(behave) as (link, _):
            under_way = asyncio.create_task(link.exchange(Request.read(1, 3, 0, 1), 60.0))
            await asked.wait()
            under_way.cancel()
            with pytest.raises(asyncio.CancelledError):
                await under_way
            assert (await link.exchange(Request.read(1, 3, 0, 1), 5.0)).data == b"\x00\x02"

            asked.clear()
            under_way = asyncio.create_task(link.exchange(Request.read(1, 3, 0, 1), 60.0))
            await asked.wait()
            await link.close()
            with pytest.raises(LinkLost, match="closed"):
                await under_way

    asyncio.run(run())


def test_no_connection():
    async def run() -> None:
        async with await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
        with pytest.raises(LinkLost, match=f"gpu1: 127.0.0.1:{port} refused the connection"):
            await link_to(port).connect()

    asyncio.run(run())
