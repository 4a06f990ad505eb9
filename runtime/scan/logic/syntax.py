"""Text of an expression to a syntax tree of the few kinds of nodes that are allowed, or to all that is wrong with it.

Python's own parser reads the text; nothing of it is ever executed. Names with stars (``mkz.*.coolant_temp``) are not
Python: the star becomes a letter that no tag name can hold, of the same width, so that columns stay true.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from runtime.scan.logic.functions import FUNCTIONS

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "MAX_NODES", "ExpressionError", "Problem", "column_of", "dotted", "read_tree"]

#: characters, syntax nodes and nesting that an expression may have
MAX_LENGTH, MAX_NODES, MAX_DEPTH = 2000, 400, 100

_STAR = "ж"
# A star may end a segment that another follows: "*.x", "mkz.*.x", "mkz.gpu*.x". So "a*b.c" stays a product.
_PATTERN = re.compile(r"(?<![\w.])(?:(?:[a-z]\w*\*?|\*)\.)+[a-z]\w*", re.ASCII)
_STRING = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
_FOREIGN = re.compile(r"[^\x20-\x7e]")
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
_COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_UNARY = (ast.UAdd, ast.USub, ast.Not)
_WHAT: dict[type[ast.AST], str] = {
    ast.Subscript: "an index [...]",
    ast.Lambda: "a lambda",
    ast.ListComp: "a comprehension",
    ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension",
    ast.GeneratorExp: "a comprehension",
    ast.List: "a list",
    ast.Tuple: "a list",
    ast.Set: "a set",
    ast.Dict: "a dictionary",
    ast.JoinedStr: "an f-string",
    ast.NamedExpr: "an assignment",
    ast.Starred: "an unpacking",
    ast.Await: "await",
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
}


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in an expression."""

    #: 1-based, in characters
    column: int
    message: str


class ExpressionError(ValueError):
    """The text is no expression that can be used; ``problems`` holds every mistake found, in order."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("; ".join(f"column {one.column}: {one.message}" for one in self.problems))


def read_tree(text: str) -> tuple[ast.expr, str]:
    """The tree, and the text that its columns count in. Raises ExpressionError."""
    source = re.sub(r"[\n\t]", " ", text)
    if not source.strip():
        raise ExpressionError([Problem(1, "the expression is empty")])
    if len(source) > MAX_LENGTH:
        raise ExpressionError([Problem(1, f"longer than {MAX_LENGTH} characters")])
    outside = _STRING.sub(lambda match: "_" * len(match[0]), source)
    foreign = _FOREIGN.search(outside)
    if foreign:
        raise ExpressionError([Problem(foreign.start() + 1, f"character {foreign[0]!r} outside a text in quotes")])
    letters = list(source)
    for match in _PATTERN.finditer(outside):
        for index in range(*match.span()):
            if letters[index] == "*":
                letters[index] = _STAR
    source = "".join(letters)
    body = source.lstrip()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd literals: what is wrong with them is told as a problem
            tree = ast.parse(body, mode="eval").body
    except SyntaxError as error:
        early = not error.offset or (error.lineno or 1) > 1 or error.offset > len(body)
        column = (len(body) if early else error.offset - 1) + len(source) - len(body) + 1  # type: ignore[operator]
        raise ExpressionError([Problem(column, f"not an expression: {_reason(error, early)}")]) from None
    except (ValueError, RecursionError, MemoryError):
        raise ExpressionError([Problem(1, "not an expression: too deeply nested")]) from None
    padded = " " * (len(source) - len(body)) + body
    _shift(tree, len(source) - len(body))
    problems = list(_check(tree, padded))
    if problems:
        raise ExpressionError(problems)
    return tree, padded


def _reason(error: SyntaxError, early: bool) -> str:
    return "it ends too early" if early and error.msg == "invalid syntax" else error.msg


def column_of(node: ast.expr, source: str) -> int:
    """1-based column in characters (Python counts bytes)."""
    return len(source.encode()[: node.col_offset].decode("utf-8", "ignore")) + 1


def dotted(node: ast.expr) -> str | None:
    """The tag name that a node stands for, stars restored; None where it is something else."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join([node.id, *reversed(parts)]).replace(_STAR, "*")


def _shift(tree: ast.expr, by: int) -> None:
    if by:
        for node in ast.walk(tree):
            if isinstance(node, ast.expr):
                node.col_offset += by


def _check(tree: ast.expr, source: str) -> Iterator[Problem]:
    count = 0
    todo: list[tuple[ast.expr, int]] = [(tree, 1)]
    while todo:
        node, depth = todo.pop()
        count += 1
        if depth > MAX_DEPTH or count > MAX_NODES:
            limit = f"deeper than {MAX_DEPTH} levels" if depth > MAX_DEPTH else f"more than {MAX_NODES} parts"
            yield Problem(column_of(node, source), f"the expression is too large: {limit}")
            return
        message = _refusal(node)
        if message:
            yield Problem(column_of(node, source), message)
            continue
        todo.extend((child, depth + 1) for child in _children(node))


def _children(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.Attribute):
        return []
    if isinstance(node, ast.Call):
        return node.args
    return [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]


def _refusal(node: ast.expr) -> str:
    if isinstance(node, ast.Name | ast.Attribute):
        return "" if dotted(node) else "a dot can only stand in a tag name"
    if isinstance(node, ast.BoolOp | ast.IfExp):
        return ""
    if isinstance(node, ast.BinOp):
        return "" if isinstance(node.op, _OPERATORS) else f"operator {_symbol(node.op)} is not known here"
    if isinstance(node, ast.UnaryOp):
        return "" if isinstance(node.op, _UNARY) else "operator ~ is not known here"
    if isinstance(node, ast.Compare):
        strange = [op for op in node.ops if not isinstance(op, _COMPARISONS)]
        return f"comparison '{_symbol(strange[0])}' is not known here; write == and or" if strange else ""
    if isinstance(node, ast.Constant):
        return _constant(node.value)
    if isinstance(node, ast.Call):
        return _call(node)
    return f"{_WHAT.get(type(node), 'this')} is not allowed in an expression"


def _constant(value: object) -> str:
    if isinstance(value, bool | str):
        return ""
    if isinstance(value, int | float):
        return "" if abs(value) <= 1e300 else "the number is too large"
    return f"expected a number or a text, found {value!r}"


def _call(node: ast.Call) -> str:
    name = dotted(node.func)
    if name is None:
        return "only the named functions can be called"
    function = FUNCTIONS.get(name)
    if function is None:
        return f"unknown function '{name}'; known are {', '.join(sorted(FUNCTIONS))}"
    if node.keywords:
        return f"{name}: arguments have no names"
    few, many = function.least, function.most
    if not few <= len(node.args) <= (many or len(node.args)):
        wanted = f"{few}" if few == many else f"{few} or more" if many is None else f"{few} to {many}"
        return f"{name}: found {len(node.args)} arguments, expected {wanted}: {function.usage}"
    return ""


def _symbol(op: ast.AST) -> str:
    names = {
        ast.In: "in", ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not", ast.BitAnd: "&", ast.BitOr: "|",
        ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>", ast.MatMult: "@",
    }  # fmt: skip
    return names.get(type(op), type(op).__name__)
