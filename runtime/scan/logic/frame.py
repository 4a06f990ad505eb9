"""What expressions read in one scan: the store's arrays as fast readers, and the scan's moment."""

from __future__ import annotations

from runtime.scan.clock import Moment
from tagdb import TagStore

__all__ = ["Frame", "Frames"]


class Frame:
    """One scan's view of the tags. ``ndarray.item`` gives a plain float, in a third of the time of an index."""

    __slots__ = ("cell", "change_time", "now", "quality", "source_time", "store")

    def __init__(self, store: TagStore, now: Moment) -> None:
        self.store = store
        self.now = now
        self.cell = store.cell.item
        self.quality = store.quality.item
        self.source_time = store.source_time.item
        self.change_time = store.change_time.item


class Frames:
    """Makes one frame a scan for all rules that share this object."""

    __slots__ = ("_frame",)

    def __init__(self) -> None:
        self._frame: Frame | None = None

    def at(self, store: TagStore, now: Moment) -> Frame:
        """The frame of this scan."""
        frame = self._frame
        if frame is None or frame.now is not now or frame.store is not store:
            frame = self._frame = Frame(store, now)
        return frame
