"""REST of commands: what a device can be told to do, select, operate, cancel, and how far a command has come.

The runtime decides everything, the pages only ask: see ``runtime/control_verbs.py`` for what is checked.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from registermaps import did_you_mean
from ui.body import Body
from ui.encode import iso
from ui.errors import ApiError
from ui.services import services
from ui.who import actor, lacks_factor

__all__ = ["blueprint", "known_device"]

blueprint = Blueprint("commands", __name__)


@blueprint.get("/api/devices/<name>/commands")
def commands(name: str) -> ResponseReturnValue:
    """Every command of a device: whether it can be given now, and why not; what was given last."""
    known_device(name)
    told: dict[str, Any] = services().plant.channel.call("commands", device=name, actor=actor().to_json())
    told["denied"] = ""
    if lacks_factor():
        told["denied"], told["may"] = "second-factor", dict.fromkeys(told["may"], False)
    told["operations"] = [_timed(row) for row in told["operations"]]
    if told["tag_out"]:
        told["tag_out"]["since"] = iso(told["tag_out"]["since"])
    return jsonify(told)


@blueprint.post("/api/devices/<name>/commands/<command>/select")
def select(name: str, command: str) -> ResponseReturnValue:
    """Have everything checked and the device reserved: a token for 15 seconds, and what will be written."""
    order = Body.read(request, {"value"})
    return jsonify(_asked("select", name, command=command, value=_value(order)))


@blueprint.post("/api/devices/<name>/commands/<command>/operate")
def operate(name: str, command: str) -> ResponseReturnValue:
    """Give the command that was selected; its number, to follow it by."""
    order = Body.read(request, {"token", "value"})
    token = order.needed("token", 100)
    return jsonify(_timed(_asked("operate", name, command=command, token=token, value=_value(order))))


@blueprint.post("/api/devices/<name>/commands/cancel")
def cancel(name: str) -> ResponseReturnValue:
    """Give a selection back (token), or withdraw a command that has not switched anything yet (id)."""
    order = Body.read(request, {"token", "id"})
    number = order.body.get("id", 0)
    if isinstance(number, bool) or not isinstance(number, int):
        raise ApiError(HTTPStatus.BAD_REQUEST, "bad-order", "'id' must be a whole number")
    told = _asked("cancel", name, token=order.text("token", 100), id=number)
    return jsonify(_timed(told) if told else {})


@blueprint.get("/api/devices/<name>/commands/<int:number>")
def status(name: str, number: int) -> ResponseReturnValue:
    """How far a command has come."""
    known_device(name)
    return jsonify(_timed(services().plant.channel.call("command-status", device=name, id=number)))


def known_device(name: str) -> None:
    """Raises ApiError 404 with a suggestion for a device that there is not."""
    names = [device.name for device in services().plant.view().directory.devices]
    if name not in names:
        message = f"there is no device '{name}'{did_you_mean(name, names)}"
        raise ApiError(HTTPStatus.NOT_FOUND, "unknown-device", message)


def _asked(verb: str, device: str, **args: Any) -> Any:
    known_device(device)
    return services().plant.channel.call(verb, device=device, actor=actor().to_json(), **args)


def _value(order: Body) -> float | None:
    value = order.body.get("value")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ApiError(HTTPStatus.BAD_REQUEST, "bad-order", "'value' must be a number")
    return float(value)


def _timed(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"begun": iso(row["begun"]), "ended": iso(row["ended"])}
