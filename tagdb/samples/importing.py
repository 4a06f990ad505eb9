"""Exported samples back into a database: through the writing end, as if they had come late."""

from __future__ import annotations

import csv
import itertools
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from tagdb.history import HistoryGone, SchemaTooNew
from tagdb.history.database import ERRORS, sentence, shown
from tagdb.history.records import Record
from tagdb.quality import Quality
from tagdb.samples.arrays import Columns
from tagdb.samples.export import COLUMNS, unguarded
from tagdb.samples.ledger import SampleLedger
from tagdb.samples.parquet import read_parquet
from tagdb.samples.records import encoded
from tagdb.samples.tagset import TagInfo
from tagdb.tag import Kind

__all__ = ["BadFile", "import_file"]

_ROWS = 20_000
#: as we write them, and as spreadsheets do
_BITS = {"True": True, "False": False, "TRUE": True, "FALSE": False, "1": True, "0": False}


class BadFile(ValueError):
    """What was given is no export of ours; the message says where and why."""


def import_file(url: str, path: Path, told: Callable[[float], None] = lambda share: None) -> int:
    """Add the samples of a CSV or Parquet file; how many. What stands there already at the same time is replaced.

    Raises BadFile, OSError, HistoryGone, SchemaTooNew.
    """
    ledger = SampleLedger(url, "import", 30.0)
    run = uuid.uuid4().hex
    count = 0
    size = max(1, path.stat().st_size)
    try:
        for number, (rows, at) in enumerate(_read(path), 1):
            ledger.write([_record(rows, run, number)])
            count += len(rows)
            told(min(1.0, at / size))
        ledger.forget_earlier_runs("")
    except SchemaTooNew:
        raise
    except OSError:
        raise
    except ERRORS as problem:
        raise HistoryGone(f"{shown(url)}: {sentence(problem)}") from problem
    finally:
        ledger.close()
    return count


def _read(path: Path) -> Iterator[tuple[list[Mapping[str, Any]], int]]:
    """Rows, some at a time, with how far the file was read."""
    if path.suffix == ".parquet":
        try:
            for rows in read_parquet(path):
                yield list(rows), 0
        except ValueError as problem:
            raise BadFile(str(problem)) from None
        return
    with path.open("rb") as binary:
        lines = (line.decode("utf-8-sig") for line in iter(binary.readline, b""))
        first = next(lines, "")
        delimiter = ";" if first.count(";") > first.count(",") else ","
        head = next(csv.reader([first], delimiter=delimiter), [])
        if tuple(head) != COLUMNS:
            raise BadFile(f"{path}:1: expected the columns {','.join(COLUMNS)}")
        reader = csv.reader(lines, delimiter=delimiter)
        while chunk := _chunk(reader, path):
            begun = reader.line_num + 2 - len(chunk)
            yield [_row(row, path, begun + index) for index, row in enumerate(chunk)], binary.tell()


def _chunk(reader: Any, path: Path) -> list[list[str]]:
    try:
        return list(itertools.islice(reader, _ROWS))
    except (csv.Error, UnicodeDecodeError) as problem:
        raise BadFile(f"{path}:{reader.line_num + 2}: {problem}") from None


def _row(cells: list[str], path: Path, line: int) -> Mapping[str, Any]:
    try:
        row: dict[str, Any] = dict(zip(COLUMNS, cells, strict=True))
        time = datetime.fromisoformat(row["time"])
        row["time"] = round((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000)
        row["value"] = _value(row["value"], Kind(row["kind"]), int(row["quality"]))
        row["decimals"] = int(row["decimals"])
        row["quality"] = _whole(row["quality"], 16)
        row["tag"], row["unit"] = unguarded(row["tag"]), unguarded(row["unit"])
    except ValueError as problem:
        raise BadFile(f"{path}:{line}: {problem}") from None
    return row


def _value(text: str, kind: Kind, quality: int) -> Any:
    if kind is Kind.TEXT:
        return None if not text and quality == Quality.INITIAL else unguarded(text)
    if not text:
        return None
    if kind is Kind.BOOL:
        if text not in _BITS:
            raise ValueError(f"'{text}': expected True or False")
        return _BITS[text]
    return _whole(text, 64) if kind is Kind.U64 else float(text)


def _whole(text: str, bits: int) -> int:
    number = int(text)
    if not 0 <= number < 1 << bits:
        raise ValueError(f"{number}: expected 0 to {(1 << bits) - 1}")
    return number


def _record(rows: list[Mapping[str, Any]], run: str, number: int) -> Record:
    stand_ins: dict[str, int] = {}
    infos: dict[str, Any] = {}
    texts: list[str] = []
    count = len(rows)
    tag, value = np.empty(count, np.int32), np.full(count, np.nan)
    for index, row in enumerate(rows):
        name = str(row["tag"])
        if name not in stand_ins:
            stand_ins[name] = -1 - len(stand_ins)
            info = TagInfo(name, Kind(row["kind"]), str(row["unit"]), int(row["decimals"]), row["shape"] == "line")
            infos[str(stand_ins[name])] = info.to_json()
        tag[index] = stand_ins[name]
        given = row["value"]
        if isinstance(given, str):
            value[index] = len(texts)
            texts.append(given)
        elif row["kind"] == Kind.U64 and given is not None:
            value[index : index + 1] = np.array([given], np.uint64).view(np.float64)
        elif given is not None:
            value[index] = given
    time = np.array([row["time"] for row in rows], np.int64)
    quality = np.array([row["quality"] for row in rows], np.uint16)
    columns = Columns(tag, time, value, quality, tuple(texts))
    columns = columns.of(np.lexsort((columns.time, columns.tag)))
    row_ = {"data": encoded(columns), "names": infos, "foreign": True}
    return Record(run, number, "samples", row_, count)
