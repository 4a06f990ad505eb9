"""JSON as the server reads and writes it: Russian stays readable, and no body of a client is an error of ours."""

from __future__ import annotations

import json
from typing import Any

from flask.json.provider import DefaultJSONProvider

__all__ = ["JsonForm", "read_json"]


def read_json(text: str | bytes) -> Any:
    """Raises ValueError, also for what is nested without end, or holds half a surrogate pair, which is no text."""
    try:
        value = json.loads(text)
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


class JsonForm(DefaultJSONProvider):
    """Of the application."""

    ensure_ascii = False
    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Called by Flask for bodies of requests."""
        return read_json(s)
