"""An order of an operator as a browser sends it: a signed JSON object from one of our own pages, checked."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Request

from ui.errors import ApiError
from ui.live import same_origin

__all__ = ["Order"]

#: longest name of a person, longest other text
_NAME, _TEXT = 80, 500


@dataclass(frozen=True, slots=True)
class Order:
    """The body of a POST; every method raises ApiError 400 for a field that is not as expected."""

    body: dict[str, Any]
    #: who gives the order
    who: str

    @classmethod
    def read(cls, request: Request, known: set[str]) -> Order:
        """Raises ApiError: 403 from a page of another site, 415 for what is not JSON, 400 otherwise."""
        if not same_origin():
            raise ApiError(HTTPStatus.FORBIDDEN, "foreign-origin", "a page of another site may not command this plant")
        if request.mimetype != "application/json":
            message = "expected Content-Type: application/json"
            raise ApiError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not-json", message)
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            raise _bad("the body is not a JSON object")
        if unknown := set(body) - known - {"who"}:
            raise _bad(f"unknown key '{min(unknown)}'; known: {', '.join(sorted(known | {'who'}))}")
        who = body.get("who")
        if not isinstance(who, str) or not who.strip() or len(who) > _NAME:
            raise ApiError(HTTPStatus.BAD_REQUEST, "unsigned", f"'who' must name a person in 1 to {_NAME} characters")
        return cls(body, who.strip())

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
