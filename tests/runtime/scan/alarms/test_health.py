"""Health figures from scripted transitions."""

import json

import pytest

from runtime.scan.alarms import AlarmDefinition, AlarmHealth, AlarmState, Event, Occurrence, Priority, Transition

T0 = 1_700_000_000.0 - 1_700_000_000.0 % 3600.0
ROWS = {
    name: AlarmDefinition(name, "s", "s.d", {"en": name}, priority, "k")
    for name, priority in {
        "a": Priority.CRITICAL,
        "b": Priority.HIGH,
        "c": Priority.LOW,
        "x": Priority.DIAGNOSTIC,
    }.items()
}


def raised(
    health: AlarmHealth, key: str, at: float, event: Event = Event.RAISE, after: AlarmState = AlarmState.UNACK
) -> None:
    health.note(Transition(T0 + at, None, key, 1, AlarmState.NORMAL, after, event), ROWS[key])


def test_rates() -> None:
    health = AlarmHealth(T0)
    for at in (0, 60, 700, 710, 720, 3000):
        raised(health, "a", at)
    figures = health.figures(T0 + 3300, [])
    assert (figures.raised, figures.rate_10min, figures.peak_10min) == (6, 1, 3)
    assert figures.mean_10min == pytest.approx(6 / 5.5)
    assert figures.period_s == 3300
    assert (figures.rates, figures.rates_from) == ((2, 3, 0, 0, 0, 1), T0)


def test_what_operators_are_not_told_is_not_counted() -> None:
    health = AlarmHealth(T0)
    raised(health, "x", 1)
    raised(health, "a", 2, Event.PRESENT)
    raised(health, "a", 3, Event.RETURN)
    raised(health, "a", 4, after=AlarmState.SHELVED)
    assert health.figures(T0 + 10, []).raised == 0


def test_a_flood_begins_above_ten_and_ends_below_five() -> None:
    health = AlarmHealth(T0)
    for second in range(10):
        raised(health, "a", 100 + second * 10)
    assert health.figures(T0 + 200, []).floods == ()
    raised(health, "b", 205)
    raised(health, "b", 300)
    (flood,) = health.figures(T0 + 400, []).floods
    assert (flood.began, flood.ended, flood.alarms, flood.peak) == (T0 + 205, None, 12, 12)
    figures = health.figures(T0 + 5000, [])
    (flood,) = figures.floods
    # Of twelve the eighth leaves the window 10 minutes after 100 + 7 * 10; four are left then.
    assert flood.ended == T0 + 770
    assert figures.flood_share == pytest.approx((770 - 205) / 5000)


def test_the_most_frequent_and_the_share_of_priorities() -> None:
    health = AlarmHealth(T0)
    for n in range(8):
        raised(health, "c", n * 120)
    raised(health, "a", 961)
    raised(health, "b", 962)
    figures = health.figures(T0 + 1000, [])
    assert [(row.key, row.count, row.share) for row in figures.frequent] == [
        ("c", 8, 0.8),
        ("a", 1, 0.1),
        ("b", 1, 0.1),
    ]
    assert figures.priorities == {"critical": 0.1, "high": 0.1, "medium": 0.0, "low": 0.8, "diagnostic": 0.0}


def test_three_raises_in_a_minute_are_chattering() -> None:
    health = AlarmHealth(T0)
    for at in (0, 40, 80, 120):
        raised(health, "a", at)
    for at in (200, 210, 259):
        raised(health, "b", at, Event.RAISE_AGAIN)
    assert health.figures(T0 + 300, []).chattering == {"b": 1}


def occurrence(key: str, raised_at: float, state: AlarmState = AlarmState.UNACK) -> tuple[AlarmDefinition, Occurrence]:
    made = Occurrence(1, key, state, T0 + raised_at)
    if state is AlarmState.ACKED:
        made.acknowledged_at = made.raised_at
    if state is AlarmState.RTN_UNACK:
        made.returned_at = made.raised_at
    return ROWS[key], made


def test_standing_and_stale() -> None:
    health = AlarmHealth(T0)
    standing = [
        occurrence("a", 0, AlarmState.ACKED),
        occurrence("b", 3600),
        occurrence("c", 3600, AlarmState.RTN_UNACK),
        occurrence("c", 0, AlarmState.SHELVED),
        occurrence("x", 0),
    ]
    figures = health.figures(T0 + 86401, standing)
    assert (figures.standing, figures.stale, figures.unacknowledged) == (2, ("a",), 2)


def test_old_hours_are_forgotten_and_the_period_is_kept_to() -> None:
    health = AlarmHealth(T0)
    raised(health, "a", 0)
    raised(health, "b", 3 * 86400)
    assert health.figures(T0 + 3 * 86400 + 60, []).raised == 1
    assert health.figures(T0 + 3 * 86400 + 60, [], 7 * 86400).raised == 2
    raised(health, "b", 9 * 86400)
    assert health.figures(T0 + 9 * 86400 + 60, [], 30 * 86400).raised == 2


def test_a_wall_clock_set_back_is_survived() -> None:
    health = AlarmHealth(T0)
    raised(health, "a", 5000)
    raised(health, "a", 100)
    assert health.figures(T0, []).rate_10min == 2


def test_the_figures_are_plain_json() -> None:
    health = AlarmHealth(T0)
    for n in range(20):
        raised(health, "a", n)
    body = health.figures(T0 + 30, [occurrence("a", 0)]).to_json()
    assert json.loads(json.dumps(body))["floods"][0]["peak"] == 20
