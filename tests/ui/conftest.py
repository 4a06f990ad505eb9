"""A fake plant, the application over it, and the real server as a process of its own.

Nobody has to log in here: ``make_app`` makes an application whose test clients are an administrator's program unless
they say otherwise (``as_role``, or headers of their own), and ``serve`` runs a server that opens like a demo,
view-only, where ``cookie_of`` gives a browser the session of a role. In a browser (``Site.page``) tests are an
administrator.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from simple_websocket import Client, ConnectionClosed

from reports import ReportSettings
from tagdb.accounts import Accounts, AccountSettings, Role
from tests.support.accounts import CHEAP, account_settings, open_accounts, token_of
from tests.support.ui_process import ui_process
from tests.ui.fake_plant import FakePlant
from ui import create_app
from ui.services import Services

ROOT = Path(__file__).parents[2]


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[FakePlant]:
    plant = FakePlant(tmp_path / "run")
    yield plant
    plant.close()


class KnownClient(FlaskClient):
    """Sends ``known_as`` with each request, but where that brings headers of the same name."""

    known_as: Mapping[str, str] | None = None

    def open(self, *args: Any, **kwargs: Any) -> Any:
        known = self.application.config["KNOWN_AS"] if self.known_as is None else self.known_as
        return super().open(*args, headers={**known, **dict(kwargs.pop("headers", None) or {})}, **kwargs)


class CompiledTemplates(BytecodeCache):
    """Each template is compiled once for all applications that the tests make."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._known:
            bucket.bytecode_from_string(self._known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key] = bucket.bytecode_to_string()


_TEMPLATES = CompiledTemplates()


def make_app(
    run_dir: Path,
    language: str = "ru",
    demo: bool = False,
    history: str = "",
    photos: Path | None = None,
    reports: ReportSettings | None = None,
    **settings: Any,
) -> Flask:
    """``create_app`` with accounts beside the run directory: a user of each role, and clients that may everything.

    ``settings``: of the accounts.
    """
    accounts = open_accounts(run_dir.parent / "accounts", time.time, *Role, **settings)
    app = create_app(run_dir, language, demo, history, photos, accounts, reports)
    app.jinja_env.bytecode_cache = _TEMPLATES
    app.test_client_class = KnownClient
    app.config["KNOWN_AS"] = token_of(accounts, Role.ADMINISTRATOR)
    return app


def accounts_of(app: Flask) -> Accounts:
    """Those of an application made by ``make_app``."""
    here: Services = app.extensions["scada"]
    assert here.accounts
    return here.accounts


def as_role(app: Flask, role: Role | None, sites: tuple[str, ...] = ("*",)) -> FlaskClient:
    """A client with the rights of a role; None = nobody."""
    client = app.test_client(use_cookies=role is None)
    assert isinstance(client, KnownClient)
    client.known_as = token_of(accounts_of(app), role, sites) if role else {}
    return client


@pytest.fixture
def app(plant: FakePlant) -> Iterator[Flask]:
    app = make_app(plant.folder.folder)
    yield app
    accounts_of(app).close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client(use_cookies=False)


def demo_accounts(run_dir: Path) -> AccountSettings:
    """Of ``serve``."""
    return account_settings(run_dir.parent / "accounts", demo=True)


def cookie_of(run_dir: Path, address: str, role: Role = Role.ADMINISTRATOR) -> tuple[str, str]:
    """Name and value of the cookie of a new session at a server that ``serve`` runs."""
    accounts = Accounts(demo_accounts(run_dir), time.time, CHEAP)
    secret, _ = accounts.sessions.begin(role.word, "127.0.0.1", "tests", "demo")
    accounts.close()
    return f"scada_{address.rpartition(':')[2]}", secret


@contextmanager
def serve(run_dir: Path, *more: str, listen: str = "127.0.0.1:0") -> Iterator[tuple[str, BaseProcess]]:
    """The pages' process on a port of the system's choice: (host:port, process)."""
    accounts: list[str] = []
    if "--accounts" not in more:
        settings = demo_accounts(run_dir)
        Accounts(settings, time.time, CHEAP).close()  # made once, before the server and ``cookie_of`` open it at a time
        accounts = ["--accounts", json.dumps(settings.to_json())]
    with ui_process(["--run-dir", str(run_dir), "--listen", listen, *accounts, *more]) as (line, process):
        assert line.startswith("ui: http"), line
        yield line.partition("://")[2], process


def until_closed(client: Client) -> None:
    """Read what still comes until the server has closed the connection."""
    try:
        while client.receive(timeout=60) is not None:
            pass
    except ConnectionClosed:
        return
    raise AssertionError("the connection is still open")


@contextmanager
def scanning(plant: FakePlant, period_s: float = 0.05) -> Iterator[threading.Lock]:
    """Publish scans from a thread; hold the lock to change tags between two scans."""
    done, lock = threading.Event(), threading.Lock()

    def work() -> None:
        while not done.wait(period_s):
            with lock:
                plant.scan()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield lock
    finally:
        done.set()
        thread.join()
