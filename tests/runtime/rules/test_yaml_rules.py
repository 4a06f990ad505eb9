"""YAML rules on a plant: where they are attached, what they compute, what they tell the alarm engine."""

from __future__ import annotations

from typing import Any

import pytest

from registermaps import ConfigError
from runtime.rules import Plant, load_book
from runtime.scan.alarms import Priority
from tagdb import Kind, Quality

GOOD, LOST, INITIAL = Quality.GOOD, Quality.NOT_CONNECTED, Quality.INITIAL
MESSAGE = "message: {en: 'Hot {coolant_temp:.0f}', ru: 'Горячо {coolant_temp:.0f}'}"


def rules(body: str, head: str = "map: hgm9520n") -> str:
    return f"rules: r\n{head}\n{body}"


def test_a_rule_of_a_map_has_an_instance_for_each_device(site: Any) -> None:
    found = site.load(a=rules(f"alarms:\n  hot: {{when: coolant_temp > 98, priority: high, class: engine, {MESSAGE}}}"))
    assert [one.key for one in found.definitions] == ["rule:hot:mkz.gpu1", "rule:hot:mkz.gpu2", "rule:hot:old.gpu1"]
    first = found.definitions[0]
    assert (first.site, first.device, first.priority, first.kind) == ("mkz", "mkz.gpu1", Priority.HIGH, "engine")
    assert first.label == {"en": "Hot …", "ru": "Горячо …"}
    assert first.tag == ""


def test_conditions_are_told_when_they_change(site: Any) -> None:
    site.load(a=rules(f"alarms:\n  hot: {{value: coolant_temp, limits: {{high: 98}}, {MESSAGE}}}"))
    site.scan()
    assert site.told == []  # nothing was read yet: nothing is known
    site.set("mkz.gpu1.coolant_temp", 90)
    site.scan()
    site.scan()
    site.set("mkz.gpu1.coolant_temp", 99)
    site.scan()
    site.set("mkz.gpu1.coolant_temp", 99, LOST)
    site.scan()
    site.set("mkz.gpu1.coolant_temp", 99, Quality.LAST_KNOWN)
    site.scan()
    key = "rule:hot.high:mkz.gpu1"
    assert [row[:3] for row in site.told] == [(key, False, GOOD), (key, True, GOOD), (key, True, LOST)]
    assert site.told[1][3] == {"coolant_temp": 99.0, "en": "Hot 99", "ru": "Горячо 99"}
    assert site.told[1][4] == 99.0


def test_stars_in_a_rule_of_the_whole_plant(site: Any) -> None:
    body = "alarms:\n  hot: {when: mkz.*.coolant_temp > 98, message: {en: '{mkz.*.coolant_temp:.1f}', ru: Г}}"
    found = site.load(a=rules(body, ""))
    assert [(one.key, one.site, one.device) for one in found.definitions] == [
        ("rule:hot:mkz.gpu1", "mkz", "mkz.gpu1"), ("rule:hot:mkz.gpu2", "mkz", "mkz.gpu2"),
    ]  # fmt: skip
    site.set("mkz.gpu2.coolant_temp", 98.25)
    site.scan()
    assert [(row[0], row[3]["en"]) for row in site.told] == [("rule:hot:mkz.gpu2", "98.2")]


def test_enumerations_are_shown_in_words(site: Any) -> None:
    message = "{en: 'is {gen_status}', ru: 'это {gen_status}'}"
    site.load(a=rules(f"alarms:\n  s: {{when: gen_status == 9, message: {message}}}"))
    site.set("mkz.gpu1.gen_status", 9)
    site.scan()
    assert (site.told[0][3]["en"], site.told[0][3]["ru"]) == ("is Running", "это Работа")


def test_limits_make_an_alarm_each(site: Any) -> None:
    body = f"""alarms:
  hot:
    value: coolant_temp
    limits: {{high_high: {{at: 103, priority: critical, on_delay: 2s}}, high: 98}}
    on_delay: 1s
    {MESSAGE}
"""
    found = site.load(a=rules(body))
    assert [(one.key, one.priority) for one in found.definitions[:2]] == [
        ("rule:hot.high_high:mkz.gpu1", Priority.CRITICAL), ("rule:hot.high:mkz.gpu1", Priority.MEDIUM),
    ]  # fmt: skip
    assert found.definitions[1].label["ru"] == "Горячо …: высоко"
    site.set("mkz.gpu1.coolant_temp", 110)
    for _ in range(3):
        site.scan()
    assert [row[0] for row in site.told] == ["rule:hot.high:mkz.gpu1", "rule:hot.high_high:mkz.gpu1"]


