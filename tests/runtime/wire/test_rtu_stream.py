"""RTU over TCP on real sockets: a converter on loopback that does as it is told.

| fault of the converter | test |
| --- | --- |
| the answer in fragments | test_fragments |
| the answer after the time-out, same size as the next one's | test_a_late_answer_is_not_the_next_ones |
| no answer at all | test_silence |
| closes the connection | test_the_end_of_the_stream |
| refuses the connection, or does not exist | test_no_connection |
| closes, and can be reached again | test_a_new_connection |
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from runtime.wire import (
    AnswerPending,
    BadFrame,
    LinkLost,
    LinkSpec,
    NoResponse,
    Request,
    Verdict,
    WrongReply,
    open_link,
)
from runtime.wire.rtu import frame
from runtime.wire.rtu_stream import RtuTcpLink

DEADLINE_S = 60.0


def answer(question: bytes) -> bytes:
    """Registers that hold their own address."""
    address, count = int.from_bytes(question[2:4], "big"), int.from_bytes(question[4:6], "big")
    if question[1] in (5, 6):
        return frame(question[0], question[1:6])
    data = b"".join((address + index).to_bytes(2, "big") for index in range(count))
    return frame(question[0], bytes((question[1], len(data))) + data)


def words(data: bytes) -> list[int]:
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]


class Converter:
    """Hands each question to ``behave``, which sends what it likes."""

    def __init__(self) -> None:
        self.behave: Callable[[bytes, asyncio.StreamWriter], Awaitable[None]] = self.obey
        self.questions: list[bytes] = []
        self.writers: list[asyncio.StreamWriter] = []
        self.port = 0

    async def obey(self, question: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(question))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        while question := await reader.read(8):
            self.questions.append(question)
            await self.behave(question, writer)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Converter]:
        server = await asyncio.start_server(self.serve, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self
            for writer in self.writers:
                writer.close()


def spec(port: int, **options: object) -> LinkSpec:
    settings: dict[str, object] = {"line": "", "quarantine_s": 0.05, "host": "127.0.0.1", "port": port} | options
    return LinkSpec("test", "rtu-tcp", wall_clock=lambda: 1.7e9, **settings)  # type: ignore[arg-type]


@asynccontextmanager
async def joined(**options: object) -> AsyncIterator[tuple[Converter, RtuTcpLink]]:
    async with asyncio.timeout(DEADLINE_S), Converter().running() as converter:
        link = open_link(spec(converter.port, **options))
        assert isinstance(link, RtuTcpLink)
        await link.connect()
        try:
            yield converter, link
        finally:
            await link.close()


def test_reads_and_writes():
    async def run() -> None:
        async with joined() as (_, link):
            assert link.connected
            assert (link.name, link.kind) == ("test", "rtu-tcp")
            reply = await link.exchange(Request.read(1, 3, 100, 3), 5.0)
            assert words(reply.data) == [100, 101, 102]
            assert 0 < reply.elapsed_s < 5.0
            assert (await link.exchange(Request.write_coil(1, 5, True), 5.0)).data == b""
            assert link.counters.answers == 2
            assert [kept.verdict for kept in link.ring.frames()] == [Verdict.REQUEST, Verdict.ANSWER] * 2
        assert not link.connected

    asyncio.run(run())


def test_callers_take_turns():
    async def run() -> None:
        async with joined() as (converter, link):
            asked = [Request.read(unit, 3, 10 * unit, 1) for unit in range(1, 6)]
            replies = await asyncio.gather(*(link.exchange(request, 5.0) for request in asked))
            assert [words(reply.data) for reply in replies] == [[10], [20], [30], [40], [50]]
            assert [question[0] for question in converter.questions] == [1, 2, 3, 4, 5]

    asyncio.run(run())


def test_fragments():
    async def run() -> None:
        async def bit_by_bit(question: bytes, writer: asyncio.StreamWriter) -> None:
            for byte in answer(question):
                writer.write(bytes((byte,)))
                await writer.drain()
                await asyncio.sleep(0)

        async with joined() as (converter, link):
            converter.behave = bit_by_bit
            assert words((await link.exchange(Request.read(1, 3, 7, 9), 5.0)).data) == list(range(7, 16))

    asyncio.run(run())


def test_a_late_answer_is_not_the_next_ones():
    """The first answer comes only when the second question of the same size is asked."""

    async def run() -> None:
        held: list[bytes] = []

        async def hold_the_first(question: bytes, writer: asyncio.StreamWriter) -> None:
            if question[3] == 10 and not held:
                held.append(answer(question))
                return
            writer.write(b"".join(held) + answer(question))
            held[:] = [b""]

        async with joined() as (converter, link):
            converter.behave = hold_the_first
            with pytest.raises(NoResponse, match=r"address 10 count 4: no answer within 0\.1 s"):
                await link.exchange(Request.read(1, 3, 10, 4), 0.1)
            reply = await link.exchange(Request.read(1, 3, 50, 4), 5.0)
            assert words(reply.data) == [50, 51, 52, 53]
            assert link.counters.late == 1
            assert link.counters.quarantines == 1
            # the fence: one register was read first
            assert [question[2:6].hex() for question in converter.questions] == ["000a0004", "00320001", "00320004"]
            assert link.ring.faulted

    asyncio.run(run())


def test_the_late_answer_ends_the_quarantine():
    async def run() -> None:
        async def nothing(question: bytes, writer: asyncio.StreamWriter) -> None:
            pass

        async with joined(quarantine_s=60.0) as (converter, link):
            converter.behave = nothing
            with pytest.raises(NoResponse):
                await link.exchange(Request.read(1, 3, 10, 4), 0.05)
            converter.behave = converter.obey
            waiting = asyncio.create_task(link.exchange(Request.read(1, 3, 50, 4), 5.0))
            await asyncio.sleep(0)
            assert len(converter.questions) == 1
            converter.writers[0].write(answer(converter.questions[0]))
            assert words((await waiting).data) == [50, 51, 52, 53]
            assert len(converter.questions) == 2  # without a fence: the ghost was laid

    asyncio.run(run())


def test_silence():
    async def run() -> None:
        async def nothing(question: bytes, writer: asyncio.StreamWriter) -> None:
            pass

        async with joined() as (converter, link):
            converter.behave = nothing
            with pytest.raises(NoResponse):
                await link.exchange(Request.read(1, 3, 10, 1), 0.05)
            # one register cannot be told from the first; two can, but do not help either
            with pytest.raises(NoResponse, match="count 1: asked for 2 at 20 first, to fence off a late answer"):
                await link.exchange(Request.read(1, 3, 20, 1), 0.05)
            with pytest.raises(AnswerPending, match="address 20 count 1: not asked"):
                await link.exchange(Request.read(1, 3, 20, 1), 0.05)
            # another unit is not concerned
            converter.behave = converter.obey
            assert words((await link.exchange(Request.read(2, 3, 20, 1), 5.0)).data) == [20]

    asyncio.run(run())


def test_a_foreign_answer_only():
    async def run() -> None:
        async def other_unit(question: bytes, writer: asyncio.StreamWriter) -> None:
            writer.write(answer(b"\x09" + question[1:]))

        async with joined() as (converter, link):
            converter.behave = other_unit
            with pytest.raises(WrongReply, match="unit 9 function 03, 7 bytes came instead"):
                await link.exchange(Request.read(1, 3, 10, 1), 0.05)
            assert link.counters.foreign == 1

    asyncio.run(run())


def test_the_end_of_the_stream():
    async def run() -> None:
        async def close(question: bytes, writer: asyncio.StreamWriter) -> None:
            writer.close()

        async with joined() as (converter, link):
            converter.behave = close
            with pytest.raises(LinkLost, match="test: the other end closed the connection"):
                await link.exchange(Request.read(1, 3, 10, 1), 60.0)  # at once, not after a minute
            assert not link.connected
            with pytest.raises(LinkLost, match="not connected"):
                await link.exchange(Request.read(1, 3, 10, 1), 60.0)

    asyncio.run(run())


def test_closing_ends_what_is_under_way():
    async def run() -> None:
        async with joined() as (converter, link):
            asked = asyncio.Event()

            async def tell(question: bytes, writer: asyncio.StreamWriter) -> None:
                asked.set()

            converter.behave = tell
            under_way = asyncio.create_task(link.exchange(Request.read(1, 3, 10, 1), 60.0))
            await asked.wait()
            await link.close()
            with pytest.raises(LinkLost, match="closed"):
                await under_way

    asyncio.run(run())


def test_a_new_connection():
    async def run() -> None:
        async with joined() as (_, link):
            await link.connect()  # there is one
            await link.close()
            await link.connect()
            assert words((await link.exchange(Request.read(1, 3, 10, 1), 5.0)).data) == [10]
            assert link.counters.reconnects == 1

    asyncio.run(run())


def test_a_cancelled_exchange_leaves_a_ghost():
    async def run() -> None:
        async with joined() as (converter, link):
            asked, released = asyncio.Event(), asyncio.Event()

            async def wait(question: bytes, writer: asyncio.StreamWriter) -> None:
                asked.set()
                await released.wait()
                writer.write(answer(question))

            converter.behave = wait
            under_way = asyncio.create_task(link.exchange(Request.read(1, 3, 10, 2), 60.0))
            await asked.wait()
            under_way.cancel()
            with pytest.raises(asyncio.CancelledError):
                await under_way
            released.set()
            assert words((await link.exchange(Request.read(1, 3, 50, 2), 5.0)).data) == [50, 51]
            assert link.counters.late == 1

    asyncio.run(run())


def test_no_connection():
    async def run() -> None:
        async with Converter().running() as converter:
            port = converter.port
        with pytest.raises(LinkLost, match=f"test: 127.0.0.1:{port} refused the connection"):
            await open_link(spec(port)).connect()

    asyncio.run(run())


def test_a_line_that_is_never_silent():
    async def run() -> None:
        # So slow a line that no pause of a loaded machine counts as its silence of 350 ms.
        async with joined(line="110-8N2", paced=False) as (converter, link):
            await link.exchange(Request.read(1, 3, 10, 1), 5.0)
            writer = converter.writers[0]

            async def babble() -> None:
                while True:
                    writer.write(b"\xee")
                    await writer.drain()
                    await asyncio.sleep(0.005)

            babbling = asyncio.create_task(babble())
            with pytest.raises(BadFrame, match="the line is never silent"):
                await link.exchange(Request.read(1, 3, 10, 1), 0.2)
            babbling.cancel()

    asyncio.run(run())
