"""What rules say of themselves: title, formula, reads, writes, state, the time of their file."""

from __future__ import annotations

import os
from typing import Any

YAML = """rules: r
map: hgm9520n
tags:
  heat:
    en: Heat
    ru: Тепло
    value: coolant_temp + 1
alarms:
  hot:
    value: heat
    limits: {high: {at: 98, priority: high}}
    enable: gen_status == 'Running'
    message: {en: Hot, ru: Горячо}
"""
PYTHON = """
from runtime.rules import Output, rule

@rule(map="hgm9520n", reads=["heat", "power_total"], writes=[Output("double", "Double", "Вдвое")])
def double(tags):
    tags["double"] = 1 / (tags.get("heat") - 1)
"""


def by_name(site: Any) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in site.rules.details()}


def test_every_rule_is_described(site: Any) -> None:
    rules = site.load(a=YAML, b_py=PYTHON)
    os.utime(site.folder / "a.yaml", (1_700_000_000, 1_700_000_000))
    rows = by_name(site)
    assert len(rows) == len(rules.rules)
    tag, alarm = rows["tag:mkz.gpu1.heat"], rows["rule:hot.high:mkz.gpu1"]
    assert (tag["kind"], tag["title"]["en"], tag["formula"]) == ("tag", "Heat", ("value: coolant_temp + 1",))
    assert (tag["reads"], tag["outputs"]) == (("mkz.gpu1.coolant_temp",), ["mkz.gpu1.heat"])
    assert (tag["priority"], tag["active"], tag["file_time"]) == (0, None, 1_700_000_000.0)
    assert alarm["reads"] == ("mkz.gpu1.heat", "mkz.gpu1.gen_status")
    assert "enable: gen_status == 'Running'" in alarm["formula"]
    assert alarm["priority"] == 2
    python = rows["python:double:mkz.gpu1"]
    assert (python["title"]["ru"], python["formula"]) == ("Вдвое", ())
    assert python["reads"] == ("mkz.gpu1.heat", "mkz.gpu1.power_total")


def test_state_fault_and_a_file_that_is_gone(site: Any) -> None:
    site.load(a=YAML, b_py=PYTHON)
    site.set("mkz.gpu1.coolant_temp", 120)
    site.set("mkz.gpu1.gen_status", 9)
    site.scan()
    site.set("mkz.gpu1.coolant_temp", 0)
    site.scan()
    (site.folder / "a.yaml").unlink()
    rows = by_name(site)
    assert rows["rule:hot.high:mkz.gpu1"]["active"] is False
    assert rows["rule:hot.high:old.gpu1"]["active"] is None
    assert "ZeroDivisionError" in rows["python:double:mkz.gpu1"]["fault"]
    assert rows["tag:mkz.gpu1.heat"]["file_time"] is None
