"""Which part of the history a request means: times, places, words and pages from its query string."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from http import HTTPStatus

from werkzeug.datastructures import MultiDict

from tagdb.history import CATEGORIES, AlarmFilter, JournalFilter
from ui.errors import ApiError

__all__ = ["after_id", "alarm_filter", "before_id", "journal_filter", "moment", "page_limit"]

_PAGE, _LONGEST_PAGE = 100, 1000
# nine digits and more: 2026 alone is a year, not half an hour after 1970
_SECONDS = re.compile(r"\d{9,11}(\.\d+)?\Z")


def journal_filter(args: MultiDict[str, str]) -> JournalFilter:
    """Raises ApiError 400."""
    categories = _several(args, "category")
    if unknown := set(categories) - set(CATEGORIES):
        message = f"category '{min(unknown)}': allowed are {', '.join(CATEGORIES)}"
        raise ApiError(HTTPStatus.BAD_REQUEST, "bad-category", message)
    return JournalFilter(
        since=moment(args, "from"),
        until=moment(args, "to"),
        category=categories,
        site=args.get("site", ""),
        device=args.get("device", ""),
        key=args.get("key", ""),
        event=_several(args, "event"),
        q=args.get("q", "").strip(),
    )


def alarm_filter(args: MultiDict[str, str]) -> AlarmFilter:
    """Raises ApiError 400."""
    priorities = _several(args, "priority")
    if unknown := set(priorities) - set("12345"):
        message = f"priority '{min(unknown)}': allowed are 1 to 5"
        raise ApiError(HTTPStatus.BAD_REQUEST, "bad-priority", message)
    return AlarmFilter(
        since=moment(args, "from"),
        until=moment(args, "to"),
        site=args.get("site", ""),
        device=args.get("device", ""),
        key=args.get("key", ""),
        priority=tuple(map(int, priorities)),
        state=_several(args, "state"),
        q=args.get("q", "").strip(),
    )


def page_limit(args: MultiDict[str, str]) -> int:
    """Rows of a page. Raises ApiError 400."""
    limit = _number(args, "limit")
    return _PAGE if limit is None else max(1, min(limit, _LONGEST_PAGE))


def before_id(args: MultiDict[str, str]) -> int | None:
    """The last row of the page before. Raises ApiError 400."""
    return _number(args, "before")


def after_id(args: MultiDict[str, str]) -> int | None:
    """Only what was recorded after this row. Raises ApiError 400."""
    return _number(args, "after")


def _several(args: MultiDict[str, str], name: str) -> tuple[str, ...]:
    return tuple(word for text in args.getlist(name) for word in text.split(",") if word)


def _number(args: MultiDict[str, str], name: str) -> int | None:
    text = args.get(name, "")
    if not text:
        return None
    if not text.isdecimal() or len(text) > 15:
        raise ApiError(HTTPStatus.BAD_REQUEST, f"bad-{name}", f"{name} '{text}': expected a whole number")
    return int(text)


def moment(args: MultiDict[str, str], name: str) -> float | None:
    """A time as Unix seconds, given in ISO 8601 or as Unix seconds; None where it is missing. Raises ApiError 400."""
    text = args.get(name, "")
    if not text:
        return None
    if _SECONDS.match(text):
        return float(text)
    try:
        time = datetime.fromisoformat(text)
        seconds = (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
        datetime.fromtimestamp(seconds, UTC)  # a zone may lead out of what can be told
        return seconds
    except (ValueError, OverflowError):
        message = f"{name} '{text}': expected a time as 2026-11-23T20:43:56Z, or Unix seconds"
        raise ApiError(HTTPStatus.BAD_REQUEST, "bad-time", message) from None
