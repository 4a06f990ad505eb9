"""Recorded values as files: every sample in a row of its own (CSV, Parquet, and back), or a table with a column a tag.

Everything is read a day and some tags at a time, so that any size goes through little memory.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from tagdb.samples.arrays import DAY_MS, Curve, Floats
from tagdb.samples.rollup import roll
from tagdb.samples.samples import Samples
from tagdb.samples.tagset import TagInfo
from tagdb.spreadsheet import RUNS
from tagdb.tag import Kind, Value

__all__ = [
    "COLUMNS",
    "Row",
    "harmless",
    "iso_times",
    "long_csv",
    "long_rows",
    "pieces",
    "unguarded",
    "wide_csv",
    "wide_rows",
]

#: of the long form; what belongs to the tag is in every row, so that a file says by itself what it holds
COLUMNS = ("time", "tag", "value", "quality", "kind", "unit", "decimals", "shape")

#: tags that are read at a time, and rows of a table that are
_TAGS, _ROWS = 50, 5000

Row = tuple[Value, ...]
#: called with the share that is done, 0-1
Told = Callable[[float], None]


def pieces(
    samples: Samples, names: Sequence[str], start: int, end: int, told: Told = lambda share: None
) -> Iterator[tuple[str, TagInfo, Curve]]:
    """The samples of [start, end), milliseconds, day by day and tag by tag. Raises HistoryGone."""
    infos = samples.tags()
    known = [name for name in names if name in infos]
    start, end = _there(samples, start, end, rollups=False)
    days = range(start // DAY_MS * DAY_MS, end, DAY_MS)
    for number, day in enumerate(days):
        low, high = max(start, day), min(end, day + DAY_MS)
        for at in range(0, len(known), _TAGS):
            for name, curve in samples.curves(known[at : at + _TAGS], low, high).items():
                rows = slice(*np.searchsorted(curve.time, [low, high]))
                if rows.start < rows.stop:
                    part = Curve(curve.time[rows], curve.value[rows], curve.quality[rows], curve.texts, kind=curve.kind)
                    yield name, infos[name], part
            told((number + min(1.0, (at + _TAGS) / len(known))) / len(days))


def long_rows(name: str, info: TagInfo, curve: Curve) -> Iterator[Row]:
    """The rows of one piece, as ``COLUMNS`` says."""
    shape = "line" if info.line else "step"
    for index, time in enumerate(iso_times(curve.time)):
        quality = int(curve.quality[index])
        yield time, name, curve.plain(index), quality, str(info.kind), info.unit, info.decimals, shape


def long_csv(
    samples: Samples, names: Sequence[str], start: int, end: int, delimiter: str = ",", told: Told = lambda share: None
) -> Iterator[str]:
    """The long form as CSV, a piece at a time."""
    yield _csv([COLUMNS], delimiter)
    for name, info, curve in pieces(samples, names, start, end, told):
        yield _csv(long_rows(name, info, curve), delimiter)


def wide_rows(
    samples: Samples, names: Sequence[str], start: int, end: int, step: int, told: Told = lambda share: None
) -> Iterator[Row]:
    """A row every ``step`` milliseconds: the time, then of each tag its mean; of states and texts the value held."""
    infos = samples.tags()
    start, end = _there(samples, start, end, rollups=True)
    start -= start % step
    yield ("time", *(f"{name}, {infos[name].unit}" if name in infos and infos[name].unit else name for name in names))
    for low in range(start, end, step * _ROWS):
        count = min(_ROWS, -(-(end - low) // step))
        curves = samples.curves([name for name in names if name in infos], low, low + count * step)
        old = samples.old_means(names, low, low + count * step, step)
        columns = [
            _means(old[name]) if name in old else _column(curves[name], low, step, count) if name in curves
            else [None] * count
            for name in names
        ]  # fmt: skip
        times = iso_times(low + step * np.arange(count, dtype=np.int64))
        yield from zip(times, *columns, strict=True)
        told(min(1.0, (low + count * step - start) / (end - start)))


def wide_csv(
    samples: Samples,
    names: Sequence[str],
    start: int,
    end: int,
    step: int,
    delimiter: str = ",",
    told: Told = lambda share: None,
) -> Iterator[str]:
    """The table as CSV, some rows at a time."""
    rows: list[Row] = []
    for row in wide_rows(samples, names, start, end, step, told):
        rows.append(row)
        if len(rows) == 500:
            yield _csv(rows, delimiter)
            rows.clear()
    yield _csv(rows, delimiter)


def iso_times(times: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> list[str]:
    """Milliseconds as ISO 8601, UTC."""
    text: list[str] = np.datetime_as_string(times.astype("datetime64[ms]"), unit="ms", timezone="UTC").tolist()
    return text


def harmless(cell: Value) -> Value:
    """A text that a spreadsheet would run as a formula, with an apostrophe before it; ``unguarded`` takes it away."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip("'").startswith(RUNS) else cell


def unguarded(text: str) -> str:
    """The inverse of ``harmless``."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(RUNS) else text


def _there(samples: Samples, start: int, end: int, rollups: bool) -> tuple[int, int]:
    """A span without the days before and after all that was recorded: a slip of a year would be read for hours."""
    first, last = samples.reach(rollups)
    return max(start, first // DAY_MS * DAY_MS), min(end, (last // DAY_MS + 1) * DAY_MS) if last else start


def _column(curve: Curve, start: int, step: int, count: int) -> list[Value]:
    if curve.kind in (Kind.FLOAT, Kind.INT, Kind.U64):
        return _means(roll(curve, start, start + count * step, step).mean)
    at = np.searchsorted(curve.time, start + step * np.arange(count, dtype=np.int64), "right") - 1
    valid = curve.valid()
    return [curve.plain(int(index)) if index >= 0 and valid[index] else None for index in at]


def _means(mean: Floats) -> list[Value]:
    return [None if value != value else round(value, 6) for value in mean.tolist()]


def _csv(rows: Iterable[Row], delimiter: str) -> str:
    text = io.StringIO()
    safe = (tuple(map(harmless, row)) for row in rows)
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(safe)
    return text.getvalue()
