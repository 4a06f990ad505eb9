"""Whatever stands in a map file, loading it ends in a map or in a list of faults, never in a traceback."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registermaps import ConfigError, Fault, LinkCost, load_map, plan, select_points
from registermaps.reader import read_yaml

SOUND = """
map: sample
title: {en: Sample, ru: Образец}
words: {order: low, bytes: little}
max_registers: {tcp: 20}
unreadable: [[90, 99]]
no_data: {u16: [65535], s16: false}
polls: {fast: {period: 1s}, gated: {period: 2s, while: flag}}
groups: {main: {en: Main, ru: Главное}}
enums: {state: {0: {en: Off, ru: Выкл}, 1: {en: On, ru: Вкл}}}
points:
  a: {at: 1, type: s16, scale: 0.1, offset: -40, range: [-40, null], deadband: 1, group: main, en: A, ru: А}
  b: {at: 2, type: f32, order: high, bytes: big, unit: V, decimals: 2, group: main, en: B, ru: Б, note: text}
  c: {at: 4, type: enum, enum: state, no_data: [9], poll: gated, group: main, en: C, ru: В}
  d: {at: 5, type: bits, bit: 3, width: 4, hex: true, group: main, en: D, ru: Г}
  e: {at: 6, type: bcd, words: 2, confirmed: false, group: main, en: E, ru: Д}
  f: {at: 8, type: ascii, words: 4, enabled: false, group: main, en: F, ru: Е}
  g: {at: 0, function: 2, alarm: {class: stop, code: X1}, group: main, en: G, ru: Ё}
  h: {at: 5, view: true, group: main, en: H, ru: Ж}
  i: {at: 12, type: s16, range: [-180, 180], wrap: 360, group: main, en: I, ru: З}
flags:
  20: {group: main, function: 4, bits: {0: {name: flag, en: Flag, ru: Флаг}, 1: {name: other, en: O, ru: Д}}}
alarms:
  poll: gated
  number: offset
  classes: {stop: {code: SD, en: Stop, ru: Останов, meaning: {en: Stops, ru: Стоит}}}
  layouts: {causes: {0: {0: {name: fire, en: Fire, ru: Пожар}}}}
  words:
    30: {class: stop, count: 3, layout: causes, group: main}
"""
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-70000, 70000),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "fast", "flag", "stop", "x y", "1s", "0x10", "state"]),
    st.just([]),
    st.just({}),
    st.lists(st.integers(-5, 99999), max_size=3),
    st.dictionaries(st.sampled_from(["0", "at", "en", "flag"]), st.integers(), max_size=2),
)


def _sound() -> Any:
    root = read_yaml("sample.yaml", SOUND).root
    assert root is not None
    return json.loads(json.dumps(root.plain()))


def _places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return found + [place for key, value in items for place in _places(value, (*path, key))]


def _dump(tree: Any) -> str:
    """As YAML by hand: JSON with bare numbers for keys."""
    if isinstance(tree, dict):
        rows = (f"{key if key.isdigit() else json.dumps(key)}: {_dump(value)}" for key, value in tree.items())
        return "{" + ", ".join(rows) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(map(_dump, tree)) + "]"
    return json.dumps(tree)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("maps")


def test_the_sample_itself_is_sound(folder: Path) -> None:
    path = folder / "sound.yaml"
    path.write_text(_dump(_sound()), encoding="utf-8")
    loaded = load_map(path)
    assert len(loaded.points) == 9 + 2 + 3 + 1
    assert loaded.max_registers == {"tcp": 20, "rtu": 125}


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(st.data())
def test_a_map_with_anything_in_it_loads_or_tells(folder: Path, data: st.DataObject) -> None:
    tree = copy.deepcopy(_sound())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(_places(tree)))
        holder = tree
        for key in place[:-1]:
            holder = holder[key]
        action = data.draw(st.sampled_from(["replace", "remove", "add"]))
        if action == "remove" and isinstance(holder, dict) and len(tree) > 1:
            del holder[place[-1]]
        elif action == "add" and isinstance(holder, dict):
            holder[data.draw(st.sampled_from(["at", "tipe", "7", "unit", "count", "bits"]))] = data.draw(JUNK)
        else:
            holder[place[-1]] = data.draw(JUNK)
    path = folder / "any.yaml"
    path.write_text(_dump(tree), encoding="utf-8")
    faults: tuple[Fault, ...] = ()
    try:
        loaded = load_map(path)
        plan(select_points(loaded), LinkCost.tcp(min(loaded.max_registers.values())), loaded.unreadable)
    except ConfigError as error:
        faults = error.faults or (Fault("none", 0, 0, "", ""),)
    assert all(fault.file == str(path) and fault.line == 1 and fault.column and fault.message for fault in faults)


@given(st.text(max_size=60))
def test_any_text_is_read_or_told(text: str) -> None:
    document = read_yaml("any.yaml", text)
    assert document.root is not None or document.faults
