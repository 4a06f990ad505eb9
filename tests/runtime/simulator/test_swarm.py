import asyncio

from pymodbus.client import AsyncModbusTcpClient

from runtime.simulator import Swarm


def test_many_devices_answer_with_words_of_their_own() -> None:
    async def main() -> None:
        swarm = Swarm(devices=20, tags=80)
        await swarm.start()
        assert len(set(swarm.ports)) == 20
        seen = set()
        for port in swarm.ports:
            client = AsyncModbusTcpClient("127.0.0.1", port=port, timeout=30, reconnect_delay=0)
            assert await client.connect()
            first = (await client.read_holding_registers(0, count=80, device_id=1)).registers
            part = (await client.read_holding_registers(10, count=20, device_id=1)).registers
            assert part == first[10:30]
            assert (await client.read_holding_registers(70, count=20, device_id=1)).exception_code == 2
            seen.add(tuple(first))
            client.close()
        assert len(seen) == 20
        await swarm.stop()

    asyncio.run(main())


def test_requests_in_pieces_and_several_in_one() -> None:
    async def main() -> None:
        swarm = Swarm(devices=1, tags=4)
        await swarm.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", swarm.ports[0])
        request = bytes.fromhex("0001 0000 0006 01 03 0000 0002")
        writer.write(request[:5])
        await writer.drain()
        writer.write(request[5:] + request)
        answers = await asyncio.wait_for(reader.readexactly(26), 60)
        assert answers[:9] == answers[13:22] == bytes.fromhex("0001 0000 0007 01 03 04")
        writer.close()
        await swarm.stop()

    asyncio.run(main())
