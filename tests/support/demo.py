"""The demo plant on free ports: an ini of its own for a test, and the simulated devices behind it."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from registermaps import load_maps
from runtime.settings import load_settings
from runtime.simulator import Plant, precise_loop
from tests.support.ports import free_ports

__all__ = ["ROOT", "LivePlant", "demo_ini", "live_plant"]

ROOT = Path(__file__).parents[2]
_T = TypeVar("_T")


def demo_ini(folder: Path, extra: str = "", **replacements: str) -> Path:
    """The shipped scada.ini with its own free ports; ``old=new`` pairs are replaced in its text."""
    text = (ROOT / "scada.ini").read_text(encoding="utf-8")
    old = sorted(set(re.findall(r"127\.0\.0\.1:(\d+)", text)))
    for port, new in zip(old, free_ports(len(old)), strict=True):
        text = text.replace(f":{port}", f":{new}")
    text = text.replace("maps = registermaps", f"maps = {ROOT}/registermaps").replace("= rules", f"= {ROOT}/rules")
    for before, after in replacements.items():
        assert before in text
        text = text.replace(before, after)
    ini = folder / "scada.ini"
    ini.write_text(text + extra, encoding="utf-8")
    return ini


class LivePlant:
    """A plant that runs in a thread of its own."""

    def __init__(self, plant: Plant, loop: asyncio.AbstractEventLoop) -> None:
        self.plant = plant
        self._loop = loop

    def call(self, work: Callable[[], _T]) -> _T:
        """Do something to the plant in its own thread."""

        async def run() -> _T:
            return work()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(60)

    def fault(self, target: str, fault: str) -> None:
        """Switch a fault on, or ``clear`` it."""
        self.call(lambda: self.plant.fault(target, fault))


@contextmanager
def live_plant(ini: Path, moving: bool = True) -> Iterator[LivePlant]:
    """Serve the devices of an ini; ``moving`` False: nothing changes but by faults."""
    settings = load_settings(ini)
    loop = precise_loop()
    plant = Plant(settings, load_maps(settings.maps), moving=moving)
    thread = threading.Thread(target=loop.run_forever, name="plant", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(plant.start(), loop).result(60)
        yield LivePlant(plant, loop)
    finally:
        asyncio.run_coroutine_threadsafe(plant.stop(), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(60)
        loop.close()
