"""The format of rule files as JSON Schema, for editors, out of the table in ``schema``.

``python -m runtime.rules.ruleschema`` writes ``rules.schema.json`` anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from runtime.rules.schema import RULES

__all__ = ["json_schema", "schema_path", "schema_text"]


def schema_path() -> Path:
    """Where the shipped schema is."""
    return Path(__file__).with_name("rules.schema.json")


def json_schema() -> dict[str, Any]:
    """The schema of a rule file (draft 2020-12). Expressions, and what concerns several keys, `scada check` checks."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rules",
        "description": "Derived tags, alarms and suppression by design, evaluated in every scan.",
        **RULES.json_schema(),
    }


def schema_text() -> str:
    """The schema as the shipped file holds it."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    schema_path().write_text(schema_text(), encoding="utf-8")
