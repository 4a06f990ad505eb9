"""A thousand simulated TCP devices of 80 tags each at one second, four requests a device, beside a 100 ms scan.

The devices are served by one process of light responders, the scan process is the real one (``scada scan``).
Prints the share of polls on time, processor time, memory, the lateness of the scan's start, and as a peer the
processor time of bare pymodbus clients that ask the same in an asyncio loop and throw the answers away.
Run: python benchmarks/bench_thousand.py [SECONDS]
"""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from pymodbus.client import AsyncModbusTcpClient

from tagdb import Directory, ImageGone, ImageReader, RunDir

sys.path.insert(0, str(Path(__file__).parent))
from bench_jitter import PERIOD_S, lateness_ms

DEVICES, TAGS, REQUESTS = 1000, 80, 4


def write_site(folder: Path, ports: list[int]) -> Path:
    """An ini of that many devices, and the map that they share."""
    maps = folder / "registermaps"
    maps.mkdir()
    row = "{{at: {n}, type: u16, poll: fast, group: all, en: T{n}, ru: T{n}, no_data: false}}"
    points = "\n".join(f"  t{n}: {row.format(n=n)}" for n in range(TAGS))
    (maps / "bench.yaml").write_text(
        f"map: bench\ntitle: {{en: Bench, ru: Bench}}\nmaker: none\nfunction: 3\n"
        f"max_registers: {{tcp: {TAGS // REQUESTS}, rtu: {TAGS // REQUESTS}}}\n"
        f"polls:\n  fast: {{period: 1s}}\ngroups:\n  all: {{en: All, ru: All}}\npoints:\n{points}\n",
        encoding="utf-8",
    )
    devices = "\n".join(
        f"[device s.d{n}]\nlink = tcp://127.0.0.1:{port}\nmap = bench" for n, port in enumerate(ports)
    )
    ini = folder / "bench.ini"
    ini.write_text(f"[scada]\ndemo = yes\n[site s]\n{devices}\n", encoding="utf-8")
    return ini


def processor_s(pid: int) -> float:
    """User and system time of a process, seconds (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def memory_mb(pid: int) -> float:
    """Resident memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * 4096 / 1e6


async def bare(ports: list[int], seconds: float) -> float:
    """Processor seconds per second of pymodbus clients that only ask."""
    async def one(port: int, delay: float) -> None:
        client = AsyncModbusTcpClient("127.0.0.1", port=port, retries=0)
        await client.connect()
        due = asyncio.get_running_loop().time() + delay
        while not over.is_set():  # pymodbus swallows a cancellation
            await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
            for n in range(REQUESTS):
                await client.read_holding_registers(n * TAGS // REQUESTS, count=TAGS // REQUESTS)
            due += 1.0
        client.close()

    over = asyncio.Event()
    tasks = [asyncio.create_task(one(port, n / len(ports))) for n, port in enumerate(ports)]
    await asyncio.sleep(5)
    started, cpu = time.monotonic(), time.process_time()
    await asyncio.sleep(seconds)
    share = (time.process_time() - cpu) / (time.monotonic() - started)
    over.set()
    await asyncio.gather(*tasks)
    return share


def polls(directory: Directory, reader: ImageReader) -> np.ndarray:  # type: ignore[type-arg]
    """Answered reads of each device so far."""
    slots = [tag.slot for tag in directory.tags if tag.name.endswith(".comm_polls")]
    return reader.read().cell[slots]


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    swarm = subprocess.Popen(
        [sys.executable, "-m", "runtime.simulator", "--devices", str(DEVICES), "--tags", str(TAGS)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert swarm.stdout is not None
    ports = [int(port) for port in swarm.stdout.readline().split()]
    with tempfile.TemporaryDirectory() as folder:
        ini = write_site(Path(folder), ports)
        run_dir = RunDir.for_config(ini, demo=True)
        log = (Path(folder) / "log").open("w")
        scan = subprocess.Popen([sys.executable, "-m", "runtime", "scan", str(ini)], stderr=log)
        try:
            reader = ImageReader(run_dir.image)
            directory = wait_connected(reader, run_dir)
            time.sleep(5)
            before, cpu, started = polls(directory, reader), processor_s(scan.pid), time.monotonic()
            late, skipped = lateness_ms(reader, seconds)
            elapsed = time.monotonic() - started
            done, used = polls(directory, reader) - before, processor_s(scan.pid) - cpu
            memory = memory_mb(scan.pid)
        finally:
            scan.terminate()
            scan.wait(20)
        share = np.minimum(done / (elapsed * REQUESTS), 1.0)
        peer = asyncio.run(bare(ports, min(seconds, 15)))
    swarm.communicate("")
    print(f"{DEVICES} devices, {DEVICES * TAGS} tags, {done.sum() / elapsed:.0f} requests a second")
    print(f"polls on time            {share.mean():8.2%}   worst device {share.min():.2%}")
    print(f"processor, scan process  {used / elapsed:8.2f} of a core   memory {memory:.0f} MB")
    print(f"processor, bare pymodbus {peer:8.2f} of a core   ratio {used / elapsed / peer:.2f}")
    print(f"start of the scan late   p50 {np.percentile(late, 50):.2f}   p99 {np.percentile(late, 99):.2f}   "
          f"max {late.max():.2f} ms at {PERIOD_S * 1000:g} ms; skipped {skipped}")  # fmt: skip
    return 0 if share.mean() > 0.99 else 1


def wait_connected(reader: ImageReader, run_dir: RunDir) -> Directory:
    """Until every device was read once."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            directory = Directory.read(run_dir.directory)
            if (polls(directory, reader) > 0).all():
                return directory
        except (ImageGone, OSError, IndexError):
            pass
        time.sleep(0.5)
    raise SystemExit("not all devices were read within a minute")


if __name__ == "__main__":
    sys.exit(main())
