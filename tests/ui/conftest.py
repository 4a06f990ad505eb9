"""A fake plant, the application over it, and the real server as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from simple_websocket import Client, ConnectionClosed

from tests.ui.fake_plant import FakePlant
from ui import create_app

ROOT = Path(__file__).parents[2]


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[FakePlant]:
    plant = FakePlant(tmp_path / "run")
    yield plant
    plant.close()


@pytest.fixture
def app(plant: FakePlant) -> Flask:
    return create_app(plant.folder.folder, "ru")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client(use_cookies=False)


@contextmanager
def serve(run_dir: Path, *more: str, listen: str = "127.0.0.1:0") -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """``python -m ui`` on a port of the system's choice: (host:port, process)."""
    command = [sys.executable, "-m", "ui", "--run-dir", str(run_dir), "--listen", listen, *more]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("ui: http://"), line
        yield line.strip().removeprefix("ui: http://"), process
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGTERM)
        process.wait(10)
        if process.stdout:
            process.stdout.close()


def until_closed(client: Client) -> None:
    """Read what still comes until the server has closed the connection."""
    try:
        while client.receive(timeout=10) is not None:
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
