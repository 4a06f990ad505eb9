"""What the audit of the pinned packages makes of its tool's answers."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

Report = Callable[[str, str], tuple[str, int]]


@pytest.fixture(scope="module")
def report() -> Report:
    found: Report = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "audit.py"))["report"]
    return found


def test_a_finding_is_named_and_fails(report: Report) -> None:
    finding = {"id": "PYSEC-1", "fix_versions": ["2.1"]}
    rows = [{"name": "a", "version": "2.0", "vulns": [finding]}, {"name": "b", "version": "1", "vulns": []}]
    text, status = report(json.dumps({"dependencies": rows}), "")
    assert status == 1
    assert text.splitlines() == ["a 2.0: PYSEC-1, mended in 2.1", "audit: 2 of 2 packages asked about, 1 findings"]


def test_what_could_not_be_asked_is_counted(report: Report) -> None:
    rows = [{"name": "a", "skip_reason": "not found"}, {"name": "b", "version": "1", "vulns": []}]
    assert report(json.dumps({"dependencies": rows}), "") == ("audit: 1 of 2 packages asked about, 0 findings", 0)


def test_without_an_answer_it_says_so(report: Report) -> None:
    text, status = report("", "Traceback\nConnectionError: no route")
    assert (text, status) == ("audit: the advisory databases could not be asked: ConnectionError: no route", 0)
