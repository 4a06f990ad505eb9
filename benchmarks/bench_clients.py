"""Hundreds of WebSocket clients on all tags: what the pages' server takes for each message, beside bare threads.

The whole demo runs as ``scada run`` does. The clients are one asyncio process that speaks just enough WebSocket. The
peer is the floor for a server of one thread a client, as gunicorn's threaded worker is: as many threads that wait on
one condition and send frames of the same size at the same pace, with no Flask, no gunicorn and nothing to encode.
Prints processor time a message and memory of both, and the ratio. Run: python benchmarks/bench_clients.py [CLIENTS [S]]
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from runtime.settings import load_settings
from tagdb import ImageReader, RunDir

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
from bench_jitter import wait_ready
from bench_thousand import memory_mb, processor_s

from tests.support.demo import demo_ini

SUBSCRIBE = b'{"subscribe":["*"]}'
UPGRADE = (
    "GET /ws/tags HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


@dataclass
class Taken:
    """What the clients got."""

    frames: int = 0
    octets: int = 0
    connected: int = 0


async def client(host: str, port: int, taken: Taken, bare: bool) -> None:
    """One client: counts frames, throws them away."""
    reader, writer = await asyncio.open_connection(host, port)
    if not bare:
        writer.write(UPGRADE.format(host=f"{host}:{port}").encode())
        await reader.readuntil(b"\r\n\r\n")
        writer.write(bytes([0x81, 0x80 | len(SUBSCRIBE), 0, 0, 0, 0]) + SUBSCRIBE)
    taken.connected += 1
    try:
        while True:
            length = (await reader.readexactly(2))[1] & 0x7F
            if length == 126:
                length = int.from_bytes(await reader.readexactly(2))
            elif length == 127:
                length = int.from_bytes(await reader.readexactly(8))
            await reader.readexactly(length)
            taken.frames += 1
            taken.octets += length
    except (asyncio.IncompleteReadError, ConnectionError):
        return


def clients(host: str, port: int, count: int, bare: bool, answers: Connection) -> None:
    """A process of clients; tells what they got whenever it is asked."""

    async def work() -> None:
        taken = Taken()
        tasks = []
        for _ in range(count):
            tasks.append(asyncio.create_task(client(host, port, taken, bare)))
            await asyncio.sleep(0.005)
        while True:
            await asyncio.to_thread(answers.recv)
            answers.send(taken)

    asyncio.run(work())


def ask(connection: Connection) -> Taken:
    """What the clients have got by now."""
    connection.send(None)
    taken = connection.recv()
    assert isinstance(taken, Taken)
    return taken


def measure(
    host: str, port: int, pid: int, count: int, seconds: float, bare: bool
) -> tuple[float, float, float, float]:
    """Frames a second for each client, mean size, processor seconds a frame, memory of the server in MB."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=clients, args=(host, port, count, bare, theirs), daemon=True)
    process.start()
    deadline = time.monotonic() + 60
    while ask(ours).connected < count and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(3)
    before, cpu, started = ask(ours), processor_s(pid), time.monotonic()
    time.sleep(seconds)
    after, used, elapsed = ask(ours), processor_s(pid) - cpu, time.monotonic() - started
    memory = memory_mb(pid)
    process.kill()
    process.join()
    frames = after.frames - before.frames
    return frames / elapsed / count, (after.octets - before.octets) / frames, used / frames, memory


def floor(sock: socket.socket, size: int, pace: float) -> None:
    """The peer's process: a thread a client."""
    news, number = threading.Condition(), 0
    frame = bytes([0x82, 127]) + size.to_bytes(8) + bytes(size)

    def serve(peer: socket.socket) -> None:
        seen = 0
        try:
            while True:
                with news:
                    news.wait_for(lambda: number != seen)  # noqa: B023  read under the lock
                    seen = number
                peer.sendall(frame)
        except OSError:
            return

    def accept() -> None:
        while True:
            threading.Thread(target=serve, args=(sock.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    while True:
        time.sleep(1 / pace)
        with news:
            number += 1
            news.notify_all()


def server_of(program: int) -> int:
    """The process that serves the pages: the child of the one that ``scada run`` started for them."""
    rows = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    parents = {}
    for row in rows.splitlines()[1:]:
        pid, parent, args = row.split(None, 2)
        if " -m ui" in args:
            parents[int(pid)] = int(parent)
    return next(pid for pid, parent in parents.items() if parents.get(parent) == program)


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 20.0
    with tempfile.TemporaryDirectory() as folder:
        ini = demo_ini(Path(folder))
        ui = load_settings(ini).ui
        command = [sys.executable, "-m", "runtime", "run", str(ini)]
        program = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            wait_ready(ImageReader(RunDir.for_config(ini, demo=True).image), f"http://{ui.host}:{ui.port}/healthz")
            pace, size, ours_s, ours_mb = measure(ui.host, ui.port, server_of(program.pid), count, seconds, False)
        finally:
            program.send_signal(signal.SIGINT)
            program.wait(15)
    sock = socket.create_server(("127.0.0.1", 0), backlog=512)
    peer = multiprocessing.Process(target=floor, args=(sock, round(size), pace), daemon=True)
    peer.start()
    assert peer.pid is not None
    host, port = sock.getsockname()
    theirs_pace, _, floor_s, floor_mb = measure(host, port, peer.pid, count, seconds, True)
    os.kill(peer.pid, signal.SIGKILL)
    print(f"{count} clients on every tag, messages of {size:.0f} bytes in the mean")
    for title, rate, cost, memory in (("the pages' server", pace, ours_s, ours_mb),
                                      ("bare threads", theirs_pace, floor_s, floor_mb)):  # fmt: skip
        print(f"{title:<18} {rate:5.1f} messages a second each   {cost * 1e6:6.1f} us a message   {memory:5.0f} MB   "
              f"{rate * count * cost:5.2f} of a core")  # fmt: skip
    print(f"ratio a message {ours_s / floor_s:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
