"""The server itself speaks TLS: pages, cookies, and WebSockets that read and write at the same time."""

from __future__ import annotations

import json
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from simple_websocket import Client

from tagdb.accounts import Accounts, Role
from tests.support.accounts import CHEAP, PASSWORD, account_settings
from tests.ui.conftest import scanning, serve
from tests.ui.fake_plant import FakePlant


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=plant"]
    files = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(folder / "key"), "-out", str(folder / "cert")]
    subprocess.run(["openssl", "req", *kind, *files], check=True, capture_output=True)
    return folder


@pytest.fixture
def served(tls: Path, tmp_path: Path) -> Iterator[tuple[str, ssl.SSLContext, FakePlant]]:
    """(host:port, what trusts it, plant) of a real plant with one user, and no demo."""
    settings = account_settings(tmp_path)
    accounts = Accounts(settings, time.time, CHEAP)
    accounts.users.add("operator", Role.OPERATOR, password=PASSWORD)
    accounts.close()
    plant = FakePlant(tmp_path / "run")
    options = ["--tls-certificate", str(tls / "cert"), "--tls-key", str(tls / "key")]
    given = ["--accounts", json.dumps(settings.to_json())]
    with serve(plant.folder.folder, *options, *given) as (address, _):
        yield address, ssl.create_default_context(cafile=tls / "cert"), plant
    plant.close()


def test_log_in_and_feed_over_tls(served: tuple[str, ssl.SSLContext, FakePlant]) -> None:
    address, context, plant = served
    body = json.dumps({"name": "operator", "password": PASSWORD}).encode()
    request = urllib.request.Request(f"https://{address}/api/login", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, context=context, timeout=60) as answer:
        cookie = answer.headers["Set-Cookie"]
        assert "max-age=" in answer.headers["Strict-Transport-Security"]
    assert cookie.startswith("__Host-scada=")
    assert "Secure" in cookie
    headers = {"Cookie": cookie.partition(";")[0], "Origin": "https://127.0.0.1"}
    with scanning(plant, 0.02):
        client = Client(f"wss://{address}/ws/tags", headers=headers, ssl_context=context)
        for number in range(20):  # while the feed sends
            client.send(json.dumps({"subscribe": ["*"] if number % 2 else ["mkz.*"]}))
            for _ in range(500):
                message = client.receive(timeout=30)
                assert message is not None
                if "snapshot" in json.loads(message):
                    break
        client.close()


def test_plain_http_is_not_spoken_there(served: tuple[str, ssl.SSLContext, FakePlant]) -> None:
    address, _, _ = served
    with pytest.raises(OSError, match=r"."):
        urllib.request.urlopen(f"http://{address}/healthz", timeout=60)
