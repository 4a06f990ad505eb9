"""Expressions over tags: read once from text, bound to slots once, evaluated in every scan.

``parse`` checks the text alone, ``Parsed.bind`` looks the names up, for every device that a rule is attached to; what
comes out costs about a microsecond a scan. See ``syntax`` for what is allowed and ``nodes`` for how quality goes.
"""

from __future__ import annotations

import ast
import difflib
import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from runtime.scan.logic import nodes
from runtime.scan.logic.functions import FUNCTIONS
from runtime.scan.logic.names import Input, Names, fill_stars
from runtime.scan.logic.nodes import Node
from runtime.scan.logic.syntax import ExpressionError, Problem, column_of, dotted, read_tree

__all__ = ["Expression", "Parsed", "parse"]


def _power(base: float, exponent: float) -> float:
    # math.pow(nan, 0) and math.pow(1, nan) are 1, which would hide that there is no value.
    return math.pow(base, exponent) if base == base and exponent == exponent else math.nan


_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[..., bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that knows its slots."""

    text: str
    #: of the tags it reads, each once
    inputs: tuple[Input, ...]
    #: True: the value is a text
    is_text: bool
    #: frame -> value (a float, a bool or a text; NaN = none) and quality, the number of ``tagdb.Quality``; never raises
    evaluate: Node
    #: it may change although no value or quality of its inputs does: it looks at their times, or at texts
    timed: bool = False


@dataclass(frozen=True, slots=True)
class Parsed:
    """An expression whose names are not looked up yet."""

    text: str
    #: the names as written, with stars, each once; a name ahead of its places
    names: tuple[str, ...]
    #: names with stars that do not stand in a function over all matches: they make a rule one of many
    patterns: tuple[str, ...]
    _tree: ast.expr
    _source: str

    def bind(self, names: Names, stars: Sequence[str] = ()) -> Expression:
        """Look the names up.

        Args:
            names: what is known.
            stars: what the stars of ``patterns`` stand for in this instance.

        Raises:
            ExpressionError: unknown names, texts where numbers belong, unknown texts of an enumeration: all at once.
        """
        binder = _Binder(names, self._source)
        run, is_text = binder.node(self._tree, tuple(stars))
        if binder.problems:
            raise ExpressionError(binder.problems)
        inputs = tuple(binder.inputs.values())
        timed = binder.timed or any(one.text_row >= 0 for one in inputs)
        return Expression(self.text, inputs, is_text, run, timed)


def parse(text: str) -> Parsed:
    """Check the text of an expression. Raises ExpressionError with every mistake and its column."""
    tree, source = read_tree(text)
    names: dict[str, None] = {}
    patterns: dict[str, None] = {}
    _collect(tree, False, names, patterns)
    return Parsed(text, tuple(names), tuple(patterns), tree, source)


def _collect(node: ast.expr, gathered: bool, names: dict[str, None], patterns: dict[str, None]) -> None:
    if isinstance(node, ast.Name | ast.Attribute):
        name = dotted(node) or ""
        names[name] = None
        if "*" in name and not gathered:
            patterns[name] = None
        return
    if isinstance(node, ast.Call):
        gathered = gathered or FUNCTIONS[dotted(node.func) or ""].gathers
        children = node.args
    else:
        children = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    for child in children:
        _collect(child, gathered, names, patterns)


class _Binder:
    """Turns a checked tree into closures, collecting what is wrong with its names."""

    def __init__(self, names: Names, source: str) -> None:
        self.problems: list[Problem] = []
        self.inputs: dict[str, Input] = {}
        #: it asks for the times of an input
        self.timed = False
        self._names = names
        self._source = source

    def node(self, node: ast.expr, stars: tuple[str, ...]) -> tuple[Node, bool]:
        """The closure, and whether it gives a text."""
        if isinstance(node, ast.Name | ast.Attribute):
            return self._name(node, stars)
        if isinstance(node, ast.Constant):
            value = node.value if isinstance(node.value, bool | str) else float(node.value)  # type: ignore[arg-type]
            return nodes.constant(value), isinstance(value, str)
        if isinstance(node, ast.Compare):
            return self._compare(node, stars), False
        if isinstance(node, ast.IfExp):
            condition = self.number(node.test, stars)
            (then, a), (otherwise, b) = self.node(node.body, stars), self.node(node.orelse, stars)
            if a is not b:
                self._fault(node, "both branches must be numbers, or both texts")
            return nodes.choose(condition, then, otherwise), a
        return self._numeric(node, stars), False

    def number(self, node: ast.expr, stars: tuple[str, ...]) -> Node:
        """The closure of something that must be a number."""
        run, is_text = self.node(node, stars)
        if is_text:
            self._fault(node, "found a text, expected a number")
        return run

    def _numeric(self, node: ast.expr, stars: tuple[str, ...]) -> Node:
        if isinstance(node, ast.BinOp):
            left, right = self.number(node.left, stars), self.number(node.right, stars)
            return nodes.operate(_OPERATORS[type(node.op)], left, right)
        if isinstance(node, ast.BoolOp):
            parts = [self.number(value, stars) for value in node.values]
            return nodes.both(parts) if isinstance(node.op, ast.And) else nodes.either(parts)
        if isinstance(node, ast.UnaryOp):
            part = self.number(node.operand, stars)
            if isinstance(node.op, ast.Not):
                return nodes.negate(part)
            return nodes.call(operator.neg if isinstance(node.op, ast.USub) else operator.pos, [part])
        if isinstance(node, ast.Call):
            return self._call(node, stars)
        raise AssertionError(f"{type(node).__name__} passed the check of the syntax")

    def _name(self, node: ast.expr, stars: tuple[str, ...]) -> tuple[Node, bool]:
        one = self._input(node, stars)
        if one is None:
            return nodes.constant(math.nan), False
        if one.text_row >= 0:
            return nodes.text(one.slot, one.text_row), True
        return (nodes.wide if one.wide else nodes.number)(one.slot), False

    def _input(self, node: ast.expr, stars: tuple[str, ...]) -> Input | None:
        written = dotted(node) or ""
        try:
            name = fill_stars(written, stars)
        except ValueError:
            self._fault(node, f"'{written}' has more stars than the others here")
            return None
        found = self._names.find(name)
        if found is None:
            self._fault(node, self._names.refusal(name))
        else:
            self.inputs[found.name] = found
        return found

    def _call(self, node: ast.Call, stars: tuple[str, ...]) -> Node:
        name = dotted(node.func) or ""
        function = FUNCTIONS[name]
        if name in ("age", "changed"):
            self.timed = True
            if dotted(node.args[0]) is None:
                self._fault(node.args[0], f"{name}: expected the name of a tag")
                return nodes.constant(math.nan)
            one = self._input(node.args[0], stars)
            return (nodes.age if name == "age" else nodes.changed)(one.slot if one else 0)
        if name in ("is_good", "is_bad"):
            part, _is_text = self.node(node.args[0], stars)
            return nodes.is_good(part) if name == "is_good" else nodes.is_bad(part)
        if function.gathers:
            return nodes.call(function.compute or max, [n for arg in node.args for n in self._gather(arg, stars)])
        parts = [self.number(arg, stars) for arg in node.args]
        if function.compute is None:
            return nodes.default(*parts)
        return nodes.call(function.compute, parts)

    def _gather(self, node: ast.expr, stars: tuple[str, ...]) -> list[Node]:
        """An argument of a function over all matches: once for every match of its first pattern."""
        names: dict[str, None] = {}
        _collect(node, False, names, {})
        patterns = [name for name in names if "*" in name]
        if not patterns:
            return [self.number(node, stars)]
        most = max(patterns, key=lambda name: name.count("*"))
        matches = self._names.matches(most)
        if not matches:
            self._fault(node, self._names.refusal(most))
        return [self.number(node, match) for match in matches]

    def _compare(self, node: ast.Compare, stars: tuple[str, ...]) -> Node:
        sides = [node.left, *node.comparators]
        parts = [self.node(side, stars) for side in sides]
        runs = [run for run, _is_text in parts]
        texts = [is_text for _run, is_text in parts]
        for index, op in enumerate(node.ops):
            pair = sides[index], sides[index + 1]
            if texts[index] is texts[index + 1]:
                if texts[index] and not isinstance(op, ast.Eq | ast.NotEq):
                    self._fault(node, "texts can only be compared by == and !=")
                continue
            at = index if texts[index] else index + 1
            value = self._enum_number(sides[at], pair[0] if at > index else pair[1], stars)
            if value is not None:
                runs[at] = nodes.constant(value)
        return nodes.compare([_COMPARISONS[type(op)] for op in node.ops], runs)

    def _enum_number(self, text: ast.expr, other: ast.expr, stars: tuple[str, ...]) -> float | None:
        """The number that ``'Running'`` stands for beside an enumeration."""
        name = dotted(other)
        one = self._names.find(fill_stars(name, stars)) if name and name.count("*") <= len(stars) else None
        if not isinstance(text, ast.Constant) or one is None or not one.texts:
            if name is None or one is not None:
                self._fault(text, "found a text beside a number; only enumerations and text tags have texts")
            return None
        wanted = str(text.value)
        if wanted not in one.texts:
            close = difflib.get_close_matches(wanted, one.texts, n=1)
            known = ", ".join(f"'{word}'" for word in one.texts)
            hint = f" (did you mean '{close[0]}'?)" if close else f"; known are {known}"
            self._fault(text, f"'{name}' has no text '{wanted}'{hint}")
            return None
        return one.texts[wanted]

    def _fault(self, node: ast.expr, message: str) -> None:
        self.problems.append(Problem(column_of(node, self._source), message))
