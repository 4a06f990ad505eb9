"""REST of the audit trail: pages of it, the whole as CSV, and whether it is whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from itertools import chain
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from tagdb.audit import ERRORS, AuditFilter, AuditLine, csv_of, reading, verify
from ui.encode import iso
from ui.errors import ApiError
from ui.language import Language, api_language
from ui.login import known_accounts
from ui.noting import note
from ui.span import before_id, moment, page_limit

__all__ = ["blueprint"]

blueprint = Blueprint("audit", __name__)

_TEXTS = ("who", "action", "site", "result")
_LONGEST = 200


@blueprint.get("/api/audit")
def audit() -> ResponseReturnValue:
    """A page of the trail, the newest first."""
    which, limit, before = _filter(request.args), page_limit(request.args), before_id(request.args)
    with _book() as book:
        lines = [] if book is None else book.lines(which, limit, before or 0)
    following = lines[-1].number if len(lines) == limit else None
    return jsonify(lines=[_row(line) for line in lines], next=following)


@blueprint.get("/api/audit.csv")
def audit_csv() -> ResponseReturnValue:
    """The trail as a sheet, as it is read."""
    which = _filter(request.args)
    delimiter = ";" if api_language(request) is Language.RU else ","
    note("audit.export")

    def pieces() -> Iterator[bytes]:
        with _book() as book:
            for piece in csv_of([] if book is None else book.all_lines(which), delimiter=delimiter):
                yield piece.encode()

    whole = pieces()
    first = next(whole)  # a trail that cannot be read is told before the answer begins
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"', "Cache-Control": "no-store"}
    return Response(chain([first], whole), mimetype="text/csv", headers=headers)


@blueprint.get("/api/audit/verdict")
def verdict() -> ResponseReturnValue:
    """Whether every line is as it was written; takes some ten microseconds a line."""
    with _book() as book:
        found = verify([] if book is None else book.all_lines())
    return jsonify(lines=found.lines, head=found.head, broken=found.broken, reason=found.reason)


@contextmanager
def _book() -> Iterator[Any]:
    """A reader; None while there is no trail yet. Raises ApiError 503 for one that cannot be read."""
    path = known_accounts().settings.audit
    if not path.exists():
        yield None
        return
    try:
        with reading(path) as book:
            yield book
    except ERRORS as error:
        message = f"the audit trail cannot be read: {error}"
        raise ApiError(HTTPStatus.SERVICE_UNAVAILABLE, "audit-gone", message) from None


def _filter(args: MultiDict[str, str]) -> AuditFilter:
    texts = {name: args.get(name, "")[:_LONGEST] for name in _TEXTS}
    return AuditFilter(moment(args, "from"), moment(args, "to"), text=args.get("q", "")[:_LONGEST], **texts)


def _row(line: AuditLine) -> dict[str, Any]:
    return {
        "number": line.number,
        "time": iso(line.time),
        "who": line.who,
        "role": line.role,
        "origin": line.origin,
        "session": line.session,
        "action": line.action,
        "site": line.site,
        "target": line.target,
        "old": line.old,
        "new": line.new,
        "result": line.result,
        "detail": line.detail,
        "hash": line.hash,
    }
