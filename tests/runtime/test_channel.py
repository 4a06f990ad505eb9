"""The command channel: both ends over the real socket."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.outputs import ChannelServer, Refusal
from tagdb import Channel, ChannelError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "channel"


@pytest.fixture
def server(path: Path) -> Iterator[ChannelServer]:
    def refuse() -> None:
        raise Refusal("no-such", "there is none")

    def stuck() -> None:
        raise TimeoutError

    def seconds(text: str) -> float:
        return float(text)

    verbs = {"add": lambda a, b: a + b, "refuse": refuse, "seconds": seconds, "stuck": stuck}
    server = ChannelServer(path, verbs)
    yield server
    server.close()


@pytest.mark.usefixtures("server")
def test_a_call_and_its_answer(path: Path) -> None:
    assert Channel(path).call("add", a=2, b=3) == 5
    assert Channel(path).call("add", a="Г", b="ПУ") == "ГПУ"


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    ("verb", "args", "code", "message"),
    [
        ("refuse", {}, "no-such", "there is none"),
        ("multiply", {}, "unknown-verb", "known verbs: add, refuse, seconds, stuck"),
        ("add", {"a": 1}, "bad-call", "missing 1 required positional argument"),
        ("seconds", {"text": "soon"}, "bad-call", "could not convert"),
        ("stuck", {}, "scan-stuck", "the order was withdrawn, nothing was done"),
    ],
)
def test_refusals_have_a_code_and_a_sentence(
    path: Path, verb: str, args: dict[str, Any], code: str, message: str
) -> None:
    with pytest.raises(ChannelError, match=message) as caught:
        Channel(path).call(verb, **args)
    assert caught.value.code == code


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("line", [b"garbage\n", b"[]\n", b'{"verb": ["add"]}\n', b"\xff\xfe\n", b"\n"])
def test_garbage_is_answered_and_the_next_call_works(path: Path, line: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(path))
        sock.sendall(line)
        answer = json.loads(sock.makefile("rb").readline())
    assert answer["ok"] is False
    assert Channel(path).call("add", a=1, b=1) == 2


@pytest.mark.usefixtures("server")
def test_only_this_user_can_open_it(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600


def test_no_runtime_is_said_so(path: Path) -> None:
    with pytest.raises(ChannelError, match="cannot be reached: No such file") as caught:
        Channel(path).call("add")
    assert caught.value.code == "no-runtime"


def test_a_socket_left_behind_by_a_killed_process_is_replaced(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(path))
    server = ChannelServer(path, {"ping": lambda: "pong"})
    assert Channel(path).call("ping") == "pong"
    server.close()
    assert not path.exists()


def test_a_call_whose_caller_has_gone_is_not_carried_out(path: Path) -> None:
    """The process stood still for longer than the pages wait: the call is read when nobody wants it any more."""
    done: list[str] = []
    server = ChannelServer(path, {"operate": lambda: done.append("operate")})
    for closes in (True, False):
        caller, peer = socket.socketpair()
        caller.sendall(b'{"verb": "operate"}\n')
        if closes:
            caller.close()
        with peer:
            server._answer(peer)
        caller.close()
    server.close()
    assert done == ["operate"], "only for the one that waits"
