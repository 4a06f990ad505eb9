"""A tag store whose scans are recorded into a database, on a clock of the test's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tagdb import Batch, Kind, Mark, Quality, Tag, TagStore
from tagdb.history import HistoryWriter
from tagdb.samples import Begin, Flush, Keeper, Keeping, Recorder, Samples, TagSet, open_samples, sample_writer

__all__ = ["KEEPING", "NOON", "Bench", "tag"]

#: 2026-11-24, 12:00:00 UTC
NOON = 1_795_521_600.0
HOUR, DAY = 3600.0, 86400.0
KEEPING = Keeping({"raw": 90, "minute": 400, "hour": 1830, "day": 7320}, 1 << 40)


def tag(name: str, slot: int, kind: Kind = Kind.FLOAT, **more: Any) -> Tag:
    row = slot if kind is Kind.TEXT else -1
    return Tag(name, slot, kind, "mkz", "mkz.gpu1", "engine", {"en": name, "ru": name}, text_row=row, **more)


class Bench:
    """Scans at times that the test gives; ``write`` and ``keep`` do what the threads would."""

    def __init__(self, url: str, folder: Path, tags: list[Tag], now: float = NOON, **options: Any) -> None:
        self.url, self.folder = url, folder
        self.writer: HistoryWriter = sample_writer(url, folder / "spool", timeout_s=1.0, retry_s=0.0)
        self.store = TagStore()
        self.store.install(tags)
        self.posted: list[Begin | Flush] = []
        self.now = now
        gap = options.get("longest_gap_s", HOUR)
        self.recorder = Recorder(TagSet(tags), self.post, now, options.get("flush_s", 1.0), gap)
        self.keeper = Keeper(url, KEEPING)

    def post(self, item: Begin | Flush) -> None:
        self.posted.append(item)
        self.writer.post(item)

    def scan(
        self, now: float, values: Mapping[str, Any] | None = None, quality: Quality = Quality.GOOD,
        source: float | None = None,
    ) -> None:  # fmt: skip
        """One scan that brings these values, as read at ``source``."""
        self.now = now
        for name, value in (values or {}).items():
            tag = self.store.tags[name]
            is_text = tag.kind is Kind.TEXT
            cell = np.array([0.0 if is_text else value], np.float64)
            if tag.kind is Kind.U64:
                cell = np.array([value], np.uint64).view(np.float64)
            texts = [(0, value)] if is_text else []
            moment = now if source is None else source
            slots, codes = np.array([tag.slot]), np.array([quality], np.uint16)
            self.store.apply(Batch(slots, cell, codes, moment, now, texts=texts), now)
        self.recorder.scan(self.store, np.flatnonzero(self.store.change_time == now), now)

    def mark(self, now: float, name: str, quality: Quality) -> None:
        """One scan in which a tag only changes its quality."""
        self.store.mark(Mark(np.array([self.store.tags[name].slot]), quality), now)
        self.scan(now)

    def write(self, now: float | None = None) -> None:
        """Flush, and write what was flushed."""
        self.recorder.flush(round((self.now if now is None else now) * 1000))
        self.writer.step()

    def keep(self) -> None:
        """All upkeep that is due."""
        self.keeper.finish()

    def samples(self) -> Samples:
        return open_samples(self.url)

    def close(self) -> None:
        self.writer.close()
        self.keeper.close()
