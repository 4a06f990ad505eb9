"""Values as JSON and both databases can hold them, the last step before anything is written."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

__all__ = ["dump", "microseconds", "plain", "plain_text", "seconds"]


def plain_text(value: object) -> str:
    """A text without NUL (PostgreSQL refuses it) and without halves of surrogate pairs (UTF-8 cannot hold them)."""
    text = str(value)
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")


def plain(value: Any) -> Any:
    """Anything as JSON can say it: NaN and infinity become null, what is unknown becomes its text."""
    kind = type(value)
    if kind is str:
        return plain_text(value)
    if value is None or kind is bool or kind is int:
        return value
    if kind is float:
        return value if math.isfinite(value) else None
    if kind is dict:
        return {plain_text(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {plain_text(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [plain(inner) for inner in value]
    return plain_text(value)


def dump(value: Any) -> str:
    """A plain value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def microseconds(time: float | None) -> int | None:
    """Unix seconds as the databases keep them. Raises ValueError, OverflowError for NaN and infinity."""
    return None if time is None else round(time * 1e6)


def seconds(stored: int | None) -> float | None:
    """The inverse of ``microseconds``."""
    return None if stored is None else stored / 1e6
