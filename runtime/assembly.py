"""Settings and register maps put together: the tag directory, and the plan of buses and devices.

Pure: nothing is opened or started here, so that a reload can be checked whole before anything is touched.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from registermaps import (
    ConfigError,
    Fault,
    Point,
    PointType,
    RegisterMap,
    UnknownPoints,
    did_you_mean,
    kind_of,
    line_time,
    load_maps,
    plan_map,
    select_points,
)
from runtime.alarm_policy import AlarmPolicy
from runtime.control_specs import bind_controls
from runtime.field import BusSpec, DeviceSpec, link_cost
from runtime.field_plan import field_plan, largest_read, link_spec
from runtime.maintenance_tags import MAINTENANCE_CLASSES, MAINTENANCE_ENUMS, maintenance_rows
from runtime.map_views import views_of
from runtime.own_tags import CLOCK_TAGS, CONTROL_TAGS, DEVICE_TAGS, LINK_TAGS, SCADA_TAGS, OwnTag
from runtime.rules import Plant, RuleBook, RuleSet, load_book
from runtime.scan.alarms import AlarmDefinition, definitions_of
from runtime.scan.control import DeviceControls
from runtime.settings import DeviceSettings, LinkSettings, Settings, read_settings
from runtime.tag_words import OWN_ENUMS, enums_of, groups_of
from tagdb import DeviceInfo, Directory, Kind, LinkInfo, SiteInfo, Tag, allocate

__all__ = ["Assembly", "assemble", "link_spec", "load"]

#: what a controller on a serial line thinks before it answers, beside the planner's own allowance; 140-230 ms were
#: typical on real lines, and a tag must not go stale by a line that is merely slow
THINKING_S = 0.2


@dataclass(frozen=True, slots=True)
class Assembly:
    """Everything the program needs to run one generation of the configuration."""

    settings: Settings
    maps: Mapping[str, RegisterMap]
    directory: Directory
    #: link -> bus and devices
    plan: Mapping[str, tuple[BusSpec, Sequence[DeviceSpec]]]
    #: rules with the slots of this generation; they hold state, so an assembly is run once
    rules: RuleSet
    #: of tags, devices, links, the runtime and the rules, as urgent as they are here
    alarms: Sequence[AlarmDefinition]
    #: device -> what it can be told to do
    controls: Mapping[str, DeviceControls] = field(default_factory=dict)
    #: how urgent alarms are here that come only while the program runs: those of maintenance
    policy: AlarmPolicy = field(default_factory=AlarmPolicy)
    #: file of the rules -> what tells its text from any other
    rule_files: Mapping[str, str] = field(default_factory=dict)


def load(ini: Path, before: Assembly | None = None) -> Assembly:
    """Read ini and maps and put them together. Raises ConfigError with the faults of all files."""
    settings, faults = read_settings(ini)
    maps: Mapping[str, RegisterMap] = {}
    book = RuleBook()
    try:
        maps = load_maps(settings.maps)
    except ConfigError as error:
        faults += error.faults
    try:
        book = load_book(settings.rules.yaml, settings.rules.python)
    except ConfigError as error:
        faults += error.faults
    if faults:
        for device in settings.devices.values():
            if maps and device.map:
                _points(settings, device, maps, faults)
        raise ConfigError(faults)
    return assemble(settings, maps, before, book)


def assemble(
    settings: Settings,
    maps: Mapping[str, RegisterMap],
    before: Assembly | None = None,
    book: RuleBook | None = None,
) -> Assembly:
    """Put settings, maps and rules together. Tags that ``before`` had keep their slots. Raises ConfigError."""
    book = book or RuleBook()
    faults: list[Fault] = []
    points = {device.name: _points(settings, device, maps, faults) for device in settings.devices.values()}
    if faults:
        raise ConfigError(faults)
    cycles = {link.name: _cycle_s(settings, link, maps, points, faults) for link in settings.links.values()}
    if faults:
        raise ConfigError(faults)
    lives = {
        device.name: _lives(device, settings.links[device.link], maps[device.map], cycles[device.link])
        for device in settings.devices.values()
    }
    rows = [
        *_scada_rows(),
        *(row for link in settings.links.values() for row in _link_rows(link)),
        *(
            row
            for device in settings.devices.values()
            for row in _device_rows(device, maps[device.map], points[device.name], lives[device.name])
        ),
    ]
    sites = [SiteInfo(site.name, site.title) for site in settings.sites.values()]
    devices = [_device_info(device, maps[device.map]) for device in settings.devices.values()]
    enums = {**enums_of(maps.values()), **MAINTENANCE_ENUMS}
    rows += book.rows(Plant.of_rows(rows, list(settings.sites), devices, enums, maps))
    tags = _place(rows, before)
    slots = {tag.name: tag.slot for tag in tags}
    directory = Directory(
        generation=before.directory.generation + 1 if before else 1,
        title=settings.title,
        demo=settings.demo,
        period_s=settings.period_s,
        tags=tags,
        sites=sites,
        devices=devices,
        links=[LinkInfo(link.name, link.kind, link.address, link.line) for link in settings.links.values()],
        enums=enums,
        groups=groups_of(maps.values()),
        **views_of(maps.values(), MAINTENANCE_CLASSES),
    )
    plan = field_plan(settings, maps, points, slots, lives)
    plant = Plant.of_directory(directory, maps)
    rules = book.bind(plant)
    policy = AlarmPolicy.of(settings.alarms, maps, directory)
    policy.check(settings.alarms, settings.file, directory, rules.definitions)
    alarms = policy.apply([*definitions_of(directory), *rules.definitions])
    controls = bind_controls(settings, maps, plant, slots)
    return Assembly(settings, maps, directory, plan, rules, alarms, controls, policy, book.texts)


def _points(
    settings: Settings, device: DeviceSettings, maps: Mapping[str, RegisterMap], faults: list[Fault]
) -> tuple[Point, ...]:
    path = f"section [device {device.name}]"
    map_ = maps.get(device.map)
    if map_ is None:
        message = f"key 'map': there is no register map '{device.map}'{did_you_mean(device.map, list(maps))}"
        faults.append(Fault(settings.file, device.ini_line, 0, path, f"{message}; known: {', '.join(sorted(maps))}"))
        return ()
    for name in device.periods:
        if name not in map_.polls:
            known = did_you_mean(name, list(map_.polls))
            message = f"key 'periods': map '{map_.name}' has no poll class '{name}'{known}"
            faults.append(Fault(settings.file, device.ini_line, 0, path, message))
    try:
        chosen = select_points(map_, device.enable, device.disable)
    except UnknownPoints as error:
        faults.extend(Fault(settings.file, device.ini_line, 0, path, message) for message in error.messages)
        return ()
    except ValueError as error:
        faults.append(Fault(settings.file, device.ini_line, 0, path, str(error)))
        return ()
    for name in device.labels:
        if not any(_labelled(point, name) for point in chosen):
            message = f"key 'label.{name}': map '{map_.name}' has no such point or alarm cause"
            faults.append(Fault(settings.file, device.ini_line, 0, path, message))
    return chosen


def _labelled(point: Point, name: str) -> bool:
    """``label.input_1`` names a point, a pattern, or the cause of an alarm in whatever class."""
    return fnmatch.fnmatchcase(point.name, name) or (point.alarm is not None and point.name.endswith(f"_{name}"))


def _own(row: OwnTag, prefix: str, group: str, site: str = "", device: str = "") -> dict[str, Any]:
    return {
        "name": f"{prefix}.{row.name}",
        "kind": row.kind,
        "site": site,
        "device": device,
        "group": group,
        "label": {"en": row.en, "ru": row.ru},
        "unit": row.unit,
        "decimals": row.decimals,
        "enum": OWN_ENUMS.get(row.name, "") if row.kind is Kind.ENUM else "",
    }


def _scada_rows() -> Iterator[dict[str, Any]]:
    for row in SCADA_TAGS:
        yield _own(row, "scada", row.name.partition(".")[0])


def _link_rows(link: LinkSettings) -> Iterator[dict[str, Any]]:
    for row in LINK_TAGS:
        yield _own(row, f"links.{link.name}", "comm") | {"origin": {"link": link.name}}


def _cycle_s(
    settings: Settings,
    link: LinkSettings,
    maps: Mapping[str, RegisterMap],
    points: Mapping[str, tuple[Point, ...]],
    faults: list[Fault],
) -> float:
    """Seconds to read everything on a link once, thinking time included; a fault for what cannot be read."""
    total = 0.0
    devices = [device for device in settings.devices.values() if device.link == link.name]
    for device in devices:
        map_ = maps[device.map]
        spec = BusSpec(link_spec(link), largest_read(link, [map_]), 0.0, 1.0, 1.0, {})
        cost = link_cost(spec, spec.max_registers)
        try:
            plans = plan_map(points[device.name], map_.polls, cost, map_.unreadable)
        except ValueError as error:
            path = f"section [device {device.name}]"
            faults.append(Fault(settings.file, device.ini_line, 0, path, f"map '{map_.name}' cannot be read: {error}"))
            continue
        blocks = [block for group in plans.values() for block in group]
        total += line_time(blocks, cost) + len(blocks) * (THINKING_S if link.kind != "tcp" else 0.0)
    return total


def _lives(device: DeviceSettings, link: LinkSettings, map_: RegisterMap, cycle_s: float) -> dict[str, float]:
    """Poll class -> seconds after which its tags are stale: three periods, or three rounds of a slow line."""
    timeout = device.timeout_s if device.timeout_s is not None else link.timeout_s
    periods = {name: device.periods.get(name, poll.period_s) for name, poll in map_.polls.items()}
    lives = {}
    for name, poll in map_.polls.items():
        period = periods[name]
        if poll.gate:  # while the gate is clear it is confirmed with the gate's own class
            period = max(period, periods[map_.by_name[poll.gate].poll])
        lives[name] = 3 * max(period, cycle_s) + 2 * timeout + 1.0
    return lives


def _device_rows(
    device: DeviceSettings, map_: RegisterMap, points: Sequence[Point], lives: Mapping[str, float]
) -> Iterator[dict[str, Any]]:
    for row in (*DEVICE_TAGS, *(CLOCK_TAGS if map_.clock else ())):
        yield _own(row, device.name, "comm", device.site, device.name) | {"origin": {"link": device.link}}
    yield from maintenance_rows(device.name, device.site, {point.name for point in points})
    for row in CONTROL_TAGS:
        yield _own(row, device.name, "control", device.site, device.name)
    for point in points:
        period = device.periods.get(point.poll, map_.polls[point.poll].period_s)
        label = next((words for name, words in device.labels.items() if _labelled(point, name)), None)
        yield {
            "name": f"{device.name}.{point.name}",
            "kind": Kind(kind_of(point)),
            "site": device.site,
            "device": device.name,
            "group": point.group,
            "label": dict(label) if label else {"en": point.label.en, "ru": point.label.ru},
            "unit": point.unit,
            "decimals": point.decimals,
            "hex": point.hex,
            "enum": f"{map_.name}.{point.enum}" if point.enum else "",
            "low": point.low,
            "high": point.high,
            "deadband": point.deadband,
            "compression": point.compression,
            "poll": point.poll,
            "stale_after_s": lives[point.poll],
            "alarm": point.alarm.kind if point.alarm else "",
            "code": point.alarm.code if point.alarm else "",
            "confirmed": point.confirmed,
            "note": point.note,
            "origin": _origin(point, map_, device, period),
        }


def _origin(point: Point, map_: RegisterMap, device: DeviceSettings, period: float) -> dict[str, Any]:
    origin: dict[str, Any] = {
        "map": map_.name,
        "file": map_.file,
        "line": point.line,
        "link": device.link,
        "unit_id": device.unit,
        "function": point.function,
        "address": point.address,
        "count": point.count,
        "type": str(point.type),
        "period_s": period,
    }
    if point.type in (PointType.BIT, PointType.BITS):
        origin |= {"bit": point.bit, "width": point.width}
    if point.mask >= 0:
        origin["mask"] = point.mask
    if point.scale != 1 or point.offset:
        origin |= {"scale": point.scale, "offset": point.offset}
    if point.count > 1:
        origin["word_order"] = point.word_order
    if point.no_data:
        origin["no_data"] = sorted(point.no_data)
    return origin


def _place(rows: Iterable[dict[str, Any]], before: Assembly | None) -> list[Tag]:
    """Give every tag its slot, and text tags their rows; both stay over a reload."""
    rows = list(rows)
    old = before.directory.tags if before else ()
    slots = allocate([row["name"] for row in rows], {tag.name: tag.slot for tag in old})
    texts = allocate(
        [row["name"] for row in rows if row["kind"] is Kind.TEXT],
        {tag.name: tag.text_row for tag in old if tag.text_row >= 0},
    )
    return [Tag(slot=slots[row["name"]], text_row=texts.get(row["name"], -1), **row) for row in rows]


def _device_info(device: DeviceSettings, map_: RegisterMap) -> DeviceInfo:
    model = {"en": map_.title.en, "ru": map_.title.ru}
    return DeviceInfo(device.name, device.site, device.title, map_.name, model, device.link, device.unit)
