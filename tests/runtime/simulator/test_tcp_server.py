"""Modbus TCP on real sockets, asked by pymodbus's client and by mbpoll."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Awaitable, Callable

import pytest
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusIOException

from runtime.simulator import Plant

from .conftest import ended

Make = Callable[..., Plant]


def served(
    build: Make, use: Callable[[Plant, AsyncModbusTcpClient], Awaitable[None]], patience_s: float = 30.0
) -> None:
    async def main() -> None:
        plant = build(seed=7)
        await plant.start()
        client = AsyncModbusTcpClient(
            "127.0.0.1", port=plant.ports["mkz_gpu1"], timeout=patience_s, retries=0, reconnect_delay=0
        )
        try:
            assert await client.connect()
            await use(plant, client)
        finally:
            client.close()
            await plant.stop()

    asyncio.run(main())


def test_registers_are_those_of_the_controller(build: Make) -> None:
    async def use(plant: Plant, client: AsyncModbusTcpClient) -> None:
        for first, count in ((0, 115), (120, 125), (174, 28), (511, 1), (562, 62)):
            plant.step(1.0)
            answer = await client.read_holding_registers(first, count=count, device_id=1)
            assert answer.registers == list(plant.controllers["mkz.gpu1"].bank.read(first, count))

    served(build, use)


def test_coils_and_settings(build: Make) -> None:
    async def use(plant: Plant, client: AsyncModbusTcpClient) -> None:
        assert not (await client.write_coil(4, True, device_id=1)).isError()
        word = (await client.read_holding_registers(0, count=1, device_id=1)).registers[0]
        assert word >> 8 & 0xF == 0b0100
        answer = await client.write_register(4368, 417, device_id=1)
        assert answer.registers == [417]
        assert (await client.read_holding_registers(160, count=1, device_id=1)).registers == [417]
        assert (await client.write_register(4368, 2000, device_id=1)).exception_code == 3
        assert (await client.write_register(300, 1, device_id=1)).exception_code == 2
        assert (await client.read_holding_registers(2000, count=1, device_id=1)).exception_code == 2

    served(build, use)


@pytest.mark.parametrize("fault", ["drop", "offline", "silent-block=212", "corrupt"])
def test_no_answer_that_counts(build: Make, fault: str) -> None:
    async def use(plant: Plant, client: AsyncModbusTcpClient) -> None:
        plant.fault("mkz_gpu1" if fault == "offline" else "mkz.gpu1", fault)
        with pytest.raises(ModbusIOException):
            await client.read_holding_registers(212, count=2, device_id=1)

    served(build, use, patience_s=0.3)


def test_unknown_units_and_functions_are_met_with_silence(build: Make) -> None:
    async def use(plant: Plant, client: AsyncModbusTcpClient) -> None:
        with pytest.raises(ModbusIOException):
            await client.read_holding_registers(212, count=2, device_id=5)
        with pytest.raises(ModbusIOException):
            await client.read_coils(0, count=2, device_id=1)

    served(build, use, patience_s=0.3)


def test_delay_exception_and_clear(build: Make) -> None:
    async def use(plant: Plant, client: AsyncModbusTcpClient) -> None:
        loop = asyncio.get_running_loop()
        plant.fault("mkz.gpu1", "delay=0.1")
        before = loop.time()
        assert not (await client.read_holding_registers(0, count=1, device_id=1)).isError()
        assert loop.time() - before >= 0.099
        plant.fault("mkz.gpu1", "exception=6")
        assert (await client.read_holding_registers(0, count=1, device_id=1)).exception_code == 6
        plant.fault("mkz.gpu1", "clear")
        assert not (await client.read_holding_registers(0, count=1, device_id=1)).isError()

    served(build, use)


def test_a_late_answer_keeps_its_own_transaction(build: Make) -> None:
    """What a client asked before must not come as the answer to what it asks now."""

    async def main() -> None:
        plant = build(seed=7)
        await plant.start()
        plant.fault("mkz.gpu1", "late=1")
        reader, writer = await asyncio.open_connection("127.0.0.1", plant.ports["mkz_gpu1"])
        writer.write(bytes.fromhex("0001 0000 0006 01 03 00D4 0001"))
        await asyncio.sleep(0)
        writer.write(bytes.fromhex("0002 0000 0006 01 03 0104 0002"))
        answers = await asyncio.wait_for(reader.readexactly(13 + 11), 30)
        assert answers[:2] == b"\0\2"
        assert answers[8] == 4
        assert answers[13:15] == b"\0\1"
        assert answers[21] == 2
        writer.close()
        await plant.stop()

    asyncio.run(main())


def test_a_connection_is_closed_instead_of_an_answer(build: Make) -> None:
    async def main() -> None:
        plant = build(seed=7)
        await plant.start()
        plant.fault("mkz.gpu1", "close")
        reader, writer = await asyncio.open_connection("127.0.0.1", plant.ports["mkz_gpu1"])
        writer.write(bytes.fromhex("0001 0000 0006 01 03 00D4 0001"))
        assert await ended(reader)
        writer.close()
        await plant.stop()

    asyncio.run(main())


@pytest.mark.parametrize("before", [True, False])
def test_what_is_offline_refuses_connections_until_it_is_back(build: Make, before: bool) -> None:
    async def main() -> None:
        plant = build(seed=7)
        if before:
            plant.fault("mkz.gpu1", "offline")
            await plant.start()
        else:
            await plant.start()
            reader, writer = await asyncio.open_connection("127.0.0.1", plant.ports["mkz_gpu1"])
            await asyncio.sleep(0)
            plant.fault("mkz.gpu1", "offline")
            assert await ended(reader)
            writer.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", plant.ports["mkz_gpu1"])
        plant.fault("mkz", "clear")
        reader, writer = await asyncio.open_connection("127.0.0.1", plant.ports["mkz_gpu1"])
        writer.write(bytes.fromhex("0001 0000 0006 01 03 00D4 0001"))
        assert len(await asyncio.wait_for(reader.readexactly(11), 60)) == 11
        writer.close()
        await plant.stop()

    asyncio.run(main())


@pytest.mark.skipif(not os.environ.get("CI") and shutil.which("mbpoll") is None, reason="mbpoll is not installed")
def test_mbpoll_reads_a_genset(build: Make) -> None:
    async def main() -> str:
        plant = build(seed=7)
        await plant.start()
        plant.fault("mkz.gpu1", "set=engine_speed:1502")
        done = await asyncio.to_thread(
            subprocess.run,
            ["mbpoll", "-m", "tcp", "-p", str(plant.ports["mkz_gpu1"]), "-a", "1", "-0", "-r", "212", "-c", "13",
             "-1", "127.0.0.1"],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        await plant.stop()
        return done.stdout

    read = dict(line.split(":")[:2] for line in asyncio.run(main()).splitlines() if line.startswith("["))
    assert read["[212]"].split() == ["1502"]
    assert read["[224]"].split()[0] == "32766"
