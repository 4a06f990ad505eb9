"""From settings and maps to the sites and controllers of the simulated plant."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from registermaps import RegisterMap
from runtime.settings import DeviceSettings, Settings
from runtime.simulator.bustie import BusTie
from runtime.simulator.controller import Controller
from runtime.simulator.genset import Genset
from runtime.simulator.hgm9520n import GensetController
from runtime.simulator.hgm9560 import BusTieController
from runtime.simulator.incidents import Incidents
from runtime.simulator.load import SiteLoad
from runtime.simulator.mains import Mains
from runtime.simulator.ports import PlantError
from runtime.simulator.site import Site
from runtime.simulator.wanderer import WanderingController
from runtime.simulator.wobble import Wobble, seeded

__all__ = ["build_controllers"]

#: when the big consumer of the first, second... site comes for the first time, and when a battery loses its charger:
#: early enough that something happens within the first minute
FIRST_SWITCH_S = (4.0, 30.0)
FIRST_INCIDENT_S = (15.0, 70.0)


def build_controllers(
    settings: Settings, maps: Mapping[str, RegisterMap], seed: int, wall: Callable[[], float]
) -> tuple[dict[str, Site], dict[str, Controller]]:
    """Sites and controllers by name. What a device is follows from the points of its map: a genset has ``gen_status``,
    a bus tie ``busbar_switch_status``; anything else wanders.
    """
    sites: dict[str, Site] = {}
    controllers: dict[str, Controller] = {}
    for number, site in enumerate(settings.sites):
        devices = [device for device in settings.devices.values() if device.site == site]
        sites[site] = _site(site, number, devices, maps, seed)
    for device in settings.devices.values():
        register_map = _map_of(device, maps)
        where = sites[device.site]
        if "gen_status" in register_map.by_name:
            controllers[device.name] = GensetController(
                device.name, device.unit, register_map, where, where.gensets[device.name]
            )
        elif "busbar_switch_status" in register_map.by_name:
            controllers[device.name] = BusTieController(device.name, device.unit, register_map, where, wall)
        else:
            controllers[device.name] = WanderingController(
                device.name, device.unit, register_map, seeded(seed, device.name)
            )
    return sites, controllers


def _map_of(device: DeviceSettings, maps: Mapping[str, RegisterMap]) -> RegisterMap:
    if device.map not in maps:
        raise PlantError(f"device '{device.name}': there is no register map '{device.map}'")
    return maps[device.map]


def _site(name: str, number: int, devices: list[DeviceSettings], maps: Mapping[str, RegisterMap], seed: int) -> Site:
    gensets: dict[str, Genset] = {}
    tie_classes: list[str] = []
    for device in devices:
        register_map = _map_of(device, maps)
        if "gen_status" in register_map.by_name:
            # The first set of each site runs on load at the start, the others stand by.
            gensets[device.name] = Genset(
                seeded(seed, device.name), list(register_map.alarm_classes), running=not gensets
            )
        elif "busbar_switch_status" in register_map.by_name:
            tie_classes = list(register_map.alarm_classes)
    rng = seeded(seed, name)
    return Site(
        name,
        Mains(seeded(seed, f"{name} mains")),
        SiteLoad(rng, len(gensets), FIRST_SWITCH_S[number % 2]),
        # The first site keeps what it takes off the mains, the next its own output: both modes are to be seen.
        BusTie(tie_classes, load_mode=1 - number % 2),
        gensets,
        Incidents(seeded(seed, f"{name} incidents"), FIRST_INCIDENT_S[number % 2]),
        Wobble(rng, 0.8, 2.0),
    )
