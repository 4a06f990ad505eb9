"""The JSON Schema of the map format: current, valid, and agreeing with the loader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from registermaps import maps_folder
from registermaps.mapschema import json_schema, key_docs, schema_path, schema_text
from registermaps.reader import read_yaml

SHIPPED = sorted(maps_folder().rglob("*.yaml"))
#: what only the loader can see: relations between keys, references, places
BEYOND_A_SCHEMA = {
    *("alarm_names", "compression", "duplicate_key", "overlap"),
    *("empty", "meaningless", "syntax", "tab", "two_documents"),
}


def _as_json(path: Path) -> Any:
    root = read_yaml(path).root
    assert root is not None
    return json.loads(json.dumps(root.plain()))


def _errors(path: Path) -> list[Any]:
    return list(jsonschema.Draft202012Validator(json_schema()).iter_errors(_as_json(path)))


def test_the_shipped_file_is_current() -> None:
    found = schema_path().read_text(encoding="utf-8")
    assert found == schema_text(), "run: python -m registermaps.mapschema"


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_maps_pass_and_name_it(path: Path) -> None:
    assert _errors(path) == []
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=")
    assert (path.parent / first.partition("=")[2]).resolve() == schema_path()


BAD = sorted((Path(__file__).parent / "bad").glob("*.yaml"))


@pytest.mark.parametrize("path", [path for path in BAD if path.stem not in BEYOND_A_SCHEMA], ids=lambda path: path.stem)
def test_an_editor_sees_faulty_maps_too(path: Path) -> None:
    assert _errors(path)


def test_every_key_has_words_for_the_reference() -> None:
    docs = {doc.path: doc for doc in key_docs()}
    assert docs["points.<point>.scale"].default == "1"
    assert docs["points.<point>.at"].required
    assert docs["alarms.layouts.<alarm layout>.<word>.<bit>.name"].required
    for doc in docs.values():
        assert doc.help.endswith("."), doc
        assert doc.expected
