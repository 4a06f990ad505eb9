"""Both databases for every test: SQLite in a file, and a private PostgreSQL that is started once and can be stopped."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tagdb.history.cluster import Cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Skipped where PostgreSQL is not installed; under CI that is a failure."""
    places = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    if found := shutil.which("initdb"):
        places.append(Path(found).resolve().parent)
    if not places:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("PostgreSQL is not installed (Debian: postgresql)")
    # short: the path of a socket has at most 107 bytes
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    made = Cluster(places[0], folder)
    try:
        made.create()
        made.start()
        yield made
        made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_names = itertools.count()


@pytest.fixture
def fresh_postgresql(cluster: Cluster) -> str:
    """The URL of an empty database on the cluster."""
    name = f"history_{next(_names)}"
    cluster.execute(f"CREATE DATABASE {name} STRATEGY file_copy")
    return cluster.url(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/history.sqlite3"
    found: str = request.getfixturevalue("fresh_postgresql")
    return found
