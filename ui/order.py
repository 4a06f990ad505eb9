"""An order of an operator as a browser sends it: a JSON object, checked, from somebody who is known."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Request

from tagdb.accounts import Actor
from ui.errors import ApiError
from ui.who import actor

__all__ = ["Order"]

#: longest text
_TEXT = 500


@dataclass(frozen=True, slots=True)
class Order:
    """The body of a POST; every method raises ApiError 400 for a field that is not as expected."""

    body: dict[str, Any]
    #: who gives the order; the runtime asks the accounts once more
    actor: Actor

    @classmethod
    def read(cls, request: Request, known: set[str]) -> Order:
        """Raises ApiError: 415 for what is not JSON, 400 otherwise."""
        if request.mimetype != "application/json":
            message = "expected Content-Type: application/json"
            raise ApiError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not-json", message)
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            raise _bad("the body is not a JSON object")
        if unknown := set(body) - known:
            raise _bad(f"unknown key '{min(unknown)[:50]}'; known: {', '.join(sorted(known))}")
        return cls(body, actor())

    @property
    def who(self) -> str:
        """The name that journal and records show."""
        return self.actor.name

    def text(self, name: str) -> str:
        """A text; "" where it is not given."""
        text = self.body.get(name, "")
        if not isinstance(text, str) or len(text) > _TEXT:
            raise _bad(f"'{name}' must be a text of at most {_TEXT} characters")
        return text.strip()

    def needed(self, name: str) -> str:
        """A text that may not be empty."""
        text = self.text(name)
        if not text:
            raise _bad(f"'{name}' is missing")
        return text

    def flag(self, name: str) -> bool:
        """True or false; false where it is not given."""
        value = self.body.get(name, False)
        if not isinstance(value, bool):
            raise _bad(f"'{name}' must be true or false")
        return value

    def numbers(self, name: str, most: int) -> list[int]:
        """Whole numbers; empty where they are not given."""
        numbers = self.body.get(name, [])
        if not isinstance(numbers, list) or len(numbers) > most or not all(type(number) is int for number in numbers):
            raise _bad(f"'{name}' must be a list of at most {most} whole numbers")
        return numbers

    def seconds(self, name: str, most: float) -> float:
        """A time in seconds, more than 0."""
        value = self.body.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
            raise _bad(f"'{name}' must be a number of seconds, more than 0 and at most {most:g}")
        return float(value)


def _bad(message: str) -> ApiError:
    return ApiError(HTTPStatus.BAD_REQUEST, "bad-order", message)
