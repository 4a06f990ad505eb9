"""Why RTU over TCP is not left to pymodbus: its client takes a late answer for the next question's."""

from __future__ import annotations

import asyncio

from pymodbus import FramerType, ModbusException
from pymodbus.client import AsyncModbusTcpClient

from runtime.wire import LinkSpec, NoResponse, Request, open_link
from runtime.wire.rtu import frame

DEADLINE_S = 60.0


class SlowDevice:
    """Answers the first question only when another one comes; registers hold their own address."""

    def __init__(self) -> None:
        self.held = b""
        self.asked = 0
        self.writers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        while question := await reader.read(8):
            self.asked += 1
            address, count = int.from_bytes(question[2:4], "big"), int.from_bytes(question[4:6], "big")
            data = b"".join((address + index).to_bytes(2, "big") for index in range(count))
            answer = frame(question[0], bytes((question[1], len(data))) + data)
            if self.asked == 1:
                self.held = answer
            else:
                writer.write(self.held + answer)
                self.held = b""


async def ask_pymodbus(port: int) -> list[int]:
    client = AsyncModbusTcpClient(
        "127.0.0.1", port=port, framer=FramerType.RTU, retries=0, reconnect_delay=0, timeout=2
    )
    await client.connect()
    try:
        await client.read_holding_registers(100, count=2, device_id=1)
    except ModbusException:
        pass
    else:
        raise AssertionError("the first question was answered")
    reply = await client.read_holding_registers(200, count=2, device_id=1)
    client.close()
    return list(reply.registers)


async def ask_ours(port: int) -> list[int]:
    link = open_link(
        LinkSpec("ours", "rtu-tcp", wall_clock=lambda: 0.0, host="127.0.0.1", port=port, line="", quarantine_s=0.05)
    )
    await link.connect()
    try:
        await link.exchange(Request.read(1, 3, 100, 2), 0.1)
    except NoResponse:
        pass
    else:
        raise AssertionError("the first question was answered")
    data = (await link.exchange(Request.read(1, 3, 200, 2), 30.0)).data
    await link.close()
    return [int.from_bytes(data[at : at + 2], "big") for at in (0, 2)]


def test_a_late_answer():
    async def run() -> tuple[list[int], list[int]]:
        got = []
        for ask in (ask_pymodbus, ask_ours):
            device = SlowDevice()
            async with (
                asyncio.timeout(DEADLINE_S),
                await asyncio.start_server(device.serve, "127.0.0.1", 0) as server,
            ):
                got.append(await ask(server.sockets[0].getsockname()[1]))
                for writer in device.writers:
                    writer.close()
        return got[0], got[1]

    theirs, ours = asyncio.run(run())
    assert theirs == [100, 101]  # asked for 200 and 201
    assert ours == [200, 201]
