"""Signs of life on their way: an HTTP server of our own, a file, systemd's socket; and what goes wrong there."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from runtime.outputs import NotDelivered, Systemd, fetch, write_file


class Monitor(HTTPServer):
    """Remembers what was fetched; ``/broken`` answers 500."""

    asked: list[str]


class Handler(BaseHTTPRequestHandler):
    server: Monitor

    def do_GET(self) -> None:
        self.server.asked.append(f"{self.path} {self.headers['User-Agent'].partition('/')[0]}")
        self.send_response(500 if self.path.startswith("/broken") else 200)
        self.end_headers()
        self.wfile.write(b"OK")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def monitor() -> Iterator[Monitor]:
    server = Monitor(("127.0.0.1", 0), Handler)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join(60)
    server.server_close()


def test_an_address_is_fetched(monitor: Monitor) -> None:
    fetch(f"http://127.0.0.1:{monitor.server_port}/ping/mkz", 10.0)
    assert monitor.asked == ["/ping/mkz scada"]


def test_what_went_wrong_is_told_without_the_secret_of_the_address(monitor: Monitor) -> None:
    with pytest.raises(NotDelivered) as caught:
        fetch(f"http://user:pass@127.0.0.1:{monitor.server_port}/broken/secret?token=7", 10.0)
    assert "secret" not in str(caught.value)
    assert "pass" not in str(caught.value)
    with pytest.raises(NotDelivered, match=r"http://127\.0\.0\.1: answered 500"):
        fetch(f"http://127.0.0.1:{monitor.server_port}/broken", 10.0)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(NotDelivered, match=r"http://127\.0\.0\.1: Connection refused"):
            fetch(f"http://127.0.0.1:{free.getsockname()[1]}/", 10.0)


def test_an_answer_that_does_not_come_is_told() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(NotDelivered, match="timed out"):
            fetch(f"http://127.0.0.1:{silent.getsockname()[1]}/", 0.05)


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    write_file(tmp_path / "alive", "one\n")
    write_file(tmp_path / "alive", "two\n")
    assert [path.name for path in tmp_path.iterdir()] == ["alive"]
    assert (tmp_path / "alive").read_text(encoding="utf-8") == "two\n"
    with pytest.raises(NotDelivered, match="No such file"):
        write_file(tmp_path / "none" / "alive", "x")


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_gets_datagrams(tmp_path: Path, abstract: bool) -> None:
    name = f"scada-test-{tmp_path.name}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name}" if abstract else str(tmp_path / "notify"))
        manager.settimeout(10)
        systemd = Systemd({"NOTIFY_SOCKET": f"@{name}" if abstract else str(tmp_path / "notify")})
        assert systemd.tell("READY=1")
        assert manager.recv(100) == b"READY=1"
    assert not systemd.tell("WATCHDOG=1"), "nobody is there any more"
    assert not Systemd({}).tell("WATCHDOG=1"), "nobody asked for it"
