"""The only reader of YAML: text to a tree that keeps line and column of every node, with duplicate keys refused.

First stage of everything engineers write (maps, rules, maintenance programmes); the shapes of ``registermaps.shape``
check the tree. Not YAML 1.1 to the letter: ``Off``, ``no`` and ``1:30`` stay
text, as in YAML 1.2, and ``010`` and ``<<`` are faults.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from registermaps.errors import Fault, not_utf8

__all__ = ["Document", "Entry", "Node", "Scalar", "read_yaml"]

Scalar = str | int | float | bool | None

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = "tag:yaml.org,2002:int"
_BOOL = "tag:yaml.org,2002:bool"
_MERGE = "tag:yaml.org,2002:merge"
_PLAIN_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null")}
_TEXT_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("timestamp", "value")}
_OCTAL = re.compile(r"[-+]?0[0-7_]+")


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a YAML file, and where it stands."""

    #: a scalar, a tuple of nodes, or a mapping of plain key to entry
    value: Scalar | tuple[Node, ...] | Mapping[Scalar, Entry]
    #: 1-based
    line: int
    #: 1-based
    column: int
    #: the text as written, for scalars
    text: str = ""

    def plain(self) -> Any:
        """As ordinary Python data without places."""
        if isinstance(self.value, tuple):
            return [item.plain() for item in self.value]
        if isinstance(self.value, Mapping):
            return {key: entry.value.plain() for key, entry in self.value.items()}
        return self.value


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping with its value."""

    key: Node
    value: Node


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds, and what is wrong with it as YAML."""

    #: as the user gave it
    file: str
    #: None where nothing could be read
    root: Node | None
    faults: tuple[Fault, ...]


def read_yaml(path: str | Path, text: str | None = None) -> Document:
    """Read one file.

    Args:
        path: named in faults, and read unless ``text`` is given.
        text: the contents, where they are at hand.

    Never raises for what is in the file, or for a missing file: that is what ``Document.faults`` is for.
    """
    file = str(path)
    if text is None:
        try:
            text = Path(path).read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            return _failed(file, "no such file")
        except OSError as error:
            return _failed(file, f"cannot be read: {error.strerror}")
        except UnicodeDecodeError as error:
            return Document(file, None, (not_utf8(file, error),))
    strange = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if strange is not None:
        line = text.count("\n", 0, strange.start()) + 1
        column = strange.start() - text.rfind("\n", 0, strange.start())
        return _failed(file, f"character {strange[0]!r} is not allowed", line, column)
    try:
        loader = _Loader(text)
        try:
            root = loader.get_single_node()
            if root is None:
                return _failed(file, "the file is empty")
            tree = _Tree(file, loader)
            return Document(file, tree.node(root, ()), tuple(tree.faults))
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        return _syntax(file, text, error)


def _failed(file: str, message: str, line: int = 0, column: int = 0) -> Document:
    return Document(file, None, (Fault(file, line, column, "", message),))


def _syntax(file: str, text: str, error: yaml.MarkedYAMLError) -> Document:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (-1, -1)
    lines = text.split("\n")
    found = lines[line][column : column + 1] if 0 <= line < len(lines) else ""
    if found == "\t":
        message = "a tab cannot indent YAML (use spaces)"
    elif error.problem and "single document" in (error.context or "") + error.problem:
        message = "one file holds one document; found a second '---'"
    else:
        message = f"not valid YAML: {error.problem}"
        if error.context:
            message += f" ({error.context}"
            if error.context_mark and error.context_mark.line != line:
                message += f" at line {error.context_mark.line + 1}"
            message += ")"
    return _failed(file, message, line + 1, column + 1)


class _Tree:
    """Turns the parser's nodes into ours, collecting faults."""

    def __init__(self, file: str, loader: Any) -> None:
        self.faults: list[Fault] = []
        self._file = file
        self._loader = loader
        self._open: set[int] = set()

    def _fault(self, node: Any, path: tuple[str, ...], message: str) -> None:
        mark = node.start_mark
        self.faults.append(Fault(self._file, mark.line + 1, mark.column + 1, ".".join(path), message))

    def node(self, node: Any, path: tuple[str, ...]) -> Node:
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        if isinstance(node, yaml.ScalarNode):
            return Node(self._scalar(node, path), line, column, node.value)
        if id(node) in self._open:
            self._fault(node, path, "an alias cannot stand inside what it names")
            return Node(None, line, column)
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return Node(tuple(self.node(item, path) for item in node.value), line, column)
            return Node(self._mapping(node, path), line, column)
        finally:
            self._open.discard(id(node))

    def _mapping(self, node: Any, path: tuple[str, ...]) -> dict[Scalar, Entry]:
        entries: dict[Scalar, Entry] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._fault(key_node, path, "a key must be a name or a number")
                continue
            if key_node.tag == _MERGE:
                self._fault(key_node, path, "merge keys ('<<') are not supported; write the keys out")
                continue
            key = Node(
                self._scalar(key_node, path),
                key_node.start_mark.line + 1,
                key_node.start_mark.column + 1,
                key_node.value,
            )
            first = entries.get(key.value)  # type: ignore[arg-type]
            if first is not None:
                place = f"{first.key.line}:{first.key.column}"
                self._fault(key_node, path, f"duplicate key '{key.text}' (first at {place})")
                continue
            entries[key.value] = Entry(key, self.node(value_node, (*path, key.text)))  # type: ignore[index]
        return entries

    def _scalar(self, node: Any, path: tuple[str, ...]) -> Scalar:
        text: str = node.value
        if node.tag not in _PLAIN_TAGS:
            if node.tag in _TEXT_TAGS:
                return text
            self._fault(node, path, f"tag {node.tag} is not supported")
            return text
        if node.tag == _INT and _OCTAL.fullmatch(text):
            self._fault(node, path, f"found {text}, which YAML reads as octal (drop the leading zero)")
            return 0
        if node.tag == _INT and ":" in text:
            return text
        if node.tag == _BOOL and text.lower() not in ("true", "false"):
            return text
        value: Scalar = self._loader.construct_object(node)
        return value
