import asyncio
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from runtime.settings import Settings
from runtime.simulator import ControlSocket, FaultError, Plant, PlantError, control_path, send_fault


@pytest.fixture
def own(settings: Settings, tmp_path: Path) -> Settings:
    """Settings whose run-time folder nobody else has."""
    return replace(settings, file=str(tmp_path / f"{uuid.uuid4()}.ini"))


def test_faults_reach_a_running_plant(build: Callable[..., Plant], own: Settings) -> None:
    async def main() -> None:
        plant = build(settings=own)
        control = ControlSocket(plant, control_path(own))
        await control.start()
        try:
            await asyncio.to_thread(send_fault, own, "mkz.shpr", "delay=1.5")
            assert plant.links.buses["mkz_line"].unit_faults[1].delay_s == 1.5
            with pytest.raises(FaultError, match="unknown fault 'dealy'"):
                await asyncio.to_thread(send_fault, own, "mkz.shpr", "dealy=1.5")
        finally:
            await control.stop()
        assert not control_path(own).exists()
        control_path(own).parent.rmdir()

    asyncio.run(main())


def test_without_a_plant_it_says_so(own: Settings) -> None:
    with pytest.raises(FaultError) as caught:
        send_fault(own, "mkz", "mains-fail")
    assert str(caught.value) == f"no simulated plant of {own.file} is running here"


def test_a_folder_that_others_may_read_is_refused(build: Callable[..., Plant], own: Settings, tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    control = ControlSocket(build(settings=own), tmp_path / "open" / "simulator")
    with pytest.raises(PlantError, match="can't listen for faults there"):
        asyncio.run(control.start())


@pytest.mark.parametrize("line", [b"\n", b"{}\n", b'{"args": {"target": 1}}\n', b"[1]\n"])
def test_nonsense_on_the_socket_gets_an_answer(build: Callable[..., Plant], own: Settings, line: bytes) -> None:
    async def main() -> bytes:
        control = ControlSocket(build(settings=own), control_path(own))
        await control.start()
        reader, writer = await asyncio.open_unix_connection(control_path(own))
        writer.write(line)
        answer = await reader.read()
        writer.close()
        await control.stop()
        control_path(own).parent.rmdir()
        return answer

    assert b'"ok": false' in asyncio.run(main())
