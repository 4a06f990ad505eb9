"""The maps that ship against a golden listing of what is known of both controllers: nothing missing or made up."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from registermaps import Point, RegisterMap, kind_of, load_map, load_maps, maps_folder

NO_DATA = {
    "u16": {32766, 32767, 65535},
    "enum": {32766, 32767, 65535},
    "s16": {32766, 32767, -32768},
    "u32": {0x7FFFFFFE, 0x7FFFFFFF},
    "s32": {0x7FFFFFFE, 0x7FFFFFFF},
}


@pytest.fixture(params=["hgm9520n", "hgm9560"])
def shipped(request: pytest.FixtureRequest) -> RegisterMap:
    found: RegisterMap = request.getfixturevalue(request.param)
    return found


def _golden(here: Path, name: str) -> list[dict[str, str]]:
    with (here / "golden" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _row(point: Point) -> dict[str, Any]:
    ends = ["" if end is None else f"{end:g}" for end in (point.low, point.high)]
    return {
        "name": point.name,
        "address": str(point.address),
        "bit": str(point.bit) if point.type == "bit" else "",
        "type": point.type.value,
        "scale": f"{point.scale:g}",
        "words": str(point.count),
        "low": ends[0],
        "high": ends[1],
        "no_data": "yes" if point.no_data else "no",
        "confirmed": "yes" if point.confirmed else "no",
        "code": point.alarm.code if point.alarm else "",
        "en": point.label.en,
        "ru": point.label.ru,
    }


def test_every_known_point_is_there_as_listed(shipped: RegisterMap, here: Path) -> None:
    expected = {row["name"]: row for row in _golden(here, shipped.name)}
    known = [point for point in shipped.points if not (point.alarm and point.alarm.unknown)]
    found = {point.name: _row(point) for point in known}
    for row in expected.values():
        row["low"], row["high"] = (f"{float(end):g}" if end else "" for end in (row["low"], row["high"]))
    assert found == expected


def test_counts(hgm9520n: RegisterMap, hgm9560: RegisterMap) -> None:
    def counts(register_map: RegisterMap) -> tuple[int, int, int, int]:
        alarms = [point for point in register_map.points if point.alarm]
        flags = [point for point in register_map.points if point.type == "bit" and not point.alarm]
        unknown = [point for point in alarms if point.alarm and point.alarm.unknown]
        rest = len(register_map.points) - len(alarms) - len(flags)
        return rest, len(flags), len(alarms) - len(unknown), len(unknown)

    assert counts(hgm9520n) == (80, 16, 616, 105)
    assert counts(hgm9560) == (67, 17, 66, 40)


def test_off_is_exactly_what_was_never_confirmed(shipped: RegisterMap) -> None:
    assert all(point.enabled == point.confirmed for point in shipped.points)


def test_every_bit_of_every_alarm_word_is_told_one_way_or_the_other(shipped: RegisterMap) -> None:
    seen: Counter[int] = Counter()
    masks: dict[int, int] = {}
    for point in shipped.points:
        if point.alarm and point.alarm.unknown:
            masks[point.address] = point.mask
        elif point.alarm and point.enabled:
            seen[point.address] |= 1 << point.bit
    words = range(1, 106) if shipped.name == "hgm9520n" else [*range(1, 40), 44]
    assert sorted(masks) == list(words)
    for address, mask in masks.items():
        assert mask ^ seen[address] == 0xFFFF


def test_markers_are_those_of_the_type(shipped: RegisterMap) -> None:
    for point in shipped.points:
        if point.no_data:
            assert point.no_data == NO_DATA[point.type.value], point.name


def test_every_point_reads_well(shipped: RegisterMap) -> None:
    for point in shipped.points:
        assert point.group in shipped.groups
        assert point.poll in shipped.polls
        assert point.function == 3
        assert point.word_order == "low"
        if kind_of(point) == "float":
            assert point.deadband > 0 or point.group == "settings", point.name
            assert point.decimals >= 1


def test_only_alarm_words_wait_and_mains_words_never_do(hgm9520n: RegisterMap, hgm9560: RegisterMap) -> None:
    gated = {point.address for point in hgm9520n.points if hgm9520n.polls[point.poll].gate}
    assert gated == set(range(1, 106))
    gated = {point.address for point in hgm9560.points if hgm9560.polls[point.poll].gate}
    assert gated == set(range(1, 40))
    for register_map in (hgm9520n, hgm9560):
        assert {poll.gate for poll in register_map.polls.values()} == {None, "alarm_common"}


def test_details_that_went_wrong_elsewhere(hgm9520n: RegisterMap, hgm9560: RegisterMap) -> None:
    assert hgm9520n.by_name["sync_phase_diff"].wrap == 360
    assert hgm9520n.by_name["pf_avg"].scale == 0.001
    assert hgm9560.by_name["mains_pf_avg"].scale == 0.01
    assert hgm9520n.by_name["coolant_temp"].unit == "°C"
    assert hgm9520n.enums["genset_state"][12].en.startswith("Energise-to-stop")
    assert hgm9520n.enums["genset_state"][15].en == "Fail to stop"
    assert hgm9560.enums["genset_state"][14].en == "Fail to stop"
    assert "panel" in hgm9520n.by_name["energy_kwh"].note
    assert hgm9520n.max_registers == {"tcp": 105, "rtu": 36}


def test_all_shipped_maps_load_as_a_folder() -> None:
    assert sorted(load_maps(maps_folder())) == ["hgm9520n", "hgm9560"]


def test_enumerations_are_complete(hgm9520n: RegisterMap, hgm9560: RegisterMap) -> None:
    def numbers(register_map: RegisterMap) -> dict[str, list[int]]:
        return {name: list(texts) for name, texts in register_map.enums.items()}

    assert numbers(hgm9520n) == {"genset_state": list(range(16)), "switch_state": list(range(8))}
    assert numbers(hgm9560) == {
        "genset_state": list(range(15)),
        "switch_state": list(range(8)),
        "mains_state": list(range(4)),
        "load_mode": list(range(3)),
    }


@pytest.mark.parametrize(
    ("found", "changed", "points"),
    [
        ("&power_scale 0.1", "&power_scale 1", ["power_a", "power_total", "reactive_b", "apparent_total"]),
        ("energy_kwh: {at: 274, type: u32, scale: 0.1", "energy_kwh: {at: 274, type: u32, scale: 1", ["energy_kwh"]),
    ],
)
def test_a_scale_in_doubt_is_changed_in_one_line(
    hgm9520n: RegisterMap, tmp_path: Path, found: str, changed: str, points: list[str]
) -> None:
    text = Path(hgm9520n.file).read_text(encoding="utf-8")
    assert text.count(found) == 1
    path = tmp_path / "hgm9520n.yaml"
    path.write_text(text.replace(found, changed), encoding="utf-8")
    loaded = load_map(path)
    assert [loaded.by_name[name].scale for name in points] == [1.0] * len(points)
    assert loaded.by_name["mains_uab"].scale == 0.1
