"""The map format as JSON Schema, for editors, and as rows for the reference: both out of the table in ``schema``.

``python -m registermaps.mapschema`` writes ``map.schema.json`` anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registermaps.scalars import ListOf
from registermaps.schema import MAP
from registermaps.shape import Key, Record, Shape, Table

__all__ = ["KeyDoc", "json_schema", "key_docs", "schema_path", "schema_text"]


@dataclass(frozen=True, slots=True)
class KeyDoc:
    """One key of the format, for the reference."""

    #: "points.<point>.scale"
    path: str
    expected: str
    required: bool
    #: in words, "" = none
    default: str
    help: str


def schema_path() -> Path:
    """Where the shipped schema is."""
    return Path(__file__).with_name("map.schema.json")


def json_schema() -> dict[str, Any]:
    """The schema of a map file (draft 2020-12). What concerns several keys is checked by the loader alone."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Register map",
        "description": "One controller model: where its values are and what they mean.",
        **MAP.json_schema(),
    }


def schema_text() -> str:
    """The schema as the shipped file holds it."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


def key_docs() -> tuple[KeyDoc, ...]:
    """Every key of the format in the order of the table."""
    return tuple(_walk(MAP, ""))


def _walk(shape: Shape, path: str) -> Iterator[KeyDoc]:
    if isinstance(shape, Record):
        for key in shape.keys:
            where = f"{path}.{key.name}" if path else key.name
            yield KeyDoc(where, key.shape.expected, key.required, _default(key), key.help)
            yield from _walk(key.shape, where)
    elif isinstance(shape, Table):
        yield from _walk(shape.shape, f"{path}.<{shape.names.noun}>")
    elif isinstance(shape, ListOf):
        yield from _walk(shape.shape, f"{path}[]")


def _default(key: Key) -> str:
    if key.default_text:
        return key.default_text
    if isinstance(key.default, bool):
        return "true" if key.default else "false"
    if isinstance(key.default, float):
        return f"{key.default:g}"
    return str(key.default) if isinstance(key.default, int | str) else ""


if __name__ == "__main__":
    schema_path().write_text(schema_text(), encoding="utf-8")
