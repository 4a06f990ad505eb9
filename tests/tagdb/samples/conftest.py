"""Benches on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tagdb import Tag
from tests.tagdb.samples.bench import Bench


@pytest.fixture
def bench(url: str, tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    """Make a bench over some tags; further ones on the same database are later runs of the program."""
    made: list[Bench] = []

    def make(tags: list[Tag], **options: Any) -> Bench:
        made.append(Bench(url, tmp_path, tags, **options))
        return made[-1]

    yield make
    for bench in made:
        bench.close()
