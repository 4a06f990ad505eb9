"""What the recorder hands over, as numbered records of the writer: plain JSON that can wait on the disk.

Stage: made in the writer's thread from a flush. A record says by itself what it is about: tags stand by their key in
the database, and where that is not known yet (the database has not been there since the start) by name.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tagdb.history.records import Record
from tagdb.samples.arrays import Columns
from tagdb.samples.codec import decode_batch, encode_batch
from tagdb.samples.recorder import Begin, Flush
from tagdb.samples.tagset import TagInfo, TagSet

__all__ = ["RecordMaker", "columns_in", "encoded", "names_in", "weigh"]


def weigh(item: Begin | Flush) -> int:
    """What an item counts for in the queue: its samples, and one."""
    return 1 + (item.count if isinstance(item, Flush) else 0)


class RecordMaker:
    """Makes records; ``keys`` (name -> key) grows as the database tells."""

    def __init__(self, keys: Mapping[str, int]) -> None:
        self._keys = keys

    def __call__(self, item: Begin | Flush, run: str, number: int) -> Record:
        """A record of an item. Raises TypeError, ValueError where it is none."""
        if isinstance(item, Begin):
            tags = [info.to_json() for info in item.tags.infos.values()]
            return Record(run, number, "begin", {"time": item.time, "restart": item.restart, "tags": tags})
        columns = _joined(item.parts, item.tags)
        names: dict[str, Any] = {}
        row: dict[str, Any] = {"until": item.until}
        for field, part in (("data", columns), ("tail", item.tail)):
            if len(part):
                row[field] = encoded(_keyed(part, self._ids(item.tags), names, item.tags))
        if names:
            row["names"] = names
        return Record(run, number, "samples", row, max(1, len(columns)))

    def _ids(self, tags: TagSet) -> npt.NDArray[np.int32]:
        unknown = np.flatnonzero(tags.recorded & (tags.ids == 0)) if self._keys else ()
        for slot in unknown:
            tags.ids[slot] = self._keys.get(tags.infos[int(slot)].name, 0)
        return tags.ids


def names_in(record: Record) -> dict[int, TagInfo]:
    """Tags that a record calls by name: the stand-in for their key, always negative. Raises ValueError."""
    return {int(key): TagInfo.from_json(row) for key, row in record.row.get("names", {}).items()}


def encoded(columns: Columns) -> str:
    """Samples, sorted by tag, as they stand in a record."""
    return base64.b64encode(encode_batch(columns)).decode()


def columns_in(record: Record, field: str, keys: Mapping[int, int]) -> Columns:
    """The samples of a record. ``keys``: stand-in -> key. Raises ValueError."""
    data = record.row.get(field)
    if not data:
        return Columns.empty()
    columns = decode_batch(base64.b64decode(data))
    if keys:
        tag = columns.tag.copy()
        for stand_in, key in keys.items():
            tag[columns.tag == stand_in] = key
        columns = Columns(tag, columns.time, columns.value, columns.quality, columns.texts)
    if len(columns) and int(columns.tag.min()) <= 0:
        raise ValueError("samples of a tag without a name")
    return columns


def _joined(parts: tuple[Columns, ...], tags: TagSet) -> Columns:
    texts = [tags.text_row[part.tag] >= 0 for part in parts]
    return Columns.joined(parts, texts)


def _keyed(columns: Columns, ids: npt.NDArray[np.int32], names: dict[str, Any], tags: TagSet) -> Columns:
    tag = ids[columns.tag]
    for slot in np.unique(columns.tag[tag == 0]):
        stand_in = -1 - int(slot)
        names[str(stand_in)] = tags.infos[int(slot)].to_json()
        tag[columns.tag == slot] = stand_in
    order = np.lexsort((columns.time, tag))
    return Columns(tag, columns.time, columns.value, columns.quality, columns.texts).of(order)
