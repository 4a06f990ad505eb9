"""A plant of register maps alone, without an ini: devices by name, every point a tag. For testing rules on a desk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from registermaps import RegisterMap, kind_of
from runtime.rules.plant import Plant
from tagdb import DeviceInfo, Kind, Tag, Words

__all__ = ["bench_plant"]


def bench_plant(
    devices: Mapping[str, str], maps: Mapping[str, RegisterMap], more: Iterable[Mapping[str, Any]] = ()
) -> Plant:
    """A plant.

    Args:
        devices: "site.device" -> register map.
        maps: by name.
        more: further rows of tags, as ``tagdb.Tag`` has its fields.
    """
    enums: dict[str, Mapping[str, Words]] = {
        f"{map_.name}.{name}": {str(number): {"en": text.en, "ru": text.ru} for number, text in texts.items()}
        for map_ in maps.values()
        for name, texts in map_.enums.items()
    }
    infos = [
        DeviceInfo(name, name.partition(".")[0], {"en": name, "ru": name}, map_, {}, "", 1)
        for name, map_ in devices.items()
    ]
    rows = [*(row for name, map_ in devices.items() for row in _rows(name, maps[map_])), *more]
    sites = list(dict.fromkeys(info.site for info in infos))
    return Plant.of(_placed(rows), sites, infos, enums, maps)


def _placed(rows: Iterable[Mapping[str, Any]]) -> list[Tag]:
    """Rows with slots in their order."""
    tags: list[Tag] = []
    texts = 0
    for row in rows:
        text = row["kind"] is Kind.TEXT
        tags.append(Tag(slot=len(tags), text_row=texts if text else -1, **row))
        texts += text
    return tags


def _rows(device: str, map_: RegisterMap) -> Iterator[dict[str, Any]]:
    for point in map_.points:
        yield {
            "name": f"{device}.{point.name}",
            "kind": Kind(kind_of(point)),
            "site": device.partition(".")[0],
            "device": device,
            "group": point.group,
            "label": {"en": point.label.en, "ru": point.label.ru},
            "unit": point.unit,
            "decimals": point.decimals,
            "enum": f"{map_.name}.{point.enum}" if point.enum else "",
            "alarm": point.alarm.kind if point.alarm else "",
        }
