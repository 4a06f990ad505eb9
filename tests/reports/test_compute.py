"""Reports over a real database: counters, states, peaks, over a change of daylight saving and a new controller."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reports import Report
from tagdb import Quality
from tagdb.history import HistoryWriter
from tests.reports.conftest import at
from tests.reports.plant import Site
from tests.tagdb.history.samples import alarm

Sites = Callable[[str], Site]


def test_a_day(site: Sites) -> None:
    plant = site("2026-11-26T22:00")
    still = {"alarm_shutdown": 0, "mode_stop": 0, "start_count": 7, "fuel_used_total": 1000.0}
    plant.run(at("2026-11-26T22:00"), 2, 50, 1000, 600, **still)
    plant.run(at("2026-11-27T00:10"), 9.5, 100, 1100 + 16.6, 730, start_count=8, fuel_used_total=1300.0)
    plant.read(at("2026-11-27T09:50"), gen_closed=0, power_total=0.0, p_now_pct=0.0)
    plant.read(at("2026-11-27T12:00"), alarm_shutdown=1)
    plant.read(at("2026-11-27T15:00"), alarm_shutdown=0, power_total=0.0)
    plant.read(at("2026-11-27T15:00"), maint_state=4, maint_next="to2 + to1", maint_left_h=14.5)
    found = plant.report("day", "2026-11-27", at("2026-11-28T00:05"))
    genset = found.gensets[0]
    assert found.whole
    assert genset.energy_kwh == pytest.approx(8.3 + 16.6 + 950, abs=0.2), "what shows at midnight belongs to the day"
    assert genset.run_h == pytest.approx(9.5 + 20 / 60)
    assert genset.starts == 1
    assert genset.fuel == 300
    assert genset.specific == pytest.approx(300 / 974.9, abs=0.001)
    assert genset.mean_kw == pytest.approx(100, abs=1)
    assert genset.peak_kw == 100
    assert genset.peak_at == at("2026-11-27T00:10").timestamp()
    assert genset.mean_load_pct == pytest.approx(49.6, abs=0.5)
    assert genset.available == pytest.approx(21 / 24)
    assert genset.known == pytest.approx(1)
    assert genset.on_load == pytest.approx((9 + 50 / 60) / 24)
    assert genset.energy_at_end_kwh == pytest.approx(2066.6, abs=0.1)
    due = genset.maintenance
    assert due
    assert (due.state, due.title, due.left_h) == (4, {"en": "TO-2 + TO-1", "ru": "ТО-2 + ТО-1"}, 14.5)
    assert found.gensets[1].energy_kwh is None
    assert found.total("energy_kwh") == genset.energy_kwh
    assert found.alarms == {"1": 0, "2": 0, "3": 0, "4": 0, "5": 0}
    assert Report.from_json(found.to_json()) == found


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_day_with_a_change_of_daylight_saving(site: Sites, day: str, hours: int) -> None:
    before = at(f"{day}T00:00")
    plant = site(f"{day}T00:00")
    plant.run(before, hours, 60, 500, 0, alarm_shutdown=0, mode_stop=0)
    found = plant.report("day", day, at(f"{day}T23:59:59")).gensets[0]
    assert found.run_h == pytest.approx(hours, abs=0.2)
    assert found.energy_kwh == pytest.approx(60 * hours, abs=11)
    assert found.on_load == pytest.approx(1)


def test_a_new_controller_and_a_gap_in_the_data(site: Sites) -> None:
    plant = site("2026-11-27T00:00")
    plant.run(at("2026-11-27T00:00"), 6, 100, 90_000, 60_000, alarm_shutdown=0, mode_stop=0)
    for point in ("energy_kwh", "alarm_shutdown", "mode_stop", "gen_closed"):
        plant.bench.mark(at("2026-11-27T06:01").timestamp(), f"mkz.gpu1.{point}", Quality.NOT_CONNECTED)
    plant.run(at("2026-11-27T12:00"), 6, 100, 300, 120, alarm_shutdown=0, mode_stop=0)
    found = plant.report("day", "2026-11-27", at("2026-11-28T01:00")).gensets[0]
    assert found.energy_kwh == pytest.approx(600 + 300 + 600), "what a counter shows that began anew was counted since"
    assert ("energy", "reset", 1) in found.remarks
    assert found.run_h == pytest.approx(6 + 2 + 6)
    assert found.known == pytest.approx(1 - 359 / 1440, abs=0.001)
    assert found.available == 1, "of the time of which something is known"


def test_a_day_that_is_not_over(site: Sites) -> None:
    plant = site("2026-11-27T00:00")
    plant.run(at("2026-11-27T00:00"), 6, 100, 0, 0, alarm_shutdown=0, mode_stop=0)
    found = plant.report("day", "2026-11-27", at("2026-11-27T06:00:30"))
    assert not found.whole
    assert found.gensets[0].known == pytest.approx(6 / 24, abs=0.001)
    assert not found.empty
    assert plant.report("day", "2026-11-20", at("2026-11-27T06:00:30")).empty


def test_fuel_from_the_flow_where_the_counter_says_nothing(site: Sites) -> None:
    plant = site("2026-11-27T00:00")
    plant.run(at("2026-11-27T00:00"), 10, 100, 0, 0, fuel_rate=30.0)
    plant.read(at("2026-11-27T10:00:30"), fuel_rate=0.0)
    found = plant.report("day", "2026-11-27", at("2026-11-28T00:00:30")).gensets[0]
    assert found.fuel_estimated
    assert (found.fuel, found.fuel_unit) == (pytest.approx(300, abs=1), "L")


def test_alarms_of_the_day_by_priority_and_the_most_frequent(site: Sites) -> None:
    """What is raised at midnight itself belongs to the day that begins then, of whatever site only its own."""
    plant = site("2026-11-27T00:00")
    midnight, next_one = at("2026-11-27T00:00").timestamp(), at("2026-11-28T00:00").timestamp()
    writer = HistoryWriter(plant.url, plant.folder / "alarm-spool")
    rows = [(midnight - 0.001, 1, "mkz"), (midnight, 1, "mkz"), (midnight + 60, 3, "mkz"), (next_one - 0.001, 3, "mkz"),
            (next_one, 3, "mkz"), (midnight + 60, 2, "yakz")]  # fmt: skip
    for number, (raised_at, priority, place) in enumerate(rows, 1):
        key = f"{place}.gpu1.alarm_{priority}"
        writer.post(alarm(number, raised_at=raised_at, priority=priority, site=place, key=key, device=f"{place}.gpu1"))
    writer.start()
    assert writer.flush(30)
    writer.stop()
    found = plant.report("day", "2026-11-27", at("2026-11-28T00:05"))
    assert found.alarms == {"1": 1, "2": 0, "3": 2, "4": 0, "5": 0}
    assert [(one.key, one.count, one.priority) for one in found.most_frequent] == [
        ("mkz.gpu1.alarm_3", 2, 3), ("mkz.gpu1.alarm_1", 1, 1),
    ]  # fmt: skip
