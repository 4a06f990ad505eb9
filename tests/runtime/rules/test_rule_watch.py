"""Rules that fail are told once each, those of one place together, and counted while they are out of work."""

from __future__ import annotations

from typing import Any

import pytest

from runtime.rule_watch import RuleWatch
from tagdb import Words
from ui.rules import rule_row

BROKEN = """from runtime.rules import Output, rule
@rule(map="hgm9520n", reads=["power_total"], writes=[Output("half", "Half", "Половина")])
def half(tags):
    tags["half"] = 1 / 0
"""


def test_a_failure_is_told_once_with_its_place_and_traceback(site: Any, caplog: pytest.LogCaptureFixture) -> None:
    site.load(a_py=BROKEN, b="rules: r\ntags: {mkz.x.p: {en: P, ru: П, value: 1}}\n")
    told: list[tuple[str, Words, str]] = []
    watch = RuleWatch(lambda *one: told.append(one))
    assert watch.look(site.rules) == 0
    site.scan()
    assert [watch.look(site.rules) for _ in range(2)] == [3, 3], "at each of three gensets"
    ((name, words, fault),) = told
    assert (name, words["ru"]) == (
        "python:half:mkz.gpu1",
        "Правило отключено из-за ошибки (экземпляров: 3): a.py:2: ZeroDivisionError: division by zero",
    )
    assert "line 4, in half" in fault
    assert "python:half:old.gpu1" in caplog.text
    told_to_pages = site.rules.told()
    (row,) = (row for row in told_to_pages["rules"] if row["name"] == name)
    shown = rule_row(row, None, None)
    assert (shown["state"], shown["fault"], told_to_pages["scans"]) == ("fault", row["fault"], 1)
    assert "line 4, in half" in shown["fault"], "the page of the rules and /api/rules"
    site.load()
    assert watch.look(site.rules) == 0, "after a reload it works again"
    site.scan()
    watch.look(site.rules)
    assert len(told) == 2
