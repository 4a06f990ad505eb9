"""Trend presets and report points of the maps that ship."""

from __future__ import annotations

import pytest

from registermaps import RegisterMap


def test_the_presets_that_ship(hgm9520n: RegisterMap, hgm9560: RegisterMap) -> None:
    assert [trend.name for trend in hgm9520n.trends] == [
        "power", "voltages", "currents", "engine", "gas", "sync", "site",
    ]  # fmt: skip
    assert [trend.name for trend in hgm9560.trends] == ["power", "voltages", "currents", "switching", "site"]
    assert hgm9520n.trends[-1].site[0] == "total.load_p"
    assert hgm9520n.trends[5].span_s == 900


@pytest.mark.parametrize("name", ["hgm9520n", "hgm9560"])
def test_what_is_preset_is_read(name: str, request: pytest.FixtureRequest) -> None:
    shipped: RegisterMap = request.getfixturevalue(name)
    for trend in shipped.trends:
        for point in trend.points:
            assert shipped.by_name[point].enabled, f"{trend.name}: {point} is off"


def test_what_reports_read(hgm9520n: RegisterMap, hgm9560: RegisterMap) -> None:
    points = hgm9520n.report
    assert points is not None
    assert (points.energy, points.starts) == ("energy_kwh", "start_count")
    assert points.run_time == ("run_hours", "run_minutes")
    assert points.ends == {"energy_kwh": (1 << 32) * 0.1, "start_count": 65536}
    assert hgm9560.report is None
