import asyncio
import socket
from collections.abc import Callable
from dataclasses import replace

import pytest

from runtime.settings import Settings
from runtime.simulator import Plant, PlantError


def test_a_port_in_use_is_one_line_and_nothing_is_left_open(build: Callable[..., Plant], settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, socket.create_server(("127.0.0.1", 0)) as spare:
        taken, free = other.getsockname()[1], spare.getsockname()[1]
        spare.close()
        links = dict(settings.links)
        links["mkz_gpu1"] = replace(links["mkz_gpu1"], port=free)
        links["yakz_line"] = replace(links["yakz_line"], port=taken)
        plant = build(settings=replace(settings, links=links))
        with pytest.raises(PlantError) as caught:
            asyncio.run(plant.start())
        assert str(caught.value) == f"link 'yakz_line': port {taken} on 127.0.0.1 is in use by another program"
        with socket.create_server(("127.0.0.1", free)):
            pass


def test_a_stopped_plant_can_be_started_again_at_once(build: Callable[..., Plant], settings: Settings) -> None:
    async def once(ports: dict[str, int]) -> dict[str, int]:
        links = {name: replace(link, port=ports.get(name, 0)) for name, link in settings.links.items()}
        plant = build(settings=replace(settings, links=links))
        await plant.start()
        _, writer = await asyncio.open_connection("127.0.0.1", plant.ports["mkz_gpu1"])
        await plant.stop()
        writer.close()
        return plant.ports

    ports = asyncio.run(once({}))
    assert asyncio.run(once(ports)) == ports
