import asyncio
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from runtime.settings import Settings
from runtime.simulator import ControlSocket, FaultError, Plant, control_path, send_fault


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
