"""Controllers and links as their tags tell: /api/devices, /api/links, the downloads of recorded frames."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from registermaps import did_you_mean
from tagdb import DeviceInfo, LinkInfo, Quality, Tag, Value
from tagdb.maintenance import Severity
from ui.encode import Encoder, display
from ui.errors import ApiError
from ui.language import Language, api_language
from ui.plant import View
from ui.services import services
from ui.who import actor

__all__ = ["COMM_STATES", "KEY_POINTS", "LINK_COUNTERS", "blueprint", "device_state"]

blueprint = Blueprint("devices", __name__)

COMM_STATES = ("connecting", "online", "disturbed", "offline")
#: points that say most about a controller, in the order of their display; those a model has not are left out
KEY_POINTS = (
    "gen_status", "genset_status", "mains_status", "gensets_total_p", "mains_p_total", "busbar_p", "power_total",
    "load_pct", "engine_speed", "gen_freq", "gen_uab", "coolant_temp", "oil_pressure", "busbar_uab", "busbar_freq",
    "battery_volt", "run_hours", "mains_uab", "mains_freq", "gen_switch_status", "busbar_switch_status",
    "mains_switch_status",
)  # fmt: skip
#: bits of which the one that is set is the controller's mode
_MODES = ("mode_stop", "mode_manual", "mode_auto", "mode_test")
LINK_COUNTERS = (
    "requests", "answers", "timeouts", "late", "foreign", "crc_errors", "garbage_bytes", "refused", "reconnects",
    "bytes_in", "bytes_out",
)  # fmt: skip


@blueprint.get("/api/devices")
def devices() -> ResponseReturnValue:
    """All controllers with their state, key values and active alarms."""
    view, language = services().plant.view(), api_language(request)
    encoder = Encoder(view.directory, language)
    by_device: dict[str, list[Tag]] = defaultdict(list)
    for tag in view.tags.values():
        by_device[tag.device].append(tag)
    rows = [_device(view, device, by_device[device.name], encoder) for device in view.directory.devices]
    return jsonify(devices=rows, scan=view.snapshot.scan)


@blueprint.get("/api/links")
def links() -> ResponseReturnValue:
    """All links with their counters."""
    view, language = services().plant.view(), api_language(request)
    rows = [_link(view, link, language) for link in view.directory.links]
    return jsonify(links=rows, scan=view.snapshot.scan)


@blueprint.get("/api/links/<name>/frames")
def frames(name: str) -> ResponseReturnValue:
    """The last frames of a link as a transcript, for download."""
    link = _find_link(services().plant.view(), name)
    answer = services().plant.channel.call("frames", link=link.name, actor=actor().to_json())
    headers = {
        "Content-Disposition": f'attachment; filename="frames-{link.name}.txt"',
        "X-Ring-Frozen": str(bool(answer["frozen"])).lower(),
        "Cache-Control": "no-store",
    }
    return Response(answer["text"], mimetype="text/plain", headers=headers)


@blueprint.post("/api/links/<name>/frames/release")
def release(name: str) -> ResponseReturnValue:
    """Let a frozen recording go on."""
    link = _find_link(services().plant.view(), name)
    services().plant.channel.call("release-frames", link=link.name, actor=actor().to_json())
    return jsonify(link=link.name, frozen=False)


def device_state(view: View, device: str) -> str:
    """One of COMM_STATES, or ``unknown`` where the tag is missing."""
    tag = view.tags.get(f"{device}.comm_state")
    value = None if tag is None else view.value(tag)
    if isinstance(value, int) and 0 <= value < len(COMM_STATES):
        return COMM_STATES[value]
    return "unknown"


def _device(view: View, device: DeviceInfo, tags: Sequence[Tag], encoder: Encoder) -> dict[str, Any]:
    language = encoder.language
    snapshot, state = view.snapshot, device_state(view, device.name)
    slots = [tag.slot for tag in tags]
    comm = {key: _value(view, f"{device.name}.comm_{key}", language) for key in _COMM}
    keys = [tag for point in KEY_POINTS if (tag := view.tags.get(f"{device.name}.{point}"))]
    return {
        "device": device.name,
        "site": device.site,
        "title": device.title[language],
        "model": device.model[language],
        "map": device.map,
        "link": device.link,
        "unit": device.unit,
        "state": state,
        "online": None if state == "unknown" else state in ("online", "disturbed"),
        **comm,
        "tags": len(tags),
        "bad": int((snapshot.quality[slots] >= Quality.BAD).sum()) if slots else 0,
        "mode": _mode(view, device.name, language),
        "tag_out": _value(view, f"{device.name}.tag_out") or "",
        "forced": int((snapshot.quality[slots] == Quality.FORCED).sum()) if slots else 0,
        "maintenance": _maintenance(view, device.name),
        "key": [_labelled(view, tag, encoder) for tag in keys],
        "alarms": [_labelled(view, tag, encoder) for tag in tags if tag.alarm and _is_set(view, tag)],
    }


_COMM = ("response_ms", "polls", "errors", "missed", "period_s", "cycle_ms", "error", "silent_blocks")


def _link(view: View, link: LinkInfo, language: Language) -> dict[str, Any]:
    def value(key: str) -> Value:
        return _value(view, f"links.{link.name}.{key}", language)

    return {
        "link": link.name,
        "kind": link.kind,
        "address": link.address,
        "line": link.line,
        "connected": value("connected"),
        "error": value("error"),
        "response_ms": value("response_ms"),
        "utilisation_pct": value("utilisation_pct"),
        "max_registers": value("max_registers"),
        "ring_frozen": value("ring_frozen"),
        "counters": {key: value(key) for key in LINK_COUNTERS},
        "devices": [device.name for device in view.directory.devices if device.link == link.name],
    }


def _labelled(view: View, tag: Tag, encoder: Encoder) -> dict[str, Any]:
    row: dict[str, Any] = json.loads(encoder.tag(view, tag))
    return row | {
        "label": tag.label[encoder.language],
        "alarm": tag.alarm,
        "class": _alarm_class(view.directory.alarm_classes, tag.alarm, encoder.language),
    }


def _alarm_class(classes: Mapping[str, Mapping[str, str]], alarm: str, language: Language) -> str:
    return classes[alarm][language] if alarm in classes else alarm


def _is_set(view: View, tag: Tag) -> bool:
    return bool(view.value(tag)) and view.snapshot.quality[tag.slot] < Quality.BAD


def _mode(view: View, device: str, language: Language) -> str:
    for point in _MODES:
        tag = view.tags.get(f"{device}.{point}")
        if tag is not None and _is_set(view, tag):
            return tag.label[language]
    return ""


def _maintenance(view: View, device: str) -> dict[str, Any] | None:
    """What is due, for the badge of the card; None for a device without an engine."""
    tag = view.tags.get(f"{device}.maint_state")
    state = None if tag is None else view.value(tag)
    if not isinstance(state, int) or not 0 <= state < len(Severity):
        return None
    following = view.words(f"{device}.maint_next") or ""
    return {"state": Severity(state).word, "next": following, "left_h": view.number(f"{device}.maint_left_h")}


def _value(view: View, name: str, language: Language = Language.EN) -> Value:
    """The plain value of a tag; None where it is missing or bad; enumerations and texts in words."""
    tag = view.tags.get(name)
    if tag is None or view.snapshot.quality[tag.slot] >= Quality.BAD:
        return None
    value = view.value(tag)
    return display(tag, value, view.directory, language) if isinstance(value, str) else value


def _find_link(view: View, name: str) -> LinkInfo:
    for link in view.directory.links:
        if link.name == name:
            return link
    suggestion = did_you_mean(name, [link.name for link in view.directory.links])
    raise ApiError(HTTPStatus.NOT_FOUND, "unknown-link", f"there is no link '{name}'{suggestion}")
