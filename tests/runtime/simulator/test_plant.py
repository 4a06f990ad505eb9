"""The plant as a whole: it repeats, it moves, it serves what the settings say and nothing else."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from registermaps import RegisterMap
from runtime.settings import Settings
from runtime.simulator import FaultError, Plant, PlantError

from .conftest import StillClock


def registers(plant: Plant) -> dict[str, bytes]:
    return {name: controller.bank.words.tobytes() for name, controller in plant.controllers.items()}


def test_the_same_seed_and_steps_give_the_same_registers(build: Callable[..., Plant]) -> None:
    first, second = build(seed=5), build(seed=5)
    for plant in (first, second):
        for number in range(200):
            plant.step(0.3 + number % 7)
            if number == 50:
                plant.fault("mkz.gpu1", "overspeed")
    assert registers(first) == registers(second)


def test_another_seed_is_another_plant(build: Callable[..., Plant]) -> None:
    first, second = build(seed=5), build(seed=6)
    first.step(10.0)
    second.step(10.0)
    assert registers(first) != registers(second)


def test_the_size_of_the_steps_does_not_matter(build: Callable[..., Plant]) -> None:
    first, second = build(seed=5), build(seed=5)
    first.step(20.0)
    for _ in range(400):
        second.step(0.05)
    assert registers(first) == registers(second)


def test_the_six_devices_are_there(plant: Plant) -> None:
    assert {name: controller.bank.map.name for name, controller in plant.controllers.items()} == {
        "mkz.gpu1": "hgm9520n", "mkz.gpu2": "hgm9520n", "mkz.shpr": "hgm9560",
        "yakz.gpu1": "hgm9520n", "yakz.gpu2": "hgm9520n", "yakz.shpr": "hgm9560",
    }  # fmt: skip


def test_a_clock_moves_it_at_its_speed(settings: Settings, maps: Mapping[str, RegisterMap]) -> None:
    class Hasty(StillClock):
        async def sleep(self, seconds: float) -> None:
            self.now += seconds
            await asyncio.sleep(0)

    async def main() -> None:
        plant = Plant(settings, maps, speed=10.0, clock=Hasty())
        await plant.start()
        while plant.time_s < 20.0:
            await asyncio.sleep(0)
        await plant.stop()
        clock = plant.clock
        assert isinstance(clock, Hasty)
        assert plant.time_s == pytest.approx((clock.now - StillClock().now) * 10.0, abs=1.1)

    asyncio.run(main())


def test_only_loopback_is_served(settings: Settings, maps: Mapping[str, RegisterMap]) -> None:
    links = dict(settings.links)
    links["mkz_line"] = replace(links["mkz_line"], host="192.168.97.20")
    with pytest.raises(PlantError) as caught:
        Plant(replace(settings, links=links), maps)
    assert str(caught.value) == (
        "link 'mkz_line': 192.168.97.20:0 is not a loopback address; the simulated plant serves 127.0.0.1 alone"
    )


def test_an_unknown_map(settings: Settings, maps: Mapping[str, RegisterMap]) -> None:
    devices = dict(settings.devices)
    devices["mkz.gpu1"] = replace(devices["mkz.gpu1"], map="hgm1")
    with pytest.raises(PlantError, match=r"device 'mkz\.gpu1': there is no register map 'hgm1'"):
        Plant(replace(settings, devices=devices), maps)


@pytest.mark.parametrize(
    ("target", "fault", "message"),
    [
        ("mkz.gpu9", "offline", "there is no device, link or site 'mkz.gpu9' (did you mean 'mkz.gpu2'?); known"),
        ("mkz", "offline", "fault 'offline' is of the line: it needs a device or a link, and 'mkz' is neither"),
        ("mkz.gpu1", "clients=2", "fault 'clients' needs a serial line, and 'mkz.gpu1' has none"),
        ("mkz_line", "overspeed", "fault 'overspeed' needs a device, and 'mkz_line' is none"),
        ("mkz.shpr", "overspeed", "fault 'overspeed' needs a genset, and 'mkz.shpr' is none"),
        ("mkz_line", "mains-fail", "fault 'mains-fail' needs a site, and 'mkz_line' is none"),
    ],
)
def test_faults_on_the_wrong_target(plant: Plant, target: str, fault: str, message: str) -> None:
    with pytest.raises(FaultError) as caught:
        plant.fault(target, fault)
    assert str(caught.value).startswith(message)


def test_clearing_a_site_clears_its_devices_and_their_lines(plant: Plant) -> None:
    plant.fault("mkz.gpu1", "set=power_total:1")
    plant.fault("mkz.shpr", "drop=1")
    plant.fault("mkz", "mains-fail")
    plant.fault("mkz", "clear")
    assert not plant.controllers["mkz.gpu1"].bank.forced
    assert plant.links.buses["mkz_line"].unit_faults[1].drop == 0.0
    assert not plant.sites["mkz"].mains.failed


def test_gensets_on_the_converters_line_have_their_own_units(
    settings: Settings, maps: Mapping[str, RegisterMap]
) -> None:
    devices = {
        name: replace(device, link="mkz_line", unit=unit)
        for unit, (name, device) in enumerate(settings.devices.items(), 1)
        if name.startswith("mkz")
    }
    plant = Plant(replace(settings, devices=devices), maps, clock=StillClock(), moving=False)
    assert {unit: controller.name for unit, controller in plant.links.buses["mkz_line"].units.items()} == {
        1: "mkz.gpu1", 2: "mkz.gpu2", 3: "mkz.shpr",
    }  # fmt: skip


def test_a_site_without_gensets_or_bus_tie(settings: Settings, maps: Mapping[str, RegisterMap]) -> None:
    devices = {name: settings.devices[name] for name in ("mkz.shpr", "yakz.gpu1")}
    plant = Plant(replace(settings, devices=devices), maps, clock=StillClock(), moving=False)
    plant.step(60.0)
    assert plant.controllers["mkz.shpr"].bank.words[40] == 0
    assert plant.controllers["yakz.gpu1"].bank.words[260] == 9


def test_a_map_that_has_no_model_wanders_within_its_ranges(settings: Settings, maps: Mapping[str, RegisterMap]) -> None:
    tie = maps["hgm9560"]
    points = tuple(point for point in tie.points if point.name != "busbar_switch_status")
    other = replace(tie, name="other", points=points, by_name={point.name: point for point in points})
    device = replace(settings.devices["mkz.shpr"], map="other")
    plant = Plant(replace(settings, devices={device.name: device}), {"other": other}, clock=StillClock(), moving=False)
    bank = plant.controllers["mkz.shpr"].bank
    seen = set()
    for _ in range(50):
        plant.step(5.0)
        seen.add(bank.words[55])
        assert bank.words[55] <= 500
    assert len(seen) > 10


def test_a_mistake_in_the_model_is_not_hidden(
    settings: Settings, maps: Mapping[str, RegisterMap], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        plant = Plant(settings, maps)
        await plant.start()
        monkeypatch.setattr(plant.sites["mkz"].mains, "step", None)
        try:
            with pytest.raises(TypeError):
                await asyncio.wait_for(plant.serve_until(asyncio.Event()), 60)
        finally:
            await plant.stop()

    asyncio.run(main())
