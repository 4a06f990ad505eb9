"""What a Python rule sees of the tags: those it declared, by the names it declared them with, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from runtime.scan import Moment
from runtime.scan.logic import Frame, Input
from runtime.scan.logic.blocks import Block
from runtime.scan.logic.nodes import number, text, wide
from tagdb import Quality, TagStore, Value

__all__ = ["Image", "UndeclaredError", "write_tag"]


class UndeclaredError(KeyError):
    """A rule touched a tag that its decorator does not name."""

    def __str__(self) -> str:
        return str(self.args[0])


class Image:
    """The tags of one rule in one scan.

    ``tags["coolant_temp"]`` reads, ``tags["total.power"] = 12.5`` writes; what is written carries the worst quality of
    what was read in this scan, unless it is written by ``write``. ``blocks`` are the rule's timers and latches.
    """

    def __init__(
        self,
        reads: Mapping[str, Input],
        writes: Mapping[str, str],
        patterns: Mapping[str, Sequence[str]],
        blocks: Mapping[str, Block],
    ) -> None:
        """``reads``: name in the rule -> input; ``writes``: name in the rule -> tag; ``patterns``: -> names."""
        self._reads = {
            name: text(one.slot, one.text_row) if one.text_row >= 0 else (wide if one.wide else number)(one.slot)
            for name, one in reads.items()
        }
        self._writes = writes
        self._patterns = patterns
        self._frame: Frame | None = None
        self._worst = int(Quality.GOOD)
        self._written: dict[str, tuple[float, int]] = {}
        self.blocks: Mapping[str, Any] = blocks

    @property
    def now(self) -> Moment:
        """The moment of this scan."""
        return self._current().now

    def __getitem__(self, name: str) -> Value:
        """A value, None where there is none; its quality counts for what is written."""
        value, quality = self._read(name)
        self._worst = max(self._worst, quality)
        return None if value != value else value

    def number(self, name: str) -> float | None:
        """As ``tags[name]``, for what is no text."""
        value = self[name]
        return None if isinstance(value, str) else value

    def __setitem__(self, name: str, value: float | None) -> None:
        """Write with the worst quality of what was read so far; None: no value, which is bad."""
        self.write(name, value, None)

    def get(self, name: str, default: float = 0.0) -> float:
        """A number while it can be used (good or uncertain), otherwise the default; its quality does not count."""
        value, quality = self._read(name)
        return default if quality >= Quality.BAD or isinstance(value, str) or value != value else float(value)

    def quality(self, name: str) -> Quality:
        """The quality alone; it does not count for what is written."""
        return Quality(self._read(name)[1])

    def matching(self, pattern: str) -> Sequence[str]:
        """The names that a declared pattern stands for."""
        if pattern not in self._patterns:
            raise UndeclaredError(f"reads '{pattern}', which its decorator does not declare")
        return self._patterns[pattern]

    def write(self, name: str, value: float | None, quality: Quality | None) -> None:
        """Write with a quality of one's own choice; None: the worst of what was read."""
        if name not in self._writes:
            raise UndeclaredError(f"writes '{name}', which its decorator does not declare")
        found = self._worst if quality is None else int(quality)
        if value is None or not math.isfinite(value):
            self._written[self._writes[name]] = (math.nan, max(found, int(Quality.BAD)))
        else:
            self._written[self._writes[name]] = (float(value), found)

    def begin(self, frame: Frame) -> None:
        """A new scan; called before the rule."""
        self._frame = frame
        self._worst = int(Quality.GOOD)
        self._written.clear()

    def commit(self, store: TagStore, now: Moment) -> None:
        """Write what the rule wrote; called when it has returned."""
        for name, (value, quality) in self._written.items():
            write_tag(store, name, value, quality, now)

    def _current(self) -> Frame:
        if self._frame is None:
            raise UndeclaredError("the tags can only be used while the rule runs")
        return self._frame

    def _read(self, name: str) -> tuple[Any, int]:
        read = self._reads.get(name)
        if read is None:
            raise UndeclaredError(f"reads '{name}', which its decorator does not declare")
        return read(self._current())


def write_tag(store: TagStore, name: str, value: float, quality: int, now: Moment) -> None:
    """Write one derived tag; where there is no value (NaN) the old one stays, with its new quality."""
    slot = store.tags[name].slot
    if value != value:
        value = store.cell.item(slot)
    if value != value and store.quality.item(slot) == quality:
        store.source_time[slot] = now.time
        return
    store.set(name, value, Quality(quality), now.time)
