"""Shifts, days and months on the wall of a site, over both changes of daylight saving."""

from __future__ import annotations

from datetime import UTC, datetime, time
from itertools import pairwise

import pytest

from reports import Kind, ended, parse_period, zone_of

SHIFTS = (time(8), time(20))
BERLIN, MOSCOW = zone_of("Europe/Berlin"), zone_of("Europe/Moscow")

#: zone, kind, name -> start and end in UTC, hours
TABLE = [
    ("Europe/Moscow", "day", "2026-11-27", "2026-11-26T21:00", "2026-11-27T21:00", 24),
    ("Europe/Moscow", "month", "2026-02", "2026-01-31T21:00", "2026-02-28T21:00", 672),
    ("Europe/Moscow", "shift", "2026-11-27-1", "2026-11-27T05:00", "2026-11-27T17:00", 12),
    ("Europe/Moscow", "shift", "2026-11-27-2", "2026-11-27T17:00", "2026-11-28T05:00", 12),
    ("UTC", "month", "2026-12", "2026-12-01T00:00", "2027-01-01T00:00", 744),
    # spring: the night has one hour less, autumn: one more
    ("Europe/Berlin", "day", "2026-03-29", "2026-03-28T23:00", "2026-03-29T22:00", 23),
    ("Europe/Berlin", "day", "2026-10-25", "2026-10-24T22:00", "2026-10-25T23:00", 25),
    ("Europe/Berlin", "shift", "2026-03-28-2", "2026-03-28T19:00", "2026-03-29T06:00", 11),
    ("Europe/Berlin", "shift", "2026-10-24-2", "2026-10-24T18:00", "2026-10-25T07:00", 13),
    ("Europe/Berlin", "month", "2026-03", "2026-02-28T23:00", "2026-03-31T22:00", 743),
    ("Europe/Berlin", "month", "2026-10", "2026-09-30T22:00", "2026-10-31T23:00", 745),
    # half an hour, and a change at midnight itself
    ("Australia/Lord_Howe", "day", "2026-10-04", "2026-10-03T13:30", "2026-10-04T13:00", 23.5),
    ("Africa/Cairo", "day", "2026-04-24", "2026-04-23T22:00", "2026-04-24T21:00", 23),
]


@pytest.mark.parametrize(("zone", "kind", "name", "start", "end", "hours"), TABLE)
def test_periods(zone: str, kind: str, name: str, start: str, end: str, hours: float) -> None:
    period = parse_period(Kind(kind), name, zone_of(zone), SHIFTS)
    expected = [datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000 for text in (start, end)]
    assert period.span == tuple(expected)
    assert period.hours == hours
    assert period.name == name


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("around", ["2026-03-29", "2026-10-25", "2026-11-27"])
def test_each_period_ends_where_the_next_begins(kind: Kind, around: str) -> None:
    now = datetime.fromisoformat(around).replace(tzinfo=BERLIN).timestamp() + 3 * 86400
    periods = ended(kind, now, BERLIN, SHIFTS, 12)
    assert len(periods) == 12
    assert all(one.span[1] == following.span[0] for one, following in pairwise(periods))
    assert periods[-1].span[1] <= now * 1000
    assert all(parse_period(kind, one.name, BERLIN, SHIFTS) == one for one in periods)


def test_what_has_ended_is_told_to_the_second() -> None:
    midnight = datetime(2026, 11, 28, tzinfo=MOSCOW).timestamp()
    assert ended(Kind.DAY, midnight - 1, MOSCOW, SHIFTS)[0].name == "2026-11-26"
    assert ended(Kind.DAY, midnight, MOSCOW, SHIFTS)[0].name == "2026-11-27"
    assert ended(Kind.SHIFT, midnight, MOSCOW, SHIFTS)[0].name == "2026-11-27-1"
    assert ended(Kind.SHIFT, midnight + 8 * 3600, MOSCOW, SHIFTS)[0].name == "2026-11-27-2"
    assert ended(Kind.MONTH, midnight, MOSCOW, SHIFTS)[0].name == "2026-10"


def test_a_shift_that_begins_in_the_missing_hour() -> None:
    shifts = (time(2, 30), time(14, 30))
    period = parse_period(Kind.SHIFT, "2026-03-29-1", BERLIN, shifts)
    assert period.start.isoformat() == "2026-03-29T03:30:00+02:00"
    assert period.hours == 11


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (Kind.DAY, "2026-13-01", "found '2026-13-01', expected a day like 2026-11-27"),
        (Kind.MONTH, "2026-11-27", "found '2026-11-27', expected a month like 2026-11"),
        (Kind.SHIFT, "2026-11-27-3", "found '2026-11-27-3', expected a day and a shift from 1 to 2, like 2026-11-27-1"),
    ],
)
def test_other_names_are_refused(kind: Kind, text: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        parse_period(kind, text, MOSCOW, SHIFTS)
