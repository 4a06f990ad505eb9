"""A small plant of tags, and a clock that moves by hand."""

import math

import pytest

from tagdb import Inbox, Kind, Tag, TagStore
from tests.support.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def store() -> TagStore:
    store = TagStore(capacity=8)
    words = {"en": "", "ru": ""}
    store.install(
        Tag(f"mkz.gpu1.{name}", slot, Kind.FLOAT, "mkz", "mkz.gpu1", "g", words, stale_after_s=stale)
        for slot, (name, stale) in enumerate([("power", 3.0), ("speed", 3.0), ("total", math.inf)])
    )
    return store
