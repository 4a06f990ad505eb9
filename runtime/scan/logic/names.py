"""What the names in an expression stand for: one input each, or, where they hold stars, one for every match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

__all__ = ["Input", "Names", "fill_stars"]


@dataclass(frozen=True, slots=True)
class Input:
    """A tag as an expression reads it."""

    #: full tag name
    name: str
    #: index into the store's arrays
    slot: int
    #: row of the text array; -1: the cell is a number
    text_row: int = -1
    #: the cell is the bit pattern of a 64-bit whole number
    wide: bool = False
    #: text -> number of an enumeration, in every language
    texts: Mapping[str, float] = field(default_factory=dict)


class Names(Protocol):
    """The names that an expression may use: full tag names, or names relative to a device or a site."""

    def find(self, name: str) -> Input | None:
        """The input of a name without stars; None for an unknown one."""

    def matches(self, pattern: str) -> Sequence[tuple[str, ...]]:
        """For a name with stars: what the stars stand for, a tuple for every tag that matches, in a fixed order."""

    def refusal(self, name: str) -> str:
        """What to say about a name (or a pattern) that nothing is found for, with a suggestion."""


def fill_stars(pattern: str, stars: Sequence[str]) -> str:
    """``mkz.*.power`` with ("gpu1",) is ``mkz.gpu1.power``. ValueError where there are too few."""
    parts = pattern.split("*")
    if len(parts) - 1 > len(stars):
        raise ValueError(pattern)
    return parts[0] + "".join(star + part for star, part in zip(stars, parts[1:], strict=False))
