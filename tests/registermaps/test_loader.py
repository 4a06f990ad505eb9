"""Loading: defaults, expansion of alarm layouts, masks, folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from registermaps import ConfigError, Label, PointType, load_map, load_maps

Write = Callable[..., Path]


def test_a_row_of_four_keys_is_enough(write_map: Write) -> None:
    point = load_map(write_map("points:\n  p: {at: 7, group: main, en: P, ru: П}\n")).by_name["p"]
    assert (point.type, point.function, point.address, point.count) == (PointType.U16, 3, 7, 1)
    assert (point.poll, point.scale, point.decimals, point.enabled, point.confirmed) == ("fast", 1.0, 0, True, True)
    assert (point.word_order, point.byte_order, point.mask, point.no_data) == ("high", "big", -1, frozenset())
    assert (point.label, point.line) == (Label("P", "П"), 9)


def test_defaults_of_the_map_and_what_overrides_them(write_map: Write) -> None:
    loaded = load_map(
        write_map(
            "words: {order: low, bytes: little}\nfunction: 4\nno_data: {u16: [1, 2], s32: [-1]}\npoints:\n"
            "  a: {at: 1, group: main, en: A, ru: А}\n"
            "  b: {at: 2, type: s32, group: main, en: B, ru: Б}\n"
            "  c: {at: 4, type: s32, order: high, bytes: big, function: 3, no_data: false, poll: slow, group: main,"
            " en: C, ru: В}\n"
            "  d: {at: 6, type: bit, bit: 2, group: main, en: D, ru: Г}\n"
            "  e: {at: 7, type: enum, enum: on_off, no_data: [9], group: main, en: E, ru: Д}\n"
            "enums: {on_off: {0: {en: Off, ru: Выкл}, 0x10: {en: On, ru: Вкл}}}\n"
        )
    )
    a, b, c, d, e = (loaded.by_name[name] for name in "abcde")
    assert (a.function, a.byte_order, a.no_data) == (4, "little", frozenset({1, 2}))
    assert (b.word_order, b.no_data) == ("low", frozenset({-1}))
    assert (c.word_order, c.byte_order, c.function, c.no_data, c.poll) == ("high", "big", 3, frozenset(), "slow")
    assert (d.no_data, d.bit) == (frozenset(), 2)
    assert (e.no_data, e.enum) == (frozenset({9}), "on_off")
    assert loaded.enums["on_off"] == {0: Label("Off", "Выкл"), 16: Label("On", "Вкл")}
    assert loaded.polls["slow"].period_s == 60.0


@pytest.mark.parametrize(
    ("scale", "decimals"), [("1", 0), ("0.1", 1), ("0.01", 2), ("0.0001", 4), ("2.5", 1), ("10", 0)]
)
def test_decimals_follow_the_scale(write_map: Write, scale: str, decimals: int) -> None:
    loaded = load_map(write_map(f"points:\n  p: {{at: 7, scale: {scale}, group: main, en: P, ru: П}}\n"))
    assert loaded.by_name["p"].decimals == decimals


def test_what_is_not_confirmed_is_off_unless_it_says_otherwise(write_map: Write) -> None:
    loaded = load_map(
        write_map(
            "points:\n  a: {at: 1, confirmed: false, group: main, en: A, ru: А}\n"
            "  b: {at: 2, confirmed: false, enabled: true, group: main, en: B, ru: Б}\n"
            "  c: {at: 3, enabled: false, group: main, en: C, ru: В}\n"
        )
    )
    states = [(point.enabled, point.confirmed) for point in loaded.points]
    assert states == [(False, False), (True, False), (False, True)]


ALARMS = """
alarms:
  poll: slow
  number: offset
  classes:
    stop: {code: SD, en: Stop, ru: Останов, meaning: {en: Stops, ru: Стоит}}
    warn: {code: WN, en: Warning, ru: Предупреждение}
  layouts:
    causes:
      0:
        0: {name: fire, en: Fire, ru: Пожар}
        15: {name: smoke, confirmed: false, en: Smoke, ru: Дым}
  words:
    10: {class: stop, count: 2, layout: causes, group: main}
    20: {class: warn, count: 2, layout: causes, confirmed: false, group: main, poll: fast}
    30: {class: warn, group: main, bits: {3: {name: own, en: Own, ru: Свой}}}
"""


def test_one_layout_becomes_the_alarms_of_every_group(write_map: Write) -> None:
    with pytest.raises(ConfigError, match="'warn_unknown_0' is taken"):
        load_map(write_map(ALARMS))  # word 30 counts from 0 as word 20 does
    loaded = load_map(write_map(ALARMS.replace("    30: {class: warn", "    30: {class: warn, count: 1")
                                .replace("number: offset", "number: address")))  # fmt: skip
    fire = loaded.by_name["stop_fire"]
    assert (fire.address, fire.bit, fire.type, fire.poll) == (10, 0, PointType.BIT, "slow")
    assert fire.label == Label("Fire", "Пожар")
    assert fire.alarm is not None
    assert (fire.alarm.kind, fire.alarm.code, fire.alarm.unknown) == ("stop", "SD10.0", False)
    assert not loaded.by_name["stop_smoke"].enabled
    assert not loaded.by_name["warn_fire"].enabled
    assert loaded.by_name["warn_fire"].poll == "fast"
    assert loaded.alarm_meanings == {"stop": Label("Stops", "Стоит")}
    masks = {point.name: point.mask for point in loaded.points if point.alarm and point.alarm.unknown}
    assert masks == {
        "stop_unknown_10": 0xFFFE,
        "stop_unknown_11": 0xFFFF,
        "warn_unknown_20": 0xFFFF,
        "warn_unknown_21": 0xFFFF,
        "warn_unknown_30": 0xFFF7,
    }
    unknown = loaded.by_name["stop_unknown_11"]
    assert (unknown.hex, unknown.type, unknown.enabled) == (True, PointType.U16, True)


def test_a_folder_gives_maps_by_name(write_map: Write, tmp_path: Path) -> None:
    write_map(name="one", file="maps/one.yaml")
    write_map(name="two", file="maps/deeper/two.yaml")
    assert sorted(load_maps(tmp_path / "maps")) == ["one", "two"]


def test_all_faults_of_a_folder_come_at_once(write_map: Write, tmp_path: Path) -> None:
    first = write_map(name="one", file="a.yaml")
    second = write_map(name="one", file="b.yaml")
    third = write_map("pints: {}\n", name="three", file="c.yaml")
    with pytest.raises(ConfigError) as caught:
        load_maps(tmp_path)
    assert [str(fault) for fault in caught.value.faults] == [
        f"{second}:1:1: map: the name 'one' is taken (first at {first}:1)",
        f"{third}:8:1: unknown key 'pints' (did you mean 'points'?)",
    ]


def test_a_missing_file_or_folder_is_one_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: no such file$"):
        load_map(tmp_path / "none.yaml")
    with pytest.raises(ConfigError, match=r"none: no such folder$"):
        load_maps(tmp_path / "none")


def test_a_missing_section_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(
        "map: m\ntitle: {en: M, ru: М}\npolls: {fast: {period: 1s, while: flag}}\n"
        "points:\n  a: {at: 1, group: x, en: A, ru: А}\n  flag: {at: 2, typ: bit, bit: x, group: x, en: F, ru: Ф}\n"
    )
    with pytest.raises(ConfigError) as caught:
        load_map(path)
    assert [fault.message for fault in caught.value.faults] == [
        "missing key 'groups', expected a mapping by group",
        "unknown key 'typ' (did you mean 'type'?)",
        "bit: found text 'x', expected a whole number from 0 to 15",
    ]
