"""The only door into the scan for other threads: batches of samples in, drained once at the start of a scan."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tagdb.quality import Quality

__all__ = ["Batch", "Inbox", "Item", "Mark", "Refresh"]

Slots = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Batch:
    """Samples of one block, all of one moment."""

    #: tag slots, shape (n,)
    slots: Slots
    #: float64 (n,)
    cells: npt.NDArray[np.float64]
    #: uint16 (n,)
    quality: npt.NDArray[np.uint16]
    #: Unix seconds UTC at frame receipt
    source_time: float
    #: monotonic seconds at frame receipt
    seen: float
    #: uint64 (n,), None = leave as it is
    raw: npt.NDArray[np.uint64] | None = None
    #: (index into ``slots``, text) for text tags
    texts: Sequence[tuple[int, str]] = ()
    #: device or link it comes from, to name who made a scan slow
    source: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A new quality for tags that keep their values: a read failed, a device went offline."""

    slots: Slots
    quality: Quality
    source: str = ""


@dataclass(frozen=True, slots=True)
class Refresh:
    """Tags whose values still hold although they were not read: a gated block while its gate is clear."""

    slots: Slots
    source_time: float
    seen: float
    source: str = ""


Item = Batch | Mark | Refresh


class Inbox:
    """A bounded queue; when it is full the oldest item goes and is counted (DESIGN: slow things never block the scan).

    Any thread posts, the scan drains. ``deque`` is atomic for both under the interpreter's lock.
    """

    def __init__(self, limit: int = 65536) -> None:
        self._items: deque[Item] = deque()
        self._limit = limit
        #: items lost since the start
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._items)

    def post(self, item: Item) -> None:
        """Hand an item to the next scan."""
        if len(self._items) >= self._limit:
            self._items.popleft()
            self.dropped += 1
        self._items.append(item)

    def drain(self) -> list[Item]:
        """Everything that had arrived when the call began, in order."""
        return [self._items.popleft() for _ in range(len(self._items))]
