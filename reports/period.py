"""Spans that reports are about: shifts, days and months of a site's own clock, right across changes of daylight saving.

Stage: the first of a report. A day is from midnight to midnight on the wall of the site, so it may have 23 or 25 hours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

__all__ = ["Kind", "Period", "ended", "parse_period", "zone_of"]


class Kind(StrEnum):
    """How long a report is."""

    SHIFT = "shift"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """One span of a site."""

    kind: Kind
    #: in the site's zone; the end does not belong to it
    start: datetime
    end: datetime
    #: of a shift, from 1; 0 otherwise
    number: int = 0

    @property
    def name(self) -> str:
        """``2026-11``, ``2026-11-27``, ``2026-11-27-2``: sorts by time, and can be parsed again."""
        if self.kind is Kind.MONTH:
            return f"{self.start:%Y-%m}"
        return f"{self.start:%Y-%m-%d}-{self.number}" if self.number else f"{self.start:%Y-%m-%d}"

    @property
    def span(self) -> tuple[int, int]:
        """Milliseconds since 1970, UTC."""
        return round(self.start.timestamp() * 1000), round(self.end.timestamp() * 1000)

    @property
    def hours(self) -> float:
        """As they passed: a day with a change of daylight saving has 23 or 25."""
        start, end = self.span
        return (end - start) / 3_600_000


def zone_of(name: str) -> ZoneInfo:
    """A zone by its IANA name. Raises ValueError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("the name of a time zone, like Europe/Moscow or UTC") from None


def parse_period(kind: Kind, text: str, zone: ZoneInfo, shifts: Sequence[time]) -> Period:
    """The period of a name (see ``Period.name``). Raises ValueError that says what was expected."""
    pattern, expected = {
        Kind.MONTH: (r"(\d{4})-(\d{2})", "a month like 2026-11"),
        Kind.DAY: (r"(\d{4})-(\d{2})-(\d{2})", "a day like 2026-11-27"),
        Kind.SHIFT: (r"(\d{4})-(\d{2})-(\d{2})-(\d)", f"a day and a shift from 1 to {len(shifts)}, like 2026-11-27-1"),
    }[kind]
    match = re.fullmatch(pattern, text)
    try:
        if not match:
            raise ValueError
        parts = [int(part) for part in match.groups()]
        if kind is Kind.MONTH:
            return _month(date(parts[0], parts[1], 1), zone)
        day = date(*parts[:3])
        if kind is Kind.DAY:
            return Period(kind, _at(day, time(), zone), _at(day + timedelta(days=1), time(), zone))
        if not 1 <= parts[3] <= len(shifts):
            raise ValueError
        return _shift(day, parts[3], zone, shifts)
    except (ValueError, OverflowError):
        raise ValueError(f"found '{text}', expected {expected}") from None


def ended(kind: Kind, now: float, zone: ZoneInfo, shifts: Sequence[time], count: int = 1) -> list[Period]:
    """The last so many periods that are over, oldest first. ``now``: Unix seconds."""
    today = datetime.fromtimestamp(now, zone).date()
    found: list[Period] = []
    if kind is Kind.MONTH:
        first = today.replace(day=1)
        while len(found) < count:
            first = (first - timedelta(days=1)).replace(day=1)
            found.append(_month(first, zone))
    elif kind is Kind.DAY:
        days = [today - timedelta(days=back) for back in range(1, count + 1)]
        found = [Period(kind, _at(day, time(), zone), _at(day + timedelta(days=1), time(), zone)) for day in days]
    elif shifts:
        day = today
        while len(found) < count:
            of_day = [_shift(day, number, zone, shifts) for number in range(len(shifts), 0, -1)]
            found += [shift for shift in of_day if shift.end.timestamp() <= now]
            day -= timedelta(days=1)
    return found[:count][::-1]


def _month(first: date, zone: ZoneInfo) -> Period:
    following = (first + timedelta(days=31)).replace(day=1)
    return Period(Kind.MONTH, _at(first, time(), zone), _at(following, time(), zone))


def _shift(day: date, number: int, zone: ZoneInfo, shifts: Sequence[time]) -> Period:
    last = number == len(shifts)
    end = _at(day + timedelta(days=1), shifts[0], zone) if last else _at(day, shifts[number], zone)
    return Period(Kind.SHIFT, _at(day, shifts[number - 1], zone), end, number)


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """A moment on the wall. One that the clock jumps over is as far behind the jump; of two alike it is the first."""
    moment = datetime.combine(day, clock, zone)
    return datetime.fromtimestamp(moment.timestamp(), zone)
