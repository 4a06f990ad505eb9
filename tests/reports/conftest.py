"""A recorded site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.reports.plant import ZONE, Site
from tests.tagdb.conftest import cluster, fresh_postgresql, url

__all__ = ["at", "cluster", "fresh_postgresql", "site", "url"]


def at(text: str) -> datetime:
    """A moment on the wall of the site."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.fixture
def site(url: str, tmp_path: Path) -> Iterator[Callable[[str], Site]]:
    """A site that is recorded from a moment on, on either database."""
    made: list[Site] = []

    def make(start: str) -> Site:
        made.append(Site(url, tmp_path, at(start)))
        return made[-1]

    yield make
    for one in made:
        one.bench.close()
