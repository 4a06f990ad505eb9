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
    here = Path(__file__).parent
    document: dict[str, Any] = json.loads((here / "openapi.json").read_text(encoding="utf-8"))
    more: dict[str, Any] = json.loads((here / "maintenance" / "openapi.json").read_text(encoding="utf-8"))
    document["paths"] |= more["paths"]
    document["components"]["schemas"] |= more["components"]["schemas"]
    document["info"]["version"] = VERSION
    return document


@blueprint.get("/api/openapi.json")
def openapi() -> ResponseReturnValue:
    """The document itself."""
    return jsonify(description())
