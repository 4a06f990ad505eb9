"""The serial line as a pty, opened by pyserial like any serial port."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import serial

from runtime.settings import Settings
from runtime.simulator import Plant, PlantError
from runtime.simulator.line_faults import rtu_frame

READ = rtu_frame(1, bytes.fromhex("03 00 28 00 04"))


def with_serial(settings: Settings, path: Path) -> Settings:
    links = dict(settings.links)
    links["mkz_line"] = replace(links["mkz_line"], kind="serial", host="", device=str(path))
    return replace(settings, links=links)


def ask(path: str) -> bytes:
    with serial.Serial(path, 9600, stopbits=2, timeout=30) as port:
        port.write(READ)
        return bytes(port.read(13))


def test_pyserial_asks_over_the_linked_path(build: Callable[..., Plant], settings: Settings, tmp_path: Path) -> None:
    async def main() -> None:
        path = tmp_path / "ttyLINE"
        plant = build(settings=with_serial(settings, path), link_ptys=True)
        await plant.start()
        assert path.readlink() == Path(plant.ptys["mkz_line"])
        answer = await asyncio.to_thread(ask, str(path))
        words = plant.controllers["mkz.shpr"].bank.read(40, 4)
        await plant.stop()
        assert answer[:3] == bytes((1, 3, 8))
        assert answer[3:11] == b"".join(word.to_bytes(2, "big") for word in words)
        assert not path.is_symlink()

    asyncio.run(main())


def test_a_file_that_is_there_is_left_alone(build: Callable[..., Plant], settings: Settings, tmp_path: Path) -> None:
    async def main() -> None:
        path = tmp_path / "ttyLINE"
        path.write_text("mine")
        plant = build(settings=with_serial(settings, path), link_ptys=True)
        with pytest.raises(PlantError, match="can't be put there: File exists"):
            await plant.start()
        assert path.read_text() == "mine"

    asyncio.run(main())
