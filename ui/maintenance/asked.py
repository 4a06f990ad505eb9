"""What a request about maintenance says: who signs it, and its fields, checked. The one place that knows who asks."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from tagdb.accounts import Actor, Right
from ui.errors import ApiError
from ui.order import Order
from ui.who import actor

__all__ = ["at_site", "bad", "checked_id", "hours_of", "new_id", "part", "signer", "time_of", "whole"]

_ID = re.compile(r"[0-9a-zA-Z-]{8,64}\Z")
#: an engine that has run for more is a slip of the pen
_MOST_H = 500_000.0


def signer(order: Order) -> str:
    """The name under which the log keeps what was asked."""
    return order.who


def at_site(device: str, right: Right = Right.MAINTAIN) -> Actor:
    """Who asks, where their rights are for the device's site, too. Raises Denied."""
    found = actor()
    found.check(right, device.partition(".")[0])
    return found


def part(order: Order, row: dict[str, Any]) -> Order:
    """One row of a list within an order, to be read like an order."""
    return replace(order, body=row)


def new_id(order: Order, name: str = "id") -> str:
    """The number that the caller chose for a new entry, so that a request sent twice is done once."""
    return checked_id(order.needed(name), name)


def checked_id(text: str, name: str = "id") -> str:
    """Raises ApiError 400 for what is no such number."""
    if not _ID.match(text):
        raise bad(f"'{name}' must be 8 to 64 letters, digits and '-', new for each entry")
    return text


def hours_of(order: Order, name: str) -> float | None:
    """Engine hours; None where they are not given."""
    value = order.body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST_H:
        raise bad(f"'{name}' must be engine hours from 0 to {_MOST_H:g}")
    return float(value)


def time_of(order: Order, now: float, name: str = "done_at") -> float:
    """A moment that has passed, in ISO 8601 with its time zone."""
    text = order.needed(name)
    try:
        moment = datetime.fromisoformat(text)
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise bad(f"'{name}': found '{text}', expected a time as 2026-11-23T20:43:56+03:00") from None
    if seconds > now + 300:
        raise bad(f"'{name}' is in the future")
    if seconds < 0:
        raise bad(f"'{name}' is before 1970")
    return seconds


def whole(order: Order, name: str) -> int:
    """A whole number, 0 where it is not given."""
    value = order.body.get(name, 0)
    if type(value) is not int or not 0 <= value < 1 << 31:
        raise bad(f"'{name}' must be a whole number")
    return value


def bad(message: str) -> ApiError:
    """400 for a field that is not as expected."""
    return ApiError(HTTPStatus.BAD_REQUEST, "bad-order", message)
