"""The YAML reader: places, duplicates, and the values YAML 1.1 would change in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from registermaps.reader import Node, read_yaml


def _root(text: str) -> Node:
    document = read_yaml("f.yaml", text)
    assert document.faults == ()
    assert document.root is not None
    return document.root


def test_every_node_knows_its_place() -> None:
    root = _root("a: 1\nb:\n  - x\n  - {c: 0x1F}\n")
    assert isinstance(root.value, dict)
    b = root.value["b"]
    assert (b.key.line, b.key.column) == (2, 1)
    inner = b.value.value[1]
    assert (inner.line, inner.column) == (4, 5)
    assert (inner.value["c"].value.line, inner.value["c"].value.column) == (4, 9)
    assert root.plain() == {"a": 1, "b": ["x", {"c": 31}]}


def test_columns_count_characters_not_bytes() -> None:
    root = _root("{ключ: значение, b: 2}")
    assert isinstance(root.value, dict)
    assert root.value["b"].key.column == 18


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[("no", "no"), ("Off", "Off"), ("y", "y"), ("true", True), ("1:30", "1:30"), ("2024-01-31", "2024-01-31")],
        *[("0x7FFE", 32766), ("-5", -5), ("0.5", 0.5), ("~", None), ("'12'", "12"), ("0", 0)],
    ],
)
def test_scalars_mean_what_they_look_like(text: str, value: object) -> None:
    assert _root(f"a: {text}").plain() == {"a": value}


def test_duplicate_keys_name_both_places_and_the_rest_is_still_read() -> None:
    document = read_yaml("f.yaml", "a: 1\nb: {c: 1, c: 2}\na: 3\n")
    assert [str(fault) for fault in document.faults] == [
        "f.yaml:2:11: b: duplicate key 'c' (first at 2:5)",
        "f.yaml:3:1: duplicate key 'a' (first at 1:1)",
    ]
    assert document.root is not None
    assert document.root.plain() == {"a": 1, "b": {"c": 1}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a:\n\tb: 1", "f.yaml:2:1: a tab cannot indent YAML (use spaces)"),
        ("", "f.yaml: the file is empty"),
        ("a: &x [*x]", "f.yaml:1:4: a: an alias cannot stand inside what it names"),
        ("? [1]\n: 2", "f.yaml:1:3: a key must be a name or a number"),
        ("a: !!python/name:os.system", "f.yaml:1:4: a: tag tag:yaml.org,2002:python/name:os.system is not supported"),
        ("a: !secret x", "f.yaml:1:4: a: tag !secret is not supported"),
        ("a: 017", "f.yaml:1:4: a: found 017, which YAML reads as octal (drop the leading zero)"),
        ("a: 'b\x07'", "f.yaml:1:6: character '\\x07' is not allowed"),
        ("a: b: c", "f.yaml:1:5: not valid YAML: mapping values are not allowed in this context"),
    ],
)
def test_what_cannot_be_read(text: str, message: str) -> None:
    assert [str(fault) for fault in read_yaml("f.yaml", text).faults] == [message]


def test_aliases_are_read_twice() -> None:
    assert _root("a: &x {b: 1}\nc: *x").plain() == {"a": {"b": 1}, "c": {"b": 1}}


def test_files_that_are_not_there_or_not_text(tmp_path: Path) -> None:
    missing = tmp_path / "none.yaml"
    assert str(read_yaml(missing).faults[0]) == f"{missing}: no such file"
    binary = tmp_path / "binary.yaml"
    binary.write_bytes("ы: 1\na: ".encode() + b"\xff")
    place = f"{binary}:2:4"
    assert str(read_yaml(binary).faults[0]) == f"{place}: is not UTF-8 text: found byte 0xFF; save the file as UTF-8"
    assert "cannot be read" in str(read_yaml(tmp_path).faults[0])
