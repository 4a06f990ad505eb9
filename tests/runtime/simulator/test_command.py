"""The command as a process of its own: it starts, says where it serves, and ends when told to."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.ports import free_ports
from tests.support.process import ended_with_test

ROOT = Path(__file__).parents[3]
PROGRAM = """
import argparse, sys
from pathlib import Path
from runtime.settings import load_settings
from runtime.simulator import add_arguments, run
parser = argparse.ArgumentParser()
parser.add_argument("ini", type=Path)
add_arguments(parser)
args = parser.parse_args()
sys.exit(run(load_settings(args.ini), args))
"""
INI = """
[scada]
demo = yes
maps = {maps}
[site mkz]
[device mkz.gpu1]
map = hgm9520n
link = tcp://127.0.0.1:{port}
"""


def start(tmp_path: Path, port: int, *options: str) -> subprocess.Popen[str]:
    ini = tmp_path / "scada.ini"
    ini.write_text(INI.format(maps=ROOT / "registermaps", port=port), encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(ini), *options], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        # what runs in a shell's background was told to ignore it
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_stop(tmp_path: Path, number: signal.Signals) -> None:
    port = free_ports(1)[0]
    with ended_with_test(start(tmp_path, port, "--seed", "3", "--fault", "mkz.gpu1:set=engine_speed:1234")) as process:
        assert process.stdout is not None
        assert "seed 3" in process.stdout.readline()
        assert process.stdout.readline().split()[-1] == f"127.0.0.1:{port}"
        with socket.create_connection(("127.0.0.1", port), 60) as sock:
            sock.sendall(bytes.fromhex("0001 0000 0006 01 03 00D4 0001"))
            assert sock.recv(100)[-2:] == (1234).to_bytes(2, "big")
            process.send_signal(number)
            _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert errors == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--fault", "mkz.gpu1:dealy=1"], "scada simulate: unknown fault 'dealy' (did you mean 'delay'?)"),
        (["--fault", "mkz.gpu2:offline"], "scada simulate: there is no device, link or site 'mkz.gpu2'"),
        (["--fault", "offline"], "scada simulate: found 'offline', expected TARGET:FAULT"),
    ],
)
def test_it_refuses_what_it_cannot_do_with_a_line_and_status_2(
    tmp_path: Path, options: list[str], message: str
) -> None:
    with ended_with_test(start(tmp_path, free_ports(1)[0], *options)) as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert errors.startswith(message)
    assert errors.count("\n") == 1


def test_a_port_in_use_is_status_2(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with ended_with_test(start(tmp_path, port)) as process:
            _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert errors == (f"scada simulate: link 'mkz_gpu1': port {port} on 127.0.0.1 is in use by another program\n")
