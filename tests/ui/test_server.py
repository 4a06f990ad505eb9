"""The process: it starts on a free port, says plainly when it cannot, and stops at once."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from simple_websocket import Client

from tests.support.running import wait_until
from tests.ui.conftest import ROOT, serve, until_closed
from tests.ui.fake_plant import FakePlant


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ui", "--run-dir", "/nonexistent", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_a_port_in_use_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = run("--listen", address)
    assert done.returncode == 2
    assert done.stderr == f"ui: cannot listen on {address}: Address already in use\n"
    assert done.stdout == ""


def test_an_address_that_is_none() -> None:
    done = run("--listen", "localhost")
    assert (done.returncode, done.stderr) == (2, "ui: --listen 'localhost': expected HOST:PORT\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_at_once_with_open_websockets(plant: FakePlant, number: signal.Signals) -> None:
    with serve(plant.folder.folder) as (address, process):
        clients = [Client(f"ws://{address}/ws/tags") for _ in range(5)]
        for client in clients:
            client.send('{"subscribe": ["*"]}')
            assert client.receive(timeout=60) is not None
        asked = time.monotonic()
        assert process.pid is not None
        os.kill(process.pid, number)
        process.join(30)
        assert process.exitcode == 0
        assert time.monotonic() - asked < 15, "sooner than idle connections are closed"
        for client in clients:
            until_closed(client)
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(tuple(address.split(":")), 1)


def test_it_serves_without_a_runtime_and_finds_one_later(tmp_path: Path) -> None:
    with serve(tmp_path / "run", "--demo", "--language", "en") as (address, _):
        with pytest.raises(urllib.error.HTTPError, match="503") as refused:
            urllib.request.urlopen(f"http://{address}/healthz", timeout=60)
        refused.value.close()
        with urllib.request.urlopen(f"http://{address}/", timeout=60) as page:
            assert b"DEMO" in page.read()
        plant = FakePlant(tmp_path / "run")
        with urllib.request.urlopen(f"http://{address}/healthz", timeout=60) as answer:
            assert json.load(answer)["status"] == "ok"
        plant.close()


def test_it_dies_with_its_parent(plant: FakePlant) -> None:
    script = (
        "import subprocess, sys, time\n"
        f"folder = {str(plant.folder.folder)!r}\n"
        "command = [sys.executable, '-m', 'ui', '--run-dir', folder, '--listen', '127.0.0.1:0']\n"
        "p = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)\n"
        "print(p.pid, p.stdout.readline(), flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline().split()[0])
    parent.kill()
    parent.wait(60)
    parent.stdout.close()
    wait_until(lambda: not running(pid), "it ends too")


def running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"
