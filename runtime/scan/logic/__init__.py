"""The logic that rules are made of: expressions over tags, IEC 61131-3 blocks, conditions with delays."""

from runtime.scan.logic.expression import Expression, Parsed, parse
from runtime.scan.logic.frame import Frame, Frames
from runtime.scan.logic.names import Input, Names
from runtime.scan.logic.syntax import ExpressionError, Problem

__all__ = ["Expression", "ExpressionError", "Frame", "Frames", "Input", "Names", "Parsed", "Problem", "parse"]
