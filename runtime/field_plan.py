"""The plan of the field: settings and register maps become buses and devices, with the slots of their tags.

Part of putting the program together; pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from registermaps import Point, RegisterMap
from runtime.field import BusSpec, DeviceSpec
from runtime.own_tags import DEVICE_TAGS, LINK_TAGS
from runtime.scan import wall_time
from runtime.settings import DeviceSettings, LinkSettings, Settings
from runtime.wire import LinkSpec

__all__ = ["field_plan", "largest_read", "link_spec"]


def field_plan(
    settings: Settings,
    maps: Mapping[str, RegisterMap],
    points: Mapping[str, tuple[Point, ...]],
    slots: Mapping[str, int],
    lives: Mapping[str, Mapping[str, float]],
) -> dict[str, tuple[BusSpec, Sequence[DeviceSpec]]]:
    """Link -> its bus and the devices on it. ``lives``: device -> poll class -> seconds until its tags are stale."""
    plan: dict[str, tuple[BusSpec, Sequence[DeviceSpec]]] = {}
    for link in settings.links.values():
        devices = [device for device in settings.devices.values() if device.link == link.name]
        if not devices:
            continue
        spec = BusSpec(
            link=link_spec(link),
            max_registers=largest_read(link, [maps[device.map] for device in devices]),
            pause_s=link.pause_s,
            reconnect_min_s=link.reconnect_min_s,
            reconnect_max_s=link.reconnect_max_s,
            health={row.name: slots[f"links.{link.name}.{row.name}"] for row in LINK_TAGS},
        )
        plan[link.name] = (
            spec,
            [
                _device_spec(device, link, maps[device.map], points[device.name], slots, lives[device.name])
                for device in devices
            ],
        )
    return plan


def largest_read(link: LinkSettings, maps: Sequence[RegisterMap]) -> int:
    """Registers that one read on this link may have."""
    kind = "tcp" if link.kind == "tcp" else "rtu"
    return link.max_registers or min(map_.max_registers[kind] for map_ in maps)


def link_spec(link: LinkSettings) -> LinkSpec:
    """How to open a link."""
    return LinkSpec(
        name=link.name,
        kind=link.kind,
        host=link.host,
        port=link.port,
        device=link.device,
        line=link.line,
        echo=link.echo,
        paced=link.paced,
        ghost_life_s=link.ghost_life_s,
        quarantine_s=link.quarantine_s,
        connect_timeout_s=link.connect_timeout_s,
        wall_clock=wall_time,
    )


def _device_spec(
    device: DeviceSettings,
    link: LinkSettings,
    map_: RegisterMap,
    points: tuple[Point, ...],
    slots: Mapping[str, int],
    lives: Mapping[str, float],
) -> DeviceSpec:
    return DeviceSpec(
        name=device.name,
        unit=device.unit,
        points=points,
        slots={point.name: slots[f"{device.name}.{point.name}"] for point in points},
        polls={
            name: replace(poll, period_s=device.periods.get(name, poll.period_s)) for name, poll in map_.polls.items()
        },
        stale_s=lives,
        enums=map_.enums,
        unreadable=map_.unreadable,
        timeout_s=device.timeout_s if device.timeout_s is not None else link.timeout_s,
        retries=device.retries if device.retries is not None else link.retries,
        offline_after=device.offline_after,
        demote_max_s=device.demote_max_s,
        health={row.name: slots[f"{device.name}.{row.name}"] for row in DEVICE_TAGS},
    )
