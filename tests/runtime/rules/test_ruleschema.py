"""The JSON Schema of rule files: current, and of one mind with the reader about what it can see."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from runtime.rules.reader import read_rule_file
from runtime.rules.ruleschema import json_schema, schema_path, schema_text

ROOT = Path(__file__).parents[3]
SHIPPED = sorted((ROOT / "rules").glob("*.yaml"))


def plain(path: Path) -> Any:
    # through JSON, so that keys are texts as the schema has them
    return json.loads(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8"))))


def test_the_shipped_schema_is_current_and_sound() -> None:
    assert schema_path().read_text(encoding="utf-8") == schema_text(), "run: python -m runtime.rules.ruleschema"
    Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_rules_fit_and_name_it(path: Path) -> None:
    assert [error.message for error in Draft202012Validator(json_schema()).iter_errors(plain(path))] == []
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../runtime/rules/rules.schema.json"


@pytest.mark.parametrize(
    "body",
    [
        "rules: r\nalarms:\n  a: {when: x > 1}\n",
        "rules: r\nalarms:\n  a: {when: x > 1, messag: {en: A, ru: А}}\n",
        "rules: r\nalarms:\n  a: {when: x > 1, priority: urgent, message: {en: A, ru: А}}\n",
        "rules: r\nsuppress:\n  s: {while: x, reason: {en: A, ru: А}}\n",
        "rules: r\ntags:\n  Big: {en: A, ru: А, value: 1}\n",
        "alarms: {}\n",
    ],
)
def test_both_refuse(tmp_path: Path, body: str) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(body, encoding="utf-8")
    assert read_rule_file(path)[1]
    assert list(Draft202012Validator(json_schema()).iter_errors(plain(path)))
