"""A recorded site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.reports.plant import ZONE, Site


def at(text: str) -> datetime:
    """A moment on the wall of the site."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Callable[[str], Site]]:
    """A site that is recorded from a moment on."""
    made: list[Site] = []

    def make(start: str) -> Site:
        made.append(Site(tmp_path, at(start)))
        return made[-1]

    yield make
    for one in made:
        one.bench.close()
