"""What the links say of a failure, in Russian: the table knows every sentence of the wire."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import runtime.wire.errors as wire_errors
from runtime.wire.errors import Place, WireError
from ui.comm_words import comm_words, is_comm_text
from ui.language import Language

WIRE = Path(__file__).parents[2] / "runtime" / "wire"
PLACE = Place("mkz_line", 1, 3, 105, 30)
#: words of both languages, and parts of names
SAME = {"mkz_line", "modbus", "tcp", "dialout", "dev", "ttyusb"}


def left(text: str) -> set[str]:
    """English words that are still in a Russian sentence."""
    return {word for word in re.findall(r"[A-Za-z_]{3,}", text) if word.lower() not in SAME}


def kinds(of: type[WireError] = WireError) -> Iterator[type[WireError]]:
    for kind in of.__subclasses__():
        yield kind
        yield from kinds(kind)


def test_every_kind_of_failure_has_its_sentence() -> None:
    assert len(list(kinds())) > 12, wire_errors.__name__
    for kind in kinds():
        said = str(kind(PLACE))
        assert left(comm_words(said, Language.RU)) == set(), said
        assert comm_words(said, Language.EN) == said


def sentences() -> list[str]:
    """Every sentence that the wire's files put together for a failure, with 7 or a port where a value goes."""
    found = set()
    for file in WIRE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", ""))
            if isinstance(node, ast.Call) and named in TOLD:
                found |= {_text(arg) for arg in node.args if isinstance(arg, ast.Constant | ast.JoinedStr)}
            if isinstance(node, ast.FunctionDef) and node.name.endswith("sentence"):
                returns = [one.value for one in ast.walk(node) if isinstance(one, ast.Return)]
                found |= {_text(one) for one in returns if isinstance(one, ast.JoinedStr)}
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "attr", "") in ("_strange", "strange"):
                found |= {_text(node.value)} if isinstance(node.value, ast.Constant | ast.JoinedStr) else set()
    return sorted(filter(None, found))


TOLD = {"LinkLost", "NoResponse", "BadFrame", "WrongReply", "_late", "_foreign", "_lost", "_fail_pending"}


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    parts = node.values if isinstance(node, ast.JoinedStr) else []
    return "".join(str(part.value) if isinstance(part, ast.Constant) else _value(part) for part in parts)


def _value(part: ast.expr) -> str:
    code = ast.unparse(part)
    return "/dev/ttyUSB0" if "device" in code else "" if "silence" in code or "strange" in code else "7"


def test_the_sentences_are_found() -> None:
    assert {"7 refused the connection", "connection lost", "a late answer came"} <= set(sentences())
    assert len(sentences()) > 20


@pytest.mark.parametrize("said", sentences())
def test_every_sentence_of_the_wire_is_told_in_russian(said: str) -> None:
    told = comm_words(said, Language.RU)
    assert left(told) == set(), told


def test_with_its_place_and_cause() -> None:
    said = "mkz_line: unit 1 function 03 address 105 count 30: no answer within 1 s, but a late answer came"
    assert comm_words(said, Language.RU) == (
        "mkz_line: адрес устройства 1, функция 03, регистр 105, количество 30: нет ответа за 1 с, "
        "но пришёл запоздалый ответ"
    )
    reset = "connection lost ([Errno 104] Connection reset by peer)"
    assert comm_words(reset, Language.RU) == "соединение потеряно (соединение сброшено другой стороной)"
    assert comm_words("something new", Language.RU) == "something new"


def test_only_texts_of_links_and_devices_are_meant() -> None:
    assert [name for name in ("mkz.gpu1.comm_error", "links.a.error", "scada.config.error") if is_comm_text(name)] == [
        "mkz.gpu1.comm_error", "links.a.error",
    ]  # fmt: skip
