"""Rules that are not due are not asked, and nobody can tell: the same is found as by asking all in every scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registermaps import RegisterMap
from runtime.rules import RuleBook, RuleSet, load_book
from runtime.rules.bench import bench_plant
from runtime.rules.plant import Plant
from runtime.scan import Moment
from tagdb import Quality, TagStore, Value

RULES = """rules: r
map: hgm9520n
tags:
  twice: {en: T, ru: Т, value: doubled + 1}
  doubled: {en: D, ru: Д, value: coolant_temp * 2}
  old: {en: O, ru: О, value: age(oil_pressure)}
  turned: {en: C, ru: Ч, value: changed(engine_speed), type: bool}
alarms:
  hot: {value: coolant_temp, limits: {high_high: 103, high: 98}, deadband: 2, on_delay: 2s, off_delay: 1s,
    enable: gen_status == 'Running', message: {en: "H {coolant_temp}", ru: Г}}
  sum: {when: twice > 200, on_delay: 1s, message: {en: S, ru: С}}
  fast: {value: engine_speed, rate: {above: 5, per: 1s, window: 3s}, message: {en: F, ru: Б}}
  silent: {value: oil_pressure, stale: 3s, message: {en: Q, ru: Т}}
  bad: {value: oil_pressure, bad: true, message: {en: B, ru: П}}
suppress:
  still: {while: gen_status == 'Standby', alarms: [hot], off_delay: 2s, reason: {en: E, ru: Р}}
"""
INPUTS = ("coolant_temp", "oil_pressure", "engine_speed", "gen_status")
DERIVED = ("twice", "doubled", "old", "turned")
QUALITIES = (Quality.GOOD, Quality.LAST_KNOWN, Quality.NOT_CONNECTED)


class Twin:
    """One of two equal plants."""

    def __init__(self, book: RuleBook, plant: Plant) -> None:
        self.store = TagStore()
        self.store.install(plant.tags.values())
        self.rules: RuleSet = book.bind(plant)
        self.told: list[tuple[Any, ...]] = []
        self.rules.connect(self.report, lambda *told: self.told.append(told))

    def report(
        self, key: str, active: bool, quality: int, now: Moment, values: Mapping[str, Value] | None, value: Value
    ) -> None:
        self.told.append((key, active, quality, now.time, values, value))

    def found(self) -> list[tuple[object, ...]]:
        samples = (self.store.sample(f"mkz.gpu1.{name}") for name in DERIVED)
        return [(one.value, one.quality, one.source_time, one.change_time) for one in samples]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, maps: dict[str, RegisterMap]) -> tuple[RuleBook, Plant]:
    file: Path = tmp_path_factory.mktemp("rules") / "r.yaml"
    file.write_text(RULES, encoding="utf-8")
    book = load_book([file])
    plant = bench_plant({"mkz.gpu1": "hgm9520n"}, maps)
    return book, plant.with_tags(book.rows(plant))


changes = st.lists(
    st.tuples(st.sampled_from(INPUTS), st.sampled_from([0, 9, 90, 97, 99, 101, 104]), st.sampled_from(QUALITIES)),
    max_size=3,
)


@given(steps=st.lists(changes, max_size=25))
@settings(max_examples=60, deadline=None)
def test_the_same_is_found(made: tuple[RuleBook, Plant], steps: Sequence[Sequence[tuple[str, int, Quality]]]) -> None:
    every, due = Twin(*made), Twin(*made)
    asked = 0
    for number, step in enumerate(steps):
        now = Moment(1e9 + number, 100.0 + number)
        for name, value, quality in step:
            for twin in (every, due):
                twin.store.set(f"mkz.gpu1.{name}", float(value), quality, now.time)
        for rule in every.rules.rules:
            rule.evaluate(every.store, now)
        for rule in due.rules.due(due.store, now):
            asked += 1
            rule.evaluate(due.store, now)
        assert due.told == every.told
        assert due.found() == every.found()
    assert asked <= len(steps) * len(every.rules.rules)


def test_rules_whose_inputs_stand_still_are_not_asked(made: tuple[RuleBook, Plant]) -> None:
    twin = Twin(*made)
    names = []
    for number in range(3):
        now = Moment(1e9 + number, 100.0 + number)
        if number == 0:
            for name in INPUTS:
                twin.store.set(f"mkz.gpu1.{name}", 9.0, Quality.GOOD, now.time)
        if number == 2:
            twin.store.set("mkz.gpu1.coolant_temp", 50.0, Quality.GOOD, now.time)
        names.append([])
        for rule in twin.rules.due(twin.store, now):
            names[-1].append(rule.name.split(":")[1].rpartition(".")[2])
            rule.evaluate(twin.store, now)
    timed = ["old", "turned", "fast", "silent"]
    assert len(names[0]) == len(twin.rules.rules), "at first, all"
    assert names[1] == timed
    assert sorted(names[2]) == sorted([*timed, "doubled", "twice", "high_high", "high", "sum"])
    assert names[2].index("doubled") < names[2].index("twice")


def test_a_rule_that_failed_says_nothing_any_more(made: tuple[RuleBook, Plant]) -> None:
    twin = Twin(*made)
    for number in range(3):
        now = Moment(1e9 + number, 100.0 + number)
        twin.store.set("mkz.gpu1.coolant_temp", 50.0 + number, Quality.GOOD, now.time)
        for rule in twin.rules.due(twin.store, now):
            if number == 1 and rule.name.endswith("doubled"):
                rule.run = lambda store, now: 1 / 0  # type: ignore[assignment]
            rule.evaluate(twin.store, now)
    doubled = twin.store.sample("mkz.gpu1.doubled")
    assert (doubled.quality, doubled.source_time) == (Quality.FAILURE, 1e9 + 1)
    assert twin.store.sample("mkz.gpu1.twice").quality is Quality.FAILURE, "those that read it follow"
