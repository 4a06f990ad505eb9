"""The description of the API for programs: /api/openapi.json."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from tagdb import VERSION

__all__ = ["blueprint", "description"]

blueprint = Blueprint("openapi", __name__)


@cache
def description() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    document: dict[str, Any] = json.loads(Path(__file__).with_name("openapi.json").read_text(encoding="utf-8"))
    document["info"]["version"] = VERSION
    return document


@blueprint.get("/api/openapi.json")
def openapi() -> ResponseReturnValue:
    """The document itself."""
    return jsonify(description())
