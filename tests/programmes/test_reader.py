"""Maintenance programmes in YAML: the one that ships, faults with their places, and the way back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programmes import load_programme, load_programmes, programme_yaml, standard_programme
from registermaps import ConfigError
from tagdb.maintenance import Consumable, Level, Programme, Task, Thresholds

BAD = sorted((Path(__file__).parent / "bad").glob("*.yaml"))
MARK = "# expect: "


def test_the_programme_that_ships() -> None:
    programme = standard_programme()
    assert [(level.id, level.title["ru"], level.every_h, level.includes) for level in programme.levels] == [
        ("to1", "ТО-1", 250.0, ()), ("to2", "ТО-2", 500.0, ("to1",)), ("to3", "ТО-3", 1000.0, ("to2",)),
        ("to4", "ТО-4", 2000.0, ("to3",)),
    ]  # fmt: skip
    tasks = [task for level in programme.levels for task in level.tasks]
    assert (len(tasks), sum(task.critical for task in tasks)) == (56, 22)
    assert programme.closure("to4") == ("to1", "to2", "to3", "to4"), "over every step"
    assert [level.id for level, _ in programme.checklist("to2")] == ["to1"] * 10 + ["to2"] * 18
    assert programme.thresholds == Thresholds(50, 20, 14, 3, 50, 14)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_every_fault_is_told_in_one_pass(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    expected = [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]
    assert expected
    with pytest.raises(ConfigError) as caught:
        load_programme(path)
    assert [str(fault).removeprefix(f"{path}:") for fault in caught.value.faults] == expected


def test_two_files_of_one_name_are_told(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(programme_yaml(standard_programme()), encoding="utf-8")
    with pytest.raises(ConfigError, match="two programmes named 'standard'"):
        load_programmes(tmp_path)


names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=("C",), exclude_characters="\ufeff"), min_size=1, max_size=20)
words = st.fixed_dictionaries({"en": texts, "ru": texts})
amounts = st.floats(0.1, 1e5).map(lambda value: round(value, 2))
tasks = st.builds(
    Task, names, words, st.booleans(), st.integers(0, 500), st.sampled_from(["", "mm", "°C", "- x"]),
    st.lists(st.builds(Consumable, words, amounts, st.sampled_from(["", "l", "pcs: 1"])), max_size=2).map(tuple),
)  # fmt: skip
levels = st.builds(
    Level, names, words, amounts, st.none() | amounts, st.just(()),
    st.lists(tasks, max_size=4, unique_by=lambda task: task.id).map(tuple),
)  # fmt: skip
programmes = st.builds(
    Programme, names, words, st.lists(levels, min_size=1, max_size=4, unique_by=lambda level: level.id).map(tuple)
)


@settings(max_examples=80, deadline=None)
@given(programmes)
def test_what_is_written_reads_the_same(programme: Programme) -> None:
    assert load_programme("x", programme_yaml(programme)) == programme
    assert load_programme("x", json.dumps(programme.to_json(), ensure_ascii=False)) == programme, "the editor's way"
    assert Programme.from_json(json.loads(json.dumps(programme.to_json()))) == programme, "the database's way"
