"""The hash chain: each line's hash covers its content and the hash of the line before.

    hash(n) = SHA-256( hash(n-1) in hex, newline, canonical JSON of line n ),  hash(0) = 64 zeros

Canonical JSON: keys sorted, no blanks, UTF-8, times in whole microseconds, so that another program can verify it too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from tagdb.audit.entry import AuditEntry

__all__ = ["FIELDS", "START", "canonical", "fields_of", "hash_of"]

#: the hash before the first line
START = "0" * 64
#: what a line holds beside its number and hashes, in the order of the table's columns; all text but the time
FIELDS = ("time", "who", "role", "origin", "session", "action", "site", "target", "old", "new", "result", "detail")


def canonical(value: Any) -> str:
    """JSON that is the same for the same value; what is no JSON becomes text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def fields_of(entry: AuditEntry) -> dict[str, Any]:
    """An entry as it is stored: time in microseconds, detail as canonical JSON."""
    row: dict[str, Any] = {name: _text(getattr(entry, name)) for name in FIELDS[1:-1]}
    return {"time": round(entry.time * 1e6), **row, "detail": _text(canonical(dict(entry.detail)))}


def hash_of(previous: str, number: int, fields: Mapping[str, Any]) -> str:
    """The hash of line ``number``."""
    body = canonical({"number": number, **{name: fields[name] for name in FIELDS}})
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()


def _text(value: Any) -> str:
    # A lone surrogate, as json.loads makes it of "\ud800", is no UTF-8: the line must be written all the same.
    return str(value).encode("utf-8", "replace").decode()
