"""Python rules: what they may touch, how they fail, what of them survives a restart."""

from __future__ import annotations

import json
from typing import Any

import pytest

from registermaps import ConfigError
from tagdb import Quality

GOOD, LOST = Quality.GOOD, Quality.NOT_CONNECTED
HEAD = "from runtime.rules import Output, rule\nfrom runtime.scan.logic.blocks import TON\n"
SITE = 'each="site", reads=["*.power_total"], writes=[Output("total.p", "P", "П", unit="kW")]'


def test_a_rule_writes_with_the_worst_quality_that_it_read(site: Any) -> None:
    body = f"@rule({SITE})\ndef total(tags):\n"
    body += "    tags['total.p'] = sum(tags[name] or 0 for name in tags.matching('*.power_total'))\n"
    site.load(a_py=HEAD + body)
    site.set("mkz.gpu1.power_total", 10)
    site.set("mkz.gpu2.power_total", 20)
    site.scan()
    assert site.sample("mkz.total.p") == (30.0, GOOD)
    site.set("mkz.gpu2.power_total", 20, LOST)
    site.scan()
    assert site.sample("mkz.total.p") == (30.0, LOST)
    assert site.store.tags["mkz.total.p"].unit == "kW"


def test_asking_for_quality_does_not_spoil_the_output(site: Any) -> None:
    body = f"@rule({SITE})\ndef total(tags):\n"
    body += "    tags['total.p'] = sum(tags.get(name) for name in tags.matching('*.power_total'))\n"
    site.load(a_py=HEAD + body)
    site.set("mkz.gpu1.power_total", 10)
    site.set("mkz.gpu2.power_total", 20, LOST)
    site.scan()
    assert site.sample("mkz.total.p") == (10.0, GOOD)


FAILURES = [
    ("1 / 0", "ZeroDivisionError: division by zero"),
    ("tags['gpu1.coolant_temp']", "reads 'gpu1.coolant_temp', which its decorator does not declare"),
    ("tags.matching('*.x')", "reads '*.x', which its decorator does not declare"),
    ("tags['total.q'] = 1", "writes 'total.q', which its decorator does not declare"),
    ("tags['gpu1.power_total'] = 1", "writes 'gpu1.power_total', which its decorator does not declare"),
    ("open('/nowhere/at/all')", "FileNotFoundError"),
]


@pytest.mark.parametrize(("line", "message"), FAILURES)
def test_a_rule_that_fails_is_faulted_alone(line: str, message: str, site: Any) -> None:
    body = f"@rule({SITE})\ndef total(tags):\n    tags['total.p'] = 5\n    if tags.now.monotonic > 1002: {line}\n"
    other = f"@rule({SITE.replace('total.p', 'other.p')})\ndef other(tags):\n    tags['other.p'] = 5\n"
    site.load(a_py=HEAD + body, b_py=HEAD + other)
    site.scan()
    site.scan()
    site.scan()
    failed = [rule for rule in site.rules.rules if rule.fault]
    assert [rule.name for rule in failed] == ["python:total:mkz", "python:total:old"]
    assert message in failed[0].fault
    assert f'{site.folder / "a.py"}", line 6' in failed[0].fault
    assert site.sample("mkz.total.p") == (5.0, Quality.FAILURE)
    assert site.sample("mkz.other.p") == (5.0, GOOD)


def test_retained_blocks_survive_a_restart(site: Any) -> None:
    body = """
@rule(map="hgm9520n", reads=["gen_closed"], writes=[Output("late", "L", "П", type="bool")],
      blocks={"kept": lambda: TON(5.0), "lost": lambda: TON(5.0)}, retain=["kept"])
def late(tags):
    now = tags.now.monotonic
    kept, lost = (tags.blocks[name].run(tags["gen_closed"] != 0, now) for name in ("kept", "lost"))
    tags["late"] = kept and not lost
"""
    site.load(a_py=HEAD + body)
    site.set("mkz.gpu1.gen_closed", 1)
    for _ in range(4):
        site.scan()
    state = json.loads(json.dumps(site.rules.dump(site.now.monotonic)))
    site.load().restore(state, site.now.monotonic)
    site.scan()
    assert site.sample("mkz.gpu1.late") == (False, GOOD)
    site.scan()
    site.scan()
    assert site.sample("mkz.gpu1.late") == (True, GOOD)


def test_yaml_reads_what_python_writes_in_the_same_scan(site: Any) -> None:
    yaml = "rules: r\neach: site\ntags:\n  total.twice: {en: T, ru: Т, value: total.p * 2}\n"
    site.load(a=yaml, b_py=f"{HEAD}@rule({SITE})\ndef total(tags):\n    tags['total.p'] = 4\n")
    site.scan()
    assert site.sample("mkz.total.twice") == (8.0, GOOD)


FAULTS = [
    ("x = (", ":3:5: not valid Python: '(' was never closed"),
    ("import nothing_of_that_name", ":3: ModuleNotFoundError: No module named 'nothing_of_that_name'"),
    ("@rule(each='device', reads=[], writes=[])\ndef f(tags): ...", ":3: TypeError: each is 'device', expected 'site'"),
    ("@rule(map='m', each='site', reads=[], writes=[])\ndef f(tags): ...",
     ":3: TypeError: a rule is attached by map or by each, not by both"),
    ("@rule(reads=[], writes=[], retain=['x'])\ndef f(tags): ...", ":3: TypeError: retain names no block: x"),
    ("@rule(reads=['mkz.gpu1.power_totl'], writes=[])\ndef f(tags): ...",
     ":3: rule 'f': reads: unknown tag 'mkz.gpu1.power_totl' (did you mean 'mkz.gpu1.power_total'?)"),
    ("@rule(reads=[], writes=[Output('mkz.gpu1.power_total', 'P', 'П')])\ndef f(tags): ...",
     ":3: rule 'f': writes mkz.gpu1.power_total: the name is taken by another tag"),
    ("@rule(reads=[], writes=[Output('mkz.x.p', 'P', 'П', type='text')])\ndef f(tags): ...",
     ":3: rule 'f': writes mkz.x.p: type is 'text', expected float, int or bool"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "message"), FAULTS)
def test_what_cannot_be_is_refused(body: str, message: str, site: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        site.load(a_py=HEAD + body)
    assert str(caught.value) == f"{site.folder / 'a.py'}{message}"
