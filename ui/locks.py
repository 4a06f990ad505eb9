"""REST of tag-outs and forces: devices locked against commands, tags held at a value."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from ui.api import find_tag
from ui.body import Body
from ui.commands import known_device
from ui.encode import iso
from ui.errors import ApiError
from ui.services import services
from ui.who import actor

__all__ = ["blueprint"]

blueprint = Blueprint("locks", __name__)


@blueprint.get("/api/tag-outs")
def tag_outs() -> ResponseReturnValue:
    """Devices that are locked against commands, by whom and why."""
    rows = _asked("tag-outs")["tag_outs"]
    return jsonify(tag_outs=[row | {"since": iso(row["since"])} for row in rows])


@blueprint.post("/api/tag-outs")
def tag_out() -> ResponseReturnValue:
    """Lock a device against commands."""
    order = Body.read(request, {"device", "reason"})
    device = order.needed("device", 200)
    known_device(device)
    row = _asked("tag-out", device=device, reason=order.needed("reason"))
    return jsonify(row | {"since": iso(row["since"])})


@blueprint.post("/api/tag-outs/release")
def tag_in() -> ResponseReturnValue:
    """Unlock it: its owner, or an administrator."""
    order = Body.read(request, {"device"})
    return jsonify(_asked("tag-in", device=order.needed("device", 200)))


@blueprint.get("/api/force")
def forces() -> ResponseReturnValue:
    """Tags that show what an engineer set."""
    return jsonify(forces=[_force(row) for row in _asked("forces")["forces"]])


@blueprint.post("/api/force")
def force() -> ResponseReturnValue:
    """Hold a tag at a value for a time."""
    order = Body.read(request, {"tag", "value", "seconds", "reason"})
    name = order.needed("tag", 200)
    find_tag(services().plant.view(), name)
    value, seconds = _number(order, "value"), _number(order, "seconds")
    return jsonify(_force(_asked("force", tag=name, value=value, seconds=seconds, reason=order.needed("reason"))))


@blueprint.post("/api/force/release")
def release() -> ResponseReturnValue:
    """Let a tag be again what is read."""
    order = Body.read(request, {"tag"})
    return jsonify(_asked("release-force", tag=order.needed("tag", 200)))


def _asked(verb: str, **args: Any) -> Any:
    return services().plant.channel.call(verb, actor=actor().to_json(), **args)


def _number(order: Body, name: str) -> float:
    value = order.body.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ApiError(HTTPStatus.BAD_REQUEST, "bad-order", f"'{name}' must be a number")
    return float(value)


def _force(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"since": iso(row["since"]), "until": iso(row["until"])}
