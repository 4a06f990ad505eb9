"""The emulated converter on real sockets: pacing, one client, and what others hear."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from pymodbus import FramerType
from pymodbus.client import AsyncModbusTcpClient

from runtime.simulator import Plant, precise_loop
from runtime.simulator.line_faults import rtu_frame

from .conftest import ended

Make = Callable[..., Plant]
CHAR = 11 / 9600
READ = rtu_frame(1, bytes.fromhex("03 00 37 00 1E"))
LENGTH = 5 + 2 * 30


def served(build: Make, use: Callable[[Plant, int], Awaitable[None]]) -> None:
    async def main() -> None:
        plant = build(seed=7)
        await plant.start()
        try:
            await use(plant, plant.ports["mkz_line"])
        finally:
            await plant.stop()

    with asyncio.Runner(loop_factory=precise_loop) as runner:
        runner.run(main())


def test_pymodbus_reads_rtu_over_tcp(build: Make) -> None:
    async def use(plant: Plant, port: int) -> None:
        client = AsyncModbusTcpClient("127.0.0.1", port=port, framer=FramerType.RTU, timeout=30, reconnect_delay=0)
        assert await client.connect()
        for first, count in ((0, 3), (40, 5), (193, 5), (225, 7)):
            answer = await client.read_holding_registers(first, count=count, device_id=1)
            assert answer.registers == list(plant.controllers["mkz.shpr"].bank.read(first, count))
        assert (await client.read_coils(19, count=6, device_id=1)).bits[:6] == [False] * 6
        client.close()

    served(build, use)


def test_an_answer_is_never_early(build: Make) -> None:
    """How late it is on a busy machine is for the benchmark."""

    async def use(plant: Plant, port: int) -> None:
        plant.fault("mkz_line", "turnaround=0")
        loop = asyncio.get_running_loop()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        needed = (8 + 3.5 + LENGTH) * CHAR
        taken = []
        for _ in range(3):
            start = loop.time()
            writer.write(READ)
            await reader.readexactly(LENGTH)
            taken.append(loop.time() - start)
        writer.close()
        assert needed - 0.0002 <= min(taken)

    served(build, use)


def test_a_second_client_is_refused(build: Make) -> None:
    async def use(plant: Plant, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(READ)
        await reader.readexactly(LENGTH)
        second, closing = await asyncio.open_connection("127.0.0.1", port)
        assert await ended(second)
        closing.close()
        writer.write(READ)
        assert len(await reader.readexactly(LENGTH)) == LENGTH
        writer.close()

    served(build, use)


def test_with_several_clients_each_hears_all(build: Make) -> None:
    async def use(plant: Plant, port: int) -> None:
        plant.fault("mkz_line", "clients=8")
        pairs = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        # Served one after the other: all three are known once the last one has its answer.
        pairs[2][1].write(READ)
        heard = [await asyncio.wait_for(reader.readexactly(LENGTH), 60) for reader, _ in pairs]
        assert len(set(heard)) == 1
        for _, writer in pairs:
            writer.close()

    served(build, use)


def test_a_link_that_is_offline_drops_its_client(build: Make) -> None:
    async def use(plant: Plant, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(READ)
        await reader.readexactly(LENGTH)
        plant.fault("mkz_line", "offline")
        assert await ended(reader)
        writer.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        plant.fault("mkz_line", "clear")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(READ)
        assert len(await reader.readexactly(LENGTH)) == LENGTH
        writer.close()

    served(build, use)
