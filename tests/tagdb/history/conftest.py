"""Ways to put items into a history; the databases come from the folder above."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tagdb.history import HistoryWriter, Item


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
