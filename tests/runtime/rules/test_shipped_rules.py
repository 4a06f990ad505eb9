"""The rules that ship, at the shipped site and on their own cases; ``scada test`` and its exit status."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from registermaps import RegisterMap
from runtime.commands import main
from runtime.rules import load_book
from runtime.rules.bench import bench_plant
from tests.support.demo import ROOT

Capture = pytest.CaptureFixture[str]
Write = Callable[..., Path]
HEAD = "devices: {mkz.gpu1: hgm9520n}\ncases:\n"


@pytest.fixture(autouse=True)
def in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_they_fit_any_number_of_gensets(maps: dict[str, RegisterMap]) -> None:
    book = load_book([Path("rules")], Path("rules"))
    for devices in ({}, {"a.x": "hgm9560"}, {"a.x": "hgm9520n"}, {f"a.g{n}": "hgm9520n" for n in range(6)}):
        plant = bench_plant(devices, maps)
        ready = book.bind(plant.with_tags(book.rows(plant)))
        assert len({definition.key for definition in ready.definitions}) == len(ready.definitions)
        for definition in ready.definitions:
            assert definition.label["en"]
            assert definition.label["ru"]


def test_the_load_is_never_taken_from_the_busbar() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in Path("rules").glob("*.yaml"))
    assert "busbar_p" not in text


def test_their_cases_pass(capsys: Capture) -> None:
    assert main(["test", "rules", "--with", "rules/cases/gensets.yaml"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "7 case(s), 0 failed"


def test_a_case_that_fails_says_what_was_found(write: Write, capsys: Capture) -> None:
    cases = write(
        HEAD
        + """  hot:
    - at: 0
      set: {mkz.gpu1.gen_status: Running, mkz.gpu1.coolant_temp: 99, mkz.gpu1.run_hours: 5, mkz.gpu1.run_minutes: 30}
      expect: {mkz.gpu1.running_hours: 5.6, mkz.gpu1.current_unbalance: {value: 0, quality: bad}}
    - at: 10s
      expect: {mkz.gpu1.gen_status: Standby, mkz.gpu1.coolant_temp: 99}
      alarms: {"coolant_temp.high:mkz.gpu1": clear, "battery_low.low:mkz.gpu1": active}
"""
    )
    assert main(["test", "rules/gensets.yaml", "--with", str(cases)]) == 1
    assert (
        capsys.readouterr().out
        == f"""FAILED hot
       {cases}:4: at 0 s: tag mkz.gpu1.running_hours: expected 5.6, good, found 5.5, good
       {cases}:4: at 0 s: tag mkz.gpu1.current_unbalance: expected 0, bad, found None, initial
       {cases}:4: at 10 s: tag mkz.gpu1.gen_status: expected Standby, good, found 9, good
       {cases}:4: at 10 s: alarm coolant_temp.high:mkz.gpu1: expected clear, found active (Coolant temperature 99 °C)
       {cases}:4: at 10 s: alarm battery_low.low:mkz.gpu1: expected active, found unknown
1 case(s), 1 failed
"""
    )


def test_faulty_cases_are_told_all_at_once(write: Write, capsys: Capture) -> None:
    cases = write(
        HEAD
        + """  names:
    - at: 0
      set: {mkz.gpu1.coolant_tmp: 1, mkz.gpu1.gen_status: Runing, mkz.gpu1.coolant_temp: Hot}
      expect: {mkz.gpu1.coolant: 1}
      alarms: {"coolant.high:mkz.gpu1": clear}
"""
    )
    assert main(["test", "rules/gensets.yaml", "--with", str(cases)]) == 2
    found = capsys.readouterr().err.splitlines()
    place, hint = f"{cases}:4: case 'names'", "(did you mean 'mkz.gpu1.coolant_temp'?)"
    assert f"{place}: set: unknown tag 'mkz.gpu1.coolant_tmp' {hint}" in found
    assert any("mkz.gpu1.gen_status: found text 'Runing', expected one of Standby" in line for line in found)
    assert f"{place}: set: mkz.gpu1.coolant_temp: found text 'Hot', expected a number" in found
    assert f"{cases}:6: case 'names': expect: unknown tag 'mkz.gpu1.coolant' {hint}" in found
    assert any("unknown alarm 'coolant.high:mkz.gpu1'" in line for line in found)


STEP = "cases:\n  a:\n    - at: 0\n"
BAD_CASES = [
    ("cases:\n  a:\n    - at: 1s\n    - at: 500ms\n", "4:1: case 'a': at: 0.5 s is not after 1 s"),
    ("cases:\n  a:\n    - at: soon\n", "found text 'soon', expected a time such as 0, 500ms, 10s, 2min"),
    (f"{STEP}      set: {{x: {{quality: godo}}}}\n", "quality: found text 'godo', expected one of good"),
    (f"{STEP}      set: {{x: [1]}}\n", "found a list, expected a value, or {value: ..., quality: ...}"),
    (f"{STEP}      set: {{x: {{y: 1}}}}\n", "found other keys than value and quality"),
    (f"{STEP}      alarms: {{x: on}}\n", "found text 'on', expected one of active, clear"),
    ("devices: {mkz.gpu1: hgm}\ncases: {}\n", "device 'mkz.gpu1': there is no register map 'hgm'"),
]


@pytest.mark.parametrize(("body", "message"), BAD_CASES)
def test_bad_case_files(body: str, message: str, write: Write, capsys: Capture) -> None:
    assert main(["test", "rules/gensets.yaml", "--with", str(write(body))]) == 2
    assert message in capsys.readouterr().err


def test_a_python_rule_that_fails_fails_the_case(write: Write, capsys: Capture) -> None:
    write("from runtime.rules import Output, rule\n@rule(reads=[], writes=[Output('mkz.x.y', 'Y', 'Y')])\n"
          "def broken(tags):\n    raise RuntimeError('no')\n", "rule.py")  # fmt: skip
    cases = write(HEAD + "  a:\n    - at: 0\n", "cases.yml")
    assert main(["test", str(cases.parent), "--with", str(cases)]) == 1
    assert "rule python:broken failed: RuntimeError: no" in capsys.readouterr().out