def test_derived_tags_run_after_what_they_read(site: Any) -> None:
    body = """tags:
  total.twice: {en: T, ru: Т, value: total.power * 2, unit: kW, decimals: 2}
  total.power: {en: P, ru: П, value: sum(*.power_total)}
  total.on: {en: O, ru: О, type: int, value: count(*.gen_closed)}
"""
    site.load(a=rules(body, "each: site"))
    for name in ("gpu1", "gpu2"):
        site.set(f"mkz.{name}.power_total", 50)
        site.set(f"mkz.{name}.gen_closed", 1)
    site.scan()
    assert site.sample("mkz.total.twice") == (200.0, GOOD)
    assert site.sample("mkz.total.on") == (2, GOOD)
    assert site.sample("old.total.twice") == (None, INITIAL)
    tag = site.store.tags["mkz.total.twice"]
    assert (tag.kind, tag.unit, tag.decimals, tag.site, tag.device) == (Kind.FLOAT, "kW", 2, "mkz", "")
    assert tag.origin["expression"] == "total.power * 2"
    site.set("mkz.gpu2.power_total", 50, LOST)
    site.scan()
    assert site.sample("mkz.total.twice") == (200.0, LOST)


def test_a_value_that_cannot_be_computed_leaves_the_old_one_bad(site: Any) -> None:
    site.load(a=rules("tags:\n  x: {en: X, ru: Х, value: 100 / power_total}"))
    site.set("mkz.gpu1.power_total", 50)
    site.scan()
    changed = site.now.time
    site.scan()
    assert site.store.sample("mkz.gpu1.x").change_time == changed
    site.set("mkz.gpu1.power_total", 0)
    site.scan()
    assert site.sample("mkz.gpu1.x") == (2.0, Quality.BAD)


def test_what_a_device_has_switched_off_leaves_it_out(site: Any) -> None:
    found = site.load(a=rules("alarms:\n  f: {when: fuel_level < 10, message: {en: F, ru: Т}}"))
    assert [one.device for one in found.definitions] == ["mkz.gpu1", "mkz.gpu2"]
    assert found.skipped == ("f at old.gpu1: there is no fuel_level",)


def test_a_site_that_lacks_a_part_goes_without(site: Any) -> None:
    body = """tags:
  total.m: {en: M, ru: М, value: sum(*.mains_p_total)}
  total.twice: {en: T, ru: Т, value: total.m * 2}
"""
    found = site.load(a=rules(body, "each: site"))
    assert [rule.name for rule in found.rules] == ["tag:mkz.total.m", "tag:mkz.total.twice"]
    assert found.skipped == ("old.total.m: there is no *.mains_p_total", "old.total.twice: there is no total.m")
    assert "old.total.m" not in site.store.tags


def test_names_are_unique_over_files(site: Any) -> None:
    body = rules("alarms:\n  hot: {when: coolant_temp > 98, message: {en: H, ru: Г}}")
    with pytest.raises(ConfigError) as caught:
        site.load(a=body, b=body)
    a, b = site.folder / "a.yaml", site.folder / "b.yaml"
    assert str(caught.value).splitlines() == [
        f"{b}:1:8: rules: the name 'r' is taken (first at {a}:1)",
        f"{b}:4:8: alarm 'hot': the id is taken (first at {a}:4)",
    ]


def test_delays_survive_a_reload(site: Any) -> None:
    body = rules(f"alarms:\n  hot: {{when: coolant_temp > 98, on_delay: 5s, {MESSAGE}}}")
    site.load(a=body)
    site.set("mkz.gpu1.coolant_temp", 99)
    for _ in range(4):
        site.scan()
    state = site.rules.dump(site.now.monotonic)
    site.load(a=body).restore(state, site.now.monotonic)
    site.scan()
    assert site.told == []
    site.scan()
    assert [row[:2] for row in site.told] == [("rule:hot:mkz.gpu1", True)]


def test_the_cost_and_the_place_of_every_rule_are_shown(site: Any) -> None:
    found = site.load(a=rules("tags:\n  x: {en: X, ru: Х, value: power_total}"))
    site.scan()
    found.rules[0].note_cost(2e-6)
    found.rules[0].note_cost(4e-6)
    first = found.status()[0]
    assert first["name"] == "tag:mkz.gpu1.x"
    assert (first["kind"], first["line"], first["fault"]) == ("tag", 4, "")
    assert (first["runs"], first["mean_us"], first["worst_us"]) == (2, 3.0, 4.0)


def test_a_missing_file_is_a_fault(plant: Plant, tmp_path: Any) -> None:
    with pytest.raises(ConfigError, match="no such file or folder"):
        load_book([tmp_path / "none.yaml"])
