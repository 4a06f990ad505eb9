"""The live feed over real WebSockets through the real server in a process of its own."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from simple_websocket import Client, ConnectionClosed

from tests.ui.conftest import scanning, serve, until_closed
from tests.ui.fake_alarms import FakeAlarms, alarm
from tests.ui.fake_plant import FakePlant, show_alarms

POWER = "mkz.gpu1.power_total"
DEADLINE_S = 30.0
#: what a feed says of itself, at any time
STATE_OF_FEED = frozenset({"heartbeat", "stale"})


@pytest.fixture(scope="module")
def lively(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FakePlant, Any, str]]:
    """A plant that scans, the lock to change it with, and the server's address."""
    plant = FakePlant(tmp_path_factory.mktemp("plant") / "run")
    with scanning(plant) as lock, serve(plant.folder.folder) as (address, _):
        yield plant, lock, address
    plant.close()


@contextmanager
def connect(address: str, **headers: str) -> Iterator[Client]:
    client = Client(f"ws://{address}/ws/tags?lang=en", headers=headers or None)
    try:
        yield client
    finally:
        with suppress(ConnectionClosed):
            client.close()


def receive(client: Client, wanted: str, passed: frozenset[str] = STATE_OF_FEED) -> dict[str, Any]:
    """The next message that has this key; those with one of the keys in ``passed`` may come before it, and no other.

    A busy machine may start the server before the first scan, or hold a scan up: the feed then rightly says so.
    """
    end = time.monotonic() + DEADLINE_S
    while (left := end - time.monotonic()) > 0:
        text = client.receive(timeout=left)
        if text is None:
            break
        message: dict[str, Any] = json.loads(text)
        if wanted in message:
            return message
        assert passed & message.keys(), message
    raise AssertionError(f"no '{wanted}' within {DEADLINE_S} s")


def test_snapshot_once_then_changes_only(lively: tuple[FakePlant, Any, str]) -> None:
    plant, lock, address = lively
    with connect(address) as client:
        client.send(json.dumps({"subscribe": ["mkz.gpu1.*"]}))
        snapshot = receive(client, "snapshot")
        assert len(snapshot["snapshot"]) == sum(tag.device == "mkz.gpu1" for tag in plant.tags)
        assert snapshot["scan"] > 0
        with lock:
            plant.set(POWER, 77.7)
            plant.set("mkz.gpu2.power_total", 1.0)  # nobody asked
        changes = receive(client, "changes")
        assert [(tag["tag"], tag["text"]) for tag in changes["changes"]] == [(POWER, "77.7")]
        assert changes["scan"] > snapshot["scan"]
        beat = receive(client, "heartbeat")
        assert beat["heartbeat"] > changes["scan"]
        assert beat["age_ms"] < 2000


def test_resume(lively: tuple[FakePlant, Any, str]) -> None:
    plant, lock, address = lively
    with connect(address) as client:
        client.send(json.dumps({"subscribe": ["mkz.*"]}))
        before = receive(client, "snapshot")
    with lock:
        plant.set(POWER, 55.5)
    with connect(address) as client:
        client.send(json.dumps({"subscribe": ["mkz.*"], "since": before["scan"], "epoch": before["epoch"]}))
        changes = receive(client, "changes")
        assert [(tag["tag"], tag["value"]) for tag in changes["changes"]] == [(POWER, 55.5)]


def test_a_client_that_does_not_read_is_skipped_forward(lively: tuple[FakePlant, Any, str]) -> None:
    """It stops reading while far more changes than its socket can hold; then it gets few messages."""
    plant, lock, address = lively
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)
    host, port = address.split(":")
    sock.connect((host, int(port)))
    with connect(address) as fast, sock:
        key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
        upgrade = f"Host: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{key}\r\n\r\n"
        sock.sendall(f"GET /ws/tags HTTP/1.1\r\n{upgrade}".encode())
        assert sock.recv(4096).endswith(b"\r\n\r\n")
        body = json.dumps({"subscribe": ["*"]}).encode()
        sock.sendall(bytes([0x81, 0x80 | len(body), 0, 0, 0, 0]) + body)
        fast.send(json.dumps({"subscribe": ["*"]}))
        receive(fast, "snapshot")
        names = [tag.name for tag in plant.tags if tag.kind == "float"]
        rounds = 40
        for value in range(rounds):
            with lock:
                for name in names:
                    plant.set(name, 1000.0 + value)
            receive(fast, "changes")
        messages = frames_until(sock, f"{1000.0 + rounds - 1}")
        messages = [message for message in messages if not STATE_OF_FEED & message.keys()]
        assert len(messages) < rounds / 2
        assert "snapshot" in messages[0]
        last = {tag["tag"]: tag["value"] for message in messages[1:] for tag in message.get("changes", ())}
        assert {last[name] for name in names} == {1000.0 + rounds - 1}


