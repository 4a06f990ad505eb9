"""REST of the orders for one alarm: by the number of its occurrence, or by its key where it need not be raised."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from ui.errors import ApiError
from ui.language import api_language
from ui.order import Order
from ui.services import services

__all__ = ["LONGEST_SHELF_S", "blueprint", "ordered"]

blueprint = Blueprint("alarm_orders", __name__)

#: as long as the runtime takes it
LONGEST_SHELF_S = 7 * 86400


@blueprint.post("/api/alarms/<int:number>/acknowledge")
def acknowledge(number: int) -> ResponseReturnValue:
    """Acknowledge this occurrence, and none that came after it."""
    order = Order.read(request, {"comment"})
    return ordered("acknowledge", order, items=[number], comment=order.text("comment"))


@blueprint.post("/api/alarms/<int:number>/shelve")
def shelve(number: int) -> ResponseReturnValue:
    """Put the alarm of this occurrence aside for a time."""
    order = Order.read(request, {"seconds", "reason"})
    seconds = order.seconds("seconds", LONGEST_SHELF_S)
    return ordered("shelve", order, key=_key(number), seconds=seconds, reason=order.needed("reason"))


@blueprint.post("/api/alarms/<int:number>/unshelve")
def unshelve(number: int) -> ResponseReturnValue:
    """Take it back from the shelf."""
    order = Order.read(request, {"comment"})
    return ordered("unshelve", order, key=_key(number), comment=order.text("comment"))


@blueprint.post("/api/alarms/<int:number>/reset")
def reset(number: int) -> ResponseReturnValue:
    """End a latched alarm whose condition is over."""
    return ordered("reset-alarm", Order.read(request, set()), key=_key(number))


@blueprint.post("/api/alarms/reset")
def reset_key() -> ResponseReturnValue:
    """The same, by the alarm's key."""
    order = Order.read(request, {"key"})
    return ordered("reset-alarm", order, key=order.needed("key"))


@blueprint.post("/api/alarms/take-out")
def take_out() -> ResponseReturnValue:
    """Take an alarm out of service until somebody puts it back."""
    order = Order.read(request, {"key", "reason"})
    return ordered("take-out", order, key=order.needed("key"), reason=order.needed("reason"))


@blueprint.post("/api/alarms/put-back")
def put_back() -> ResponseReturnValue:
    """Put it back into service."""
    order = Order.read(request, {"key", "comment"})
    return ordered("put-back", order, key=order.needed("key"), comment=order.text("comment"))


def ordered(verb: str, order: Order, **args: Any) -> ResponseReturnValue:
    """200 when at least one alarm is as it was ordered to be; 409 with the reasons when all were refused."""
    try:
        told = services().plant.channel.call(verb, **args, actor=order.actor.to_json())
    finally:
        services().alarm_list.forget()
    language = api_language(request)
    rows = [_outcome(row, str(language)) for row in told["outcomes"]]
    if rows and all(row["verdict"] == "refused" for row in rows):
        reasons = "; ".join(dict.fromkeys(row["reason"] for row in rows if row["reason"]))
        raise ApiError(HTTPStatus.CONFLICT, "refused", reasons or "the order was refused")
    return jsonify(outcomes=rows)


def _outcome(row: dict[str, Any], language: str) -> dict[str, Any]:
    reason = row.get("reasons", {}).get(language) or row.get("reason", "")
    return {"key": row["key"], "verdict": row["verdict"], "code": row.get("code", ""), "reason": reason}


def _key(number: int) -> str:
    """The alarm of an open occurrence. Raises ApiError 404."""
    for row in services().alarm_list.told()["alarms"]:
        if row["id"] == number:
            return str(row["key"])
    raise ApiError(HTTPStatus.NOT_FOUND, "unknown-alarm", f"there is no open alarm with the number {number}")
