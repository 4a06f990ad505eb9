"""The printed read plan."""

from __future__ import annotations

from registermaps import LinkCost, RegisterMap, plan_report, select_points


def test_the_table_adds_up(hgm9560: RegisterMap) -> None:
    cost = LinkCost.parse("9600-8N2", rtu_registers=hgm9560.max_registers["rtu"])
    text = plan_report(hgm9560, select_points(hgm9560), cost)
    assert "hgm9560 over 9600-8N2: 178 points, largest read 30 registers" in text
    assert "every 1 s while alarm_common: 2 reads, 39 registers (0 in gaps)" in text
    rows = [line.split() for line in text.splitlines() if line.startswith("fast")]
    fast = next(line for line in text.splitlines() if line.startswith("  every 1 s:"))
    total = f"{sum(float(row[-1]) for row in rows):.2f}"
    assert f"{len(rows)} reads" in fast
    assert total[:-1] in fast
    assert all(line == line.rstrip() for line in text.splitlines())


def test_nothing_to_read_still_prints(hgm9560: RegisterMap) -> None:
    assert "0 points" in plan_report(hgm9560, (), LinkCost.tcp())
