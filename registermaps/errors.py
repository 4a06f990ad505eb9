"""Faults in what engineers write (maps, ini): where, what was found, what was expected; all of them at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["ConfigError", "Fault", "did_you_mean", "not_utf8"]


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One mistake in one file."""

    #: path as the user gave it
    file: str
    #: 1-based; 0 when the fault is in no line (a missing file)
    line: int
    #: 1-based; 0 when unknown
    column: int
    #: names from the outside in: "point 'oil_pressure'", "section [device mkz.gpu1]"; may be empty
    path: str
    #: a sentence: what was found, what was expected, and a suggestion where there is one
    message: str

    def __str__(self) -> str:
        place = self.file
        if self.line:
            place += f":{self.line}"
            if self.column:
                place += f":{self.column}"
        return f"{place}: {self.path}: {self.message}" if self.path else f"{place}: {self.message}"


class ConfigError(Exception):
    """What an engineer wrote cannot be used; nothing of it was applied.

    ``faults`` holds every mistake found in one pass, in the order of files and lines.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(sorted(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))


def not_utf8(file: str, error: UnicodeDecodeError) -> Fault:
    """The fault of a file in another encoding: where its first foreign byte stands, and what to do."""
    before = bytes(error.object[: error.start])
    line = before.count(b"\n") + 1
    column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
    found = error.object[error.start]
    return Fault(file, line, column, "", f"is not UTF-8 text: found byte 0x{found:02X}; save the file as UTF-8")


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """A suggestion to put behind a message: " (did you mean 'scale'?)", or nothing."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f" (did you mean '{close[0]}'?)" if close else ""
