"""Which points a device reads, and what the unknown bits of alarm words become."""

from __future__ import annotations

import pytest

from registermaps import Point, RegisterMap, UnknownPoints, select_points


def _by_name(points: tuple[Point, ...]) -> dict[str, Point]:
    return {point.name: point for point in points}


def test_unconfirmed_points_are_off_until_enabled(hgm9520n: RegisterMap) -> None:
    assert "mains_ua" not in _by_name(select_points(hgm9520n))
    chosen = _by_name(select_points(hgm9520n, enable=["mains_u?", "gen_ua"]))
    assert {"mains_ua", "mains_ub", "mains_uc", "gen_ua"} <= chosen.keys()
    assert "gen_ub" not in chosen


def test_disable_is_stronger(hgm9520n: RegisterMap) -> None:
    chosen = _by_name(select_points(hgm9520n, enable=["mains_u*"], disable=["mains_ub", "fuel_*"]))
    assert "mains_ua" in chosen
    assert "mains_ub" not in chosen
    assert "fuel_level" not in chosen


def test_an_enabled_cause_leaves_the_unknown_bits(hgm9520n: RegisterMap) -> None:
    before = _by_name(select_points(hgm9520n))
    assert before["warning_unknown_5"].mask == 0xFF00
    after = _by_name(select_points(hgm9520n, enable=["warning_input_9"]))
    assert after["warning_unknown_5"].mask == 0xFE00
    assert after["warning_input_9"].bit == 8


def test_a_group_nobody_has_seen_is_unknown_bits_until_enabled(hgm9520n: RegisterMap) -> None:
    before = _by_name(select_points(hgm9520n))
    assert before["safety_trip_unknown_0"].mask == 0xFFFF
    after = _by_name(select_points(hgm9520n, enable=["safety_trip_*"]))
    assert after["safety_trip_unknown_0"].mask == 0
    assert after["safety_trip_and_stop_unknown_0"].mask == 0  # the pattern fits this class too


def test_a_disabled_cause_joins_the_unknown_bits(hgm9560: RegisterMap) -> None:
    chosen = _by_name(select_points(hgm9560, disable=["shutdown_input_8"]))
    assert chosen["shutdown_unknown_8"].mask == 0xFF80


def test_names_that_fit_nothing_are_told_all_at_once(hgm9520n: RegisterMap) -> None:
    with pytest.raises(UnknownPoints) as caught:
        select_points(hgm9520n, enable=["mains_angle", "x*"], disable=["gen_freqq"])
    assert caught.value.messages == (
        "no point 'mains_angle' in map 'hgm9520n' (did you mean 'mains_angle_c'?)",
        "no point 'x*' in map 'hgm9520n'",
        "no point 'gen_freqq' in map 'hgm9520n' (did you mean 'gen_freq'?)",
    )


def test_a_gate_cannot_be_switched_off_while_something_waits_for_it(hgm9560: RegisterMap) -> None:
    with pytest.raises(ValueError, match="'alarm_common' cannot be off: poll class 'alarms' is read only while"):
        select_points(hgm9560, disable=["alarm_common"])
