"""Writers, and ways to put items into a history; the databases come from the folder above."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tagdb.history import HistoryWriter, Item
from tests.support.clock import ManualClock

Make = Callable[..., HistoryWriter]


@pytest.fixture
def write(url: str, tmp_path: Path) -> Callable[..., None]:
    """Put items into the history, and wait until they are there."""
    return lambda *items: _write(url, tmp_path, *items)


@pytest.fixture
def write_sqlite(tmp_path: Path) -> Callable[..., None]:
    """The same, into SQLite alone."""
    return lambda *items: _write(f"sqlite:///{tmp_path}/history.sqlite3", tmp_path, *items)


def _write(url: str, folder: Path, *items: Item) -> None:
    writer = HistoryWriter(url, folder / "spool")
    for item in items:
        writer.post(item)
    writer.step()
    status = writer.status()
    writer.close()
    assert (status["written"], status["dropped"], status["healthy"]) == (len(items), 0, True), status


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def make(tmp_path: Path, clock: ManualClock) -> Iterator[Make]:
    """Writers without a thread, on a clock that stands still; closed at the end."""
    made: list[HistoryWriter] = []

    def maker(url: str, **more: Any) -> HistoryWriter:
        settings: dict[str, Any] = {"period_s": 0.01, "timeout_s": 2.0, "monotonic": clock.monotonic}
        made.append(HistoryWriter(url, tmp_path / "spool", **settings | more))
        return made[-1]

    yield maker
    for writer in made:
        writer.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/history.sqlite3"


def down(tmp_path: Path) -> str:
    """A database that cannot be opened: a folder is in its place."""
    (tmp_path / "history.sqlite3").mkdir()
    return f"sqlite:///{tmp_path}/history.sqlite3"
