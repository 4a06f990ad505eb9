"""Messages with live values: text around fields, each an expression with a format."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from runtime.scan.logic import ExpressionError, Parsed, Problem, parse
from tagdb import Value

__all__ = ["Field", "Template", "read_template"]

_PART = re.compile(r"\{\{|\}\}|\{([^{}:]*)(?::([^{}]*))?\}|[{}]")
_FORMAT = re.compile(r"[<>^]?[+]?\d{0,3}(?:\.\d)?[fgd%]?")


@dataclass(frozen=True, slots=True)
class Field:
    """One live value of a message."""

    #: as written; the key of its value
    name: str
    format: str
    value: Parsed


@dataclass(frozen=True, slots=True)
class Template:
    """A message, read."""

    #: texts and fields in turn
    parts: tuple[str | Field, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """The live values."""
        return tuple(part for part in self.parts if isinstance(part, Field))

    @property
    def title(self) -> str:
        """Without values."""
        return "".join(part if isinstance(part, str) else "…" for part in self.parts)

    def render(self, values: Mapping[str, Value], word: Callable[[str, float], str | None]) -> str:
        """With values. ``word``: text of a field's number where it is an enumeration's."""
        return "".join(part if isinstance(part, str) else self._show(part, values, word) for part in self.parts)

    @staticmethod
    def _show(part: Field, values: Mapping[str, Value], word: Callable[[str, float], str | None]) -> str:
        value = values.get(part.name)
        if value is None:
            return "?"
        if isinstance(value, str):
            return value
        text = word(part.name, float(value))
        if text is not None:
            return text
        return format(int(value) if part.format.endswith("d") else float(value), part.format or "g")


def read_template(text: str) -> Template:
    """Read a message. Raises ExpressionError with every mistake and its column."""
    parts: list[str | Field] = []
    problems: list[Problem] = []
    end = 0
    for match in _PART.finditer(text):
        parts.append(text[end : match.start()])
        end = match.end()
        if match[0] in ("{{", "}}"):
            parts.append(match[0][0])
        elif match[1] is None:
            problems.append(Problem(match.start() + 1, f"a lone '{match[0]}'; write it twice to show it"))
        else:
            form = match[2] or ""
            if not _FORMAT.fullmatch(form):
                problems.append(Problem(match.start() + 1, f"format '{form}', expected one such as .1f"))
            try:
                parts.append(Field(match[1].strip(), form, parse(match[1])))
            except ExpressionError as error:
                problems += [Problem(match.start() + 1 + one.column, one.message) for one in error.problems]
    if problems:
        raise ExpressionError(problems)
    return Template((*parts, text[end:]))
