"""The JSON body of a change, field by field: each method raises ApiError 400 for what is not as expected."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Request

from tagdb.accounts import Role
from ui.errors import ApiError

__all__ = ["Body"]

_TEXT = 500


@dataclass(frozen=True, slots=True)
class Body:
    """A JSON object with known keys."""

    body: dict[str, Any]

    @classmethod
    def read(cls, request: Request, known: set[str]) -> Body:
        """Raises ApiError: 415 for what is not JSON, 400 for what is no object, or has unknown keys."""
        if request.mimetype != "application/json":
            message = "expected Content-Type: application/json"
            raise ApiError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not-json", message)
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            raise bad("the body is not a JSON object")
        if unknown := set(body) - known:
            raise bad(f"unknown key '{min(unknown)[:50]}'; known: {', '.join(sorted(known)) or 'none'}")
        return cls(body)

    def has(self, name: str) -> bool:
        """Whether it is given at all."""
        return name in self.body

    def text(self, name: str, most: int = _TEXT) -> str:
        """A text; "" where it is not given."""
        text = self.body.get(name, "")
        if not isinstance(text, str) or len(text) > most or "\x00" in text:
            raise bad(f"'{name}' must be a text of at most {most} characters")
        return text

    def needed(self, name: str, most: int = _TEXT) -> str:
        """A text that may not be empty."""
        text = self.text(name, most)
        if not text.strip():
            raise bad(f"'{name}' is missing")
        return text

    def flag(self, name: str) -> bool:
        """True or false; false where it is not given."""
        value = self.body.get(name, False)
        if not isinstance(value, bool):
            raise bad(f"'{name}' must be true or false")
        return value

    def role(self, name: str) -> Role:
        """A role by its word."""
        try:
            return Role.of(self.needed(name, 20))
        except KeyError:
            raise bad(f"'{name}' must be one of {', '.join(role.word for role in Role)}") from None

    def names(self, name: str) -> list[str]:
        """A list of short texts."""
        names = self.body.get(name, ["*"])
        if not isinstance(names, list) or len(names) > 100:
            raise bad(f"'{name}' must be a list of at most 100 names")
        if not all(isinstance(each, str) and 0 < len(each) <= 64 for each in names):
            raise bad(f"'{name}' must be a list of names")
        return names


def bad(message: str) -> ApiError:
    """400 with code ``bad-order``, as for all orders."""
    return ApiError(HTTPStatus.BAD_REQUEST, "bad-order", message)
