"""A full HGM9560 scan over the paced 9600 8N2 line: ours against what the line itself needs, and against pymodbus.

The simulated converter delivers bytes as a 9600 8N2 line does, with a controller that thinks for no time at all. "What
the line needs" is the sum of all characters and silences of the same reads. pymodbus reads the same blocks over the
same converter with its RTU framer, which leaves out the silence of 3.5 characters before a request that the standard
asks for, and so can be quicker than the line allows. Prints milliseconds a scan and the ratios; the target is 1.05.
Run: python benchmarks/bench_line.py
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from pymodbus import FramerType
from pymodbus.client import AsyncModbusTcpClient

from registermaps import Block, LinkCost, line_time, load_map, maps_folder, plan, select_points
from runtime.wire import LinkSpec, Request, open_link

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.support.demo import demo_ini, live_plant

TARGET = 1.05
SCANS = 8


def blocks_and_need() -> tuple[tuple[Block, ...], float]:
    """The reads of the whole map, and the seconds that the line needs for them."""
    register_map = load_map(maps_folder() / "smartgen" / "hgm9560.yaml")
    cost = LinkCost.parse("9600-8N2", rtu_registers=register_map.max_registers["rtu"])
    blocks = plan(select_points(register_map), cost, register_map.unreadable)
    return blocks, line_time(blocks, cost)


async def ours(port: int, blocks: tuple[Block, ...]) -> list[float]:
    """Seconds of each scan through our link."""
    spec = LinkSpec("bench", "rtu-tcp", host="127.0.0.1", port=port, wall_clock=time.time)
    link = open_link(spec)
    await link.connect()
    times = []
    for _ in range(SCANS):
        started = time.perf_counter()
        for block in blocks:
            await link.exchange(Request.read(1, block.function, block.start, block.count), 2.0)
        times.append(time.perf_counter() - started)
    await link.close()
    return times


async def theirs(port: int, blocks: tuple[Block, ...]) -> list[float]:
    """Seconds of each scan through pymodbus."""
    client = AsyncModbusTcpClient("127.0.0.1", port=port, framer=FramerType.RTU, timeout=2, retries=0)
    await client.connect()
    times = []
    for _ in range(SCANS):
        started = time.perf_counter()
        for block in blocks:
            await client.read_holding_registers(block.start, count=block.count, device_id=1)
        times.append(time.perf_counter() - started)
    client.close()
    return times


def main() -> int:
    blocks, need = blocks_and_need()
    with tempfile.TemporaryDirectory() as folder, live_plant(demo_ini(Path(folder)), moving=False) as plant:
        plant.fault("mkz_line", "turnaround=0")
        port = plant.plant.ports["mkz_line"]
        mine = statistics.median(asyncio.run(ours(port, blocks)))
        other = statistics.median(asyncio.run(theirs(port, blocks)))
    print(f"HGM9560, whole map: {len(blocks)} reads, {sum(b.count for b in blocks)} registers over 9600 8N2")
    print(f"the line needs  {need * 1000:8.1f} ms")
    print(f"ours            {mine * 1000:8.1f} ms   ratio to the line {mine / need:.3f} (target {TARGET})")
    print(f"pymodbus        {other * 1000:8.1f} ms   ratio to the line {other / need:.3f} (it keeps no silence)")
    print(f"ratio ours / pymodbus {mine / other:.3f}")
    return 0 if mine / need <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
