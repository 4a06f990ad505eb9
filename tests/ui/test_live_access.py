"""Who may have a live feed, and for how long: at the handshake, with each message, and in between."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import simple_websocket
from simple_websocket import Client, ConnectionClosed

from tagdb.accounts import Accounts, Role
from tests.support.accounts import CHEAP, account_settings
from tests.ui.conftest import scanning, serve
from tests.ui.fake_plant import FakePlant

#: this client names no port in its Host header, so port 80 is meant
COOKIE = "scada_80"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Accounts]]:
    """(host:port, accounts) of a real plant: nobody looks without a log-in."""
    folder = tmp_path_factory.mktemp("live")
    plant = FakePlant(folder / "run")
    settings = account_settings(folder)
    accounts = Accounts(settings, time.time, CHEAP)
    given = ["--accounts", json.dumps(settings.to_json())]
    with scanning(plant), serve(plant.folder.folder, *given) as (address, _):
        yield address, accounts
    accounts.close()
    plant.close()


@contextmanager
def feed(address: str, **headers: str) -> Iterator[Client]:
    client = Client(f"ws://{address}/ws/tags", headers=headers)
    try:
        yield client
    finally:
        with suppress(ConnectionClosed):
            client.close()


def refusal(address: str, **headers: str) -> int:
    with pytest.raises(simple_websocket.ConnectionError) as refused:
        Client(f"ws://{address}/ws/tags", headers=headers)
    return int(refused.value.status_code)


def token(accounts: Accounts) -> dict[str, str]:
    return {"Authorization": f"Bearer {accounts.tokens.create('robot', Role.VIEWER, 'tests')[0]}"}


def last_words(client: Client) -> tuple[str, int]:
    """(code of the error, close code) with which the server ends it."""
    told = ""
    try:
        while (message := client.receive(timeout=30)) is not None:
            error = json.loads(message).get("error")
            told = error["code"] if error else told
    except ConnectionClosed as closed:
        return told, int(closed.reason)
    raise AssertionError("it goes on")


def test_nobody_is_let_in_who_is_not_known(served: tuple[str, Accounts]) -> None:
    address, accounts = served
    assert refusal(address) == 401
    assert refusal(address, Authorization="Bearer scada_guess") == 401
    assert refusal(address, Cookie=f"{COOKIE}=guess") == 401
    with feed(address, **token(accounts)) as client:
        client.send('{"subscribe": ["*"]}')
        assert client.receive(timeout=30) is not None


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1.evil.example"])
def test_a_page_of_another_site_gets_no_feed(served: tuple[str, Accounts], origin: str) -> None:
    """Cross-site WebSocket hijacking: the browser would send the cookie along."""
    address, accounts = served
    secret, _ = accounts.sessions.begin_screen("wall", "127.0.0.1")
    cookie = {"Cookie": f"{COOKIE}={secret}"}
    assert refusal(address, Origin=origin, **cookie) == 403
    with feed(address, Origin="http://127.0.0.1", **cookie) as client:
        client.send('{"subscribe": ["*"]}')
        assert client.receive(timeout=30) is not None


def test_it_ends_with_the_session_behind_it(served: tuple[str, Accounts]) -> None:
    address, accounts = served
    secret, standing = accounts.sessions.begin_screen("wall", "127.0.0.1")
    with feed(address, Cookie=f"{COOKIE}={secret}") as client:
        client.send('{"subscribe": ["*"]}')
        assert client.receive(timeout=30) is not None
        accounts.sessions.end(standing.reference.partition(":")[2], "revoked")
        assert last_words(client) == ("session-ended", 4401)


def test_each_message_is_looked_at(served: tuple[str, Accounts]) -> None:
    address, accounts = served
    secret, info = accounts.tokens.create("robot", Role.VIEWER, "tests")
    with feed(address, Authorization=f"Bearer {secret}") as client:
        accounts.tokens.end(info.reference)
        client.send('{"subscribe": ["*"]}')
        assert last_words(client) == ("token-ended", 4401)


def test_too_many_messages_end_it(served: tuple[str, Accounts]) -> None:
    address, accounts = served
    with feed(address, **token(accounts)) as client:
        with suppress(ConnectionClosed):
            for _ in range(200):
                client.send('{"subscribe": []}')
        assert last_words(client)[1] == 4401


@pytest.mark.parametrize(
    "message", ["[" * 30_000, '{"subscribe": ["\\ud800"]}', '{"subscribe": [{}]}', "\x00", b"\xff\x00"]
)
def test_malformed_messages_are_told_and_survived(served: tuple[str, Accounts], message: str | bytes) -> None:
    address, accounts = served
    with feed(address, **token(accounts)) as client:
        client.send(message)
        told = json.loads(client.receive(timeout=30) or "{}")
        assert told["error"]["code"] == "bad-message"
        client.send('{"subscribe": ["*"]}')
        assert client.receive(timeout=30) is not None


def test_an_oversize_message_ends_it(served: tuple[str, Accounts], tmp_path: Path) -> None:
    address, accounts = served
    with feed(address, **token(accounts)) as client:
        client.send("x" * (65 << 10))
        assert last_words(client)[1] in (1006, 1009)
