"""How urgent alarms are: class, cause, and what the ini orders."""

from __future__ import annotations

from pathlib import Path

import pytest

from programmes import standard_programme
from registermaps import ConfigError
from runtime.assembly import Assembly, load
from runtime.scan.alarms import AlarmDefinition, Priority
from runtime.scan.maintenance.alarms import definitions
from tagdb.maintenance import DevicePlan
from tests.runtime.conftest import ROOT, edit


@pytest.fixture(scope="module")
def shipped() -> dict[str, AlarmDefinition]:
    return by_key(load(ROOT / "scada.ini"))


def by_key(assembly: Assembly) -> dict[str, AlarmDefinition]:
    return {row.key: row for row in assembly.alarms}


@pytest.mark.parametrize(
    ("point", "priority", "alone"),
    [
        ("shutdown_overspeed", Priority.CRITICAL, False),
        ("shutdown_fuel_sensor_open", Priority.CRITICAL, False),
        ("warning_gas_leak", Priority.CRITICAL, True),
        ("trip_gas_leak", Priority.CRITICAL, True),
        ("warning_emergency_stop", Priority.CRITICAL, True),
        ("warning_low_oil_pressure", Priority.HIGH, False),
        ("block_gen_open_failure", Priority.HIGH, False),
        ("warning_battery_undervolt", Priority.MEDIUM, False),
        ("warning_oil_sensor_error", Priority.MEDIUM, False),
        ("warning_low_fuel_level", Priority.LOW, False),
        ("warning_maintenance_1", Priority.LOW, False),
        ("warning_unknown_7", Priority.MEDIUM, False),
        ("trip_mains_rocof", Priority.HIGH, False),
    ],
)
def test_a_cause_makes_an_alarm_more_urgent_than_its_class(
    shipped: dict[str, AlarmDefinition], point: str, priority: Priority, alone: bool
) -> None:
    row = shipped[f"mkz.gpu1.{point}"]
    assert (row.priority, row.alone) == (priority, alone)


def test_no_cause_is_less_urgent_than_its_class_says(shipped: dict[str, AlarmDefinition]) -> None:
    bits = [row for row in shipped.values() if row.kind == "shutdown"]
    assert len(bits) > 300
    assert {row.priority for row in bits} == {Priority.CRITICAL}
    indications = {row.priority for row in shipped.values() if row.kind == "indication"}
    assert indications == {Priority.DIAGNOSTIC}


def test_the_ini_has_the_last_word_by_point_name_pattern_and_rule(site: Path) -> None:
    orders = """
[alarms]
priority.warning_* = diagnostic
priority.warning_gas_leak = high
priority.mkz.gpu2.shutdown_* = medium
priority.coolant_temp.high = critical
priority.battery_low = low
priority.scada.scan.overruns = diagnostic
"""
    site.write_text(site.read_text(encoding="utf-8").replace("[alarms]\n", orders), encoding="utf-8")
    rows = by_key(load(site))
    assert rows["mkz.gpu1.warning_low_oil_pressure"].priority is Priority.DIAGNOSTIC
    assert rows["yakz.gpu1.warning_gas_leak"].priority is Priority.HIGH
    assert rows["yakz.gpu1.warning_gas_leak"].alone
    assert rows["mkz.gpu2.shutdown_overspeed"].priority is Priority.MEDIUM
    assert rows["mkz.gpu1.shutdown_overspeed"].priority is Priority.CRITICAL
    assert rows["rule:coolant_temp.high:mkz.gpu1"].priority is Priority.CRITICAL
    assert rows["rule:battery_low.low_low:mkz.gpu1"].priority is Priority.LOW
    assert rows["scada.scan.overruns"].priority is Priority.DIAGNOSTIC


def test_the_ini_orders_how_urgent_maintenance_is(site: Path) -> None:
    orders = """
[alarms]
priority.maintenance.overdue = medium
priority.*.maintenance.warning = diagnostic
priority.mkz.gpu1.maintenance.overdue = critical
"""
    site.write_text(site.read_text(encoding="utf-8").replace("[alarms]\n", orders), encoding="utf-8")
    policy = load(site).policy
    plans = [DevicePlan(name, standard_programme()) for name in ("mkz.gpu1", "mkz.gpu2")]
    rows = {row.key: row.priority for row in policy.apply(definitions(plans, {}))}
    assert rows["maintenance:mkz.gpu1:to1:overdue"] is Priority.CRITICAL
    assert rows["maintenance:mkz.gpu2:to4:overdue"] is Priority.MEDIUM
    assert rows["maintenance:mkz.gpu2:to4:critical"] is Priority.MEDIUM, "as it is by itself"
    assert rows["maintenance:mkz.gpu1:to1:warning"] is Priority.DIAGNOSTIC
    edit(site, "priority.maintenance.overdue", "priority.maintenance.overdew")
    with pytest.raises(ConfigError, match=r"no such alarm \(did you mean 'maintenance\.overdue'\?\)"):
        load(site)


def test_a_pattern_without_an_alarm_is_a_fault_with_its_line(site: Path) -> None:
    edit(site, "[alarms]\n", "[alarms]\npriority.warning_gas_lek = high\npriority.no_* = low\n")
    with pytest.raises(ConfigError) as caught:
        load(site)
    line = site.read_text(encoding="utf-8").splitlines().index("priority.warning_gas_lek = high") + 1
    assert [str(fault) for fault in caught.value.faults] == [
        f"{site}:{line}: section [alarms]: key 'priority.warning_gas_lek': there is no such alarm "
        "(did you mean 'warning_gas_leak'?)",
        f"{site}:{line + 1}: section [alarms]: key 'priority.no_*': there is no such alarm",
    ]
