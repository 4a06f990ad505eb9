"""Samples as columns, and the curve of one tag: the forms in which they go through this room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from tagdb.quality import Quality
from tagdb.tag import Kind, Value

__all__ = ["DAY_MS", "HOLD_MS", "HOUR_MS", "MINUTE_MS", "Columns", "Curve", "curve_of", "milliseconds"]

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
#: a sample says nothing about what is later than this; the longest gap between two is far below
HOLD_MS = DAY_MS

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Columns:
    """Samples of many tags, one row each, in any order."""

    #: key of the tag; what it counts in is said by who holds the columns
    tag: npt.NDArray[np.int32]
    #: milliseconds since 1970, UTC
    time: Ints
    #: the cell as in the tag store; for text tags an index into ``texts``
    value: Floats
    quality: npt.NDArray[np.uint16]
    texts: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.tag)

    @classmethod
    def empty(cls) -> Columns:
        """No rows."""
        return cls(np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint16))

    @classmethod
    def joined(cls, parts: Sequence[Columns], is_text: Sequence[npt.NDArray[np.bool_]] | None = None) -> Columns:
        """One after the other. ``is_text``: for each part, which rows are of text tags, where any part has texts."""
        parts = list(parts)
        if not parts:
            return cls.empty()
        if len(parts) == 1:
            return parts[0]
        texts: list[str] = []
        values = []
        for index, part in enumerate(parts):
            value = part.value
            if part.texts and texts and is_text is not None:
                value = np.where(is_text[index], value + len(texts), value)
            values.append(value)
            texts += part.texts
        return cls(
            np.concatenate([part.tag for part in parts]),
            np.concatenate([part.time for part in parts]),
            np.concatenate(values),
            np.concatenate([part.quality for part in parts]),
            tuple(texts),
        )

    def of(self, rows: Any) -> Columns:
        """The rows of an index, a mask or a slice."""
        return Columns(self.tag[rows], self.time[rows], self.value[rows], self.quality[rows], self.texts)


@dataclass(frozen=True, slots=True)
class Curve:
    """One tag over time: sorted, at most one sample at a moment."""

    time: Ints
    value: Floats
    quality: npt.NDArray[np.uint16]
    #: for text tags: what ``value`` points into
    texts: tuple[str, ...] = ()
    #: True: straight lines between samples; False: each holds until the next
    line: bool = False
    kind: Kind = Kind.FLOAT
    #: until when the last sample is known to hold, milliseconds
    until: int = field(default=1 << 62)

    def __len__(self) -> int:
        return len(self.time)

    def numbers(self) -> Floats:
        """Values as floats, NaN where there is none; 64-bit integers rounded to what a float holds."""
        if self.kind is Kind.U64:
            return self.value.view(np.uint64).astype(np.float64)
        return self.value

    def valid(self) -> npt.NDArray[np.bool_]:
        """Which samples have a value that counts: not bad, read at least once, a number."""
        fine = (self.quality < Quality.BAD) & (self.quality != Quality.INITIAL)
        return np.asarray(fine if self.kind is Kind.TEXT else fine & np.isfinite(self.numbers()), np.bool_)

    def plain(self, index: int) -> Value:
        """One value as JSON has it; None where there is none."""
        cell = float(self.value[index])
        if self.kind is Kind.U64:
            return int(self.value[index : index + 1].view(np.uint64)[0])
        if np.isnan(cell) or np.isinf(cell):
            return None
        if self.kind is Kind.TEXT:
            return self.texts[int(cell)]
        if self.kind is Kind.FLOAT:
            return cell
        return bool(cell) if self.kind is Kind.BOOL else int(cell)

    def between(self, start: int, end: int) -> Curve:
        """The part in [start, end), with the sample before it; of a line, with the one after it too."""
        first, last = np.searchsorted(self.time, [start, end], "left")
        rows = slice(max(0, int(first) - 1), int(last) + int(self.line))
        return Curve(
            self.time[rows], self.value[rows], self.quality[rows], self.texts, self.line, self.kind, self.until
        )


def curve_of(columns: Columns, kind: Kind, line: bool = False, until: int = 1 << 62) -> Curve:
    """Sort one tag's rows by time; of several at the same moment the last one given stays."""
    order = np.argsort(columns.time, kind="stable")
    time = columns.time[order]
    last = np.ones(len(time), bool)
    last[:-1] = time[1:] != time[:-1]
    order = order[last]
    return Curve(time[last], columns.value[order], columns.quality[order], columns.texts, line, kind, until)


def milliseconds(seconds: float) -> int:
    """Unix seconds as the history keeps them."""
    return round(seconds * 1000)
