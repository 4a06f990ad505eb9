"""Recorded values as Parquet, and back; needs pyarrow, which is not installed by default (it is large)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tagdb.samples.arrays import Curve
from tagdb.samples.tagset import TagInfo
from tagdb.tag import Kind

__all__ = ["NoParquet", "read_parquet", "write_parquet"]


class NoParquet(OSError):
    """pyarrow is missing."""


def write_parquet(path: Path, pieces: Iterable[tuple[str, TagInfo, Curve]]) -> int:
    """Write pieces, each a row group's worth or less; how many samples. Raises NoParquet, OSError."""
    pyarrow = _library()
    schema = _schema(pyarrow)
    count = 0
    with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd") as file:
        waiting: list[Any] = []
        rows = 0
        for name, info, curve in pieces:
            waiting.append(_table(pyarrow, name, info, curve, schema))
            rows += len(curve)
            count += len(curve)
            if rows >= 500_000:
                file.write_table(pyarrow.concat_tables(waiting))
                waiting, rows = [], 0
        if waiting:
            file.write_table(pyarrow.concat_tables(waiting))
    return count


def read_parquet(path: Path) -> Iterator[list[dict[str, Any]]]:
    """Rows as ``export.COLUMNS`` says, some at a time; times in milliseconds. Raises NoParquet, OSError, ValueError."""
    pyarrow = _library()
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(20_000):
                rows = batch.to_pylist()
                for row in rows:
                    row["time"] = round(row["time"].timestamp() * 1000)
                    number, whole, text = row.pop("value"), row.pop("whole"), row.pop("text")
                    row["value"] = whole if whole is not None else text if text is not None else number
                yield rows
    except (pyarrow.ArrowException, KeyError) as problem:
        raise ValueError(f"{path}: no Parquet file of ours: {problem}") from None


def _library() -> Any:
    """Loaded when it is first needed: every process that knows of history would spend a tenth of its start on it."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise NoParquet("Parquet needs pyarrow: pip install 'scada[parquet]'") from None
    return pyarrow


def _schema(pyarrow: Any) -> Any:
    words = pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
    fields = [
        ("time", pyarrow.timestamp("ms", "UTC")), ("tag", words), ("value", pyarrow.float64()),
        # what a float cannot hold: 64-bit integers, texts
        ("whole", pyarrow.uint64()), ("text", pyarrow.string()), ("quality", pyarrow.uint16()), ("kind", words),
        ("unit", words), ("decimals", pyarrow.int8()), ("shape", words),
    ]  # fmt: skip
    return pyarrow.schema(fields)


def _table(pyarrow: Any, name: str, info: TagInfo, curve: Curve, schema: Any) -> Any:
    count = len(curve)
    none = [None] * count
    value: Any = np.where(np.isnan(curve.value), np.nan, curve.value)
    whole: Any = none
    text: Any = none
    if curve.kind is Kind.U64:
        value, whole = none, curve.value.view(np.uint64)
    elif curve.kind is Kind.TEXT:
        value, text = none, [curve.plain(index) for index in range(count)]
    columns = {
        "time": curve.time, "tag": [name] * count,
        "value": pyarrow.array(value, pyarrow.float64(), from_pandas=True), "whole": whole, "text": text,
        "quality": curve.quality, "kind": [str(info.kind)] * count, "unit": [info.unit] * count,
        "decimals": [info.decimals] * count, "shape": ["line" if info.line else "step"] * count,
    }  # fmt: skip
    arrays = [pyarrow.array(columns[field.name], field.type) if not isinstance(columns[field.name], pyarrow.Array)
              else columns[field.name] for field in schema]  # fmt: skip
    return pyarrow.table(arrays, schema=schema)