def frames_until(sock: socket.socket, text: str) -> list[dict[str, Any]]:
    sock.settimeout(DEADLINE_S)
    data = b""
    messages: list[dict[str, Any]] = []
    while True:
        while len(data) < 10 or len(data) < size(data):
            data += sock.recv(65536)
        payload, data = data[size(data, True) : size(data)], data[size(data) :]
        messages.append(json.loads(payload))
        if text in payload.decode():
            return messages


def size(data: bytes, head: bool = False) -> int:
    """Bytes of the first frame, or of its head."""
    length, start = data[1] & 0x7F, 2
    if length == 126:
        length, start = int.from_bytes(data[2:4], "big"), 4
    elif length == 127:
        length, start = int.from_bytes(data[2:10], "big"), 10
    return start if head else start + length


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("nonsense", "this is not JSON"),
        ("[]", 'expected {"subscribe": ["site.*", ...]}'),
        ('{"subscribe": "mkz.*"}', "'subscribe' must be a list of patterns"),
        ('{"subscribe": [], "sinse": 1}',
         "unknown key 'sinse'; known: subscribe, since, epoch, ages, subscribe_alarms"),
        ('{"subscribe": [], "since": "1"}', "'since' and 'epoch' must be whole numbers, 'ages' true or false"),
        (json.dumps({"subscribe": ["a"] * 201}), "at most 200 patterns of at most 200 characters"),
    ],
)
def test_bad_messages_are_answered(lively: tuple[FakePlant, Any, str], message: str, told: str) -> None:
    with connect(lively[2]) as client:
        client.send(message)
        assert receive(client, "error")["error"] == {"code": "bad-message", "message": told}
        client.send('{"subscribe": ["mkz.gpu1.power_total"]}')
        assert len(receive(client, "snapshot")["snapshot"]) == 1


def test_a_message_that_is_too_long_ends_the_connection(lively: tuple[FakePlant, Any, str]) -> None:
    with connect(lively[2]) as client:
        client.send("x" * (65 << 10))
        until_closed(client)


def test_a_page_of_another_site_is_refused(lively: tuple[FakePlant, Any, str]) -> None:
    with pytest.raises(Exception, match="403"), connect(lively[2], Origin="http://evil.example"):
        pass
    with connect(lively[2], Origin="http://127.0.0.1") as client:  # this client's Host has no port
        client.send('{"subscribe": []}')
        assert receive(client, "snapshot")["snapshot"] == []


def test_stale_is_told_and_its_end_too(tmp_path: Path) -> None:
    plant = FakePlant(tmp_path / "run")
    with serve(plant.folder.folder) as (address, _), connect(address) as client:
        client.send(json.dumps({"subscribe": [POWER]}))
        said = frozenset({"heartbeat", "snapshot"})
        while receive(client, "stale", said).get("reason") != "scan-stalled":  # before it, that nothing was read yet
            pass
        with scanning(plant):
            while receive(client, "stale", said)["stale"]:
                pass
        plant.close()
        while receive(client, "stale", said).get("reason") != "no-runtime":  # before it, perhaps, that it stalled
            pass


def test_alarms_come_to_those_who_subscribe(tmp_path: Path) -> None:
    plant = FakePlant(tmp_path / "run")
    with (
        FakeAlarms(plant.folder.channel, [alarm(1), alarm(2)]).answering() as runtime,
        scanning(plant) as lock,
        serve(plant.folder.folder) as (address, _),
        connect(address) as client,
    ):
        client.send(json.dumps({"subscribe_alarms": True}))
        assert [row["id"] for row in receive(client, "alarms")["alarms"]] == [1, 2]
        with lock:
            runtime.alarms.pop()
            runtime.revision = 2
            show_alarms(plant, runtime.tags())
        assert receive(client, "alarm_changes")["ended"] == [2]
        client.send(json.dumps({"subscribe_alarms": "yes"}))
        assert "subscribe_alarms" in receive(client, "error")["error"]["message"]
    plant.close()
