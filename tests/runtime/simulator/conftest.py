"""A plant of the shipped demo ini on ports that the system chooses, and a clock that stands still."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from registermaps import RegisterMap, load_maps
from runtime.settings import Settings, load_settings
from runtime.simulator import Plant

ROOT = Path(__file__).parents[3]


class StillClock:
    """2026-03-01 12:00:00 UTC, until somebody moves it."""

    def __init__(self) -> None:
        self.now = 1772366400.0

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


async def ended(reader: asyncio.StreamReader) -> bool:
    """Whether the other side ends the connection, one way or the other, before it sends anything."""
    try:
        return await asyncio.wait_for(reader.read(100), 60) == b""
    except ConnectionResetError:
        return True


@pytest.fixture(scope="session")
def maps() -> Mapping[str, RegisterMap]:
    return load_maps(ROOT / "registermaps")


@pytest.fixture
def settings() -> Settings:
    shipped = load_settings(ROOT / "scada.ini")
    return replace(shipped, links={name: replace(link, port=0) for name, link in shipped.links.items()})


@pytest.fixture
def build(settings: Settings, maps: Mapping[str, RegisterMap]) -> Callable[..., Plant]:
    def make(**options: Any) -> Plant:
        return Plant(options.pop("settings", settings), maps, clock=StillClock(), moving=False, **options)

    return make


@pytest.fixture
def plant(build: Callable[..., Plant]) -> Plant:
    return build(seed=7)
