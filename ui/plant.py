"""The plant as the UI sees it: the newest process image and the directory that describes its slots.

Stage: the runtime publishes the image; everything the UI shows or answers is read here, once per scan for all callers.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tagdb import Channel, Directory, ImageGone, ImageReader, Kind, Quality, RunDir, Snapshot, Tag, Value, value_of

__all__ = ["NoRuntime", "Plant", "View"]

#: how often a directory that does not yet fit the image is read again, and how long we keep at it
_RETRY_S = 0.01
_RETRIES = 30
#: a scan older than this many periods, and than this many seconds, is stale
_STALE_PERIODS = 10
_STALE_LEAST_S = 2.0


class NoRuntime(Exception):
    """There is nothing to show: the runtime has not started, or has stopped."""


@dataclass(frozen=True, slots=True)
class View:
    """All tags as of one scan, with the directory they belong to."""

    directory: Directory
    #: name -> tag, in the order of the directory
    tags: Mapping[str, Tag]
    #: slots of all tags, in the order of the directory
    slots: npt.NDArray[np.intp]
    snapshot: Snapshot

    @property
    def key(self) -> tuple[int, int]:
        """Epoch and generation: while it stays, slots keep their meaning."""
        return self.snapshot.epoch, self.snapshot.generation

    @property
    def epoch(self) -> int:
        """The run of the runtime, as clients see it: cut to the 53 bits that a number in JavaScript holds."""
        return self.snapshot.epoch & ((1 << 53) - 1)

    def quality(self, tag: Tag) -> Quality:
        """The tag's quality; codes this version does not know count as plain bad."""
        return quality_of(int(self.snapshot.quality[tag.slot]))

    def text(self, tag: Tag) -> str:
        """The text of a text tag, "" for others."""
        if tag.kind is not Kind.TEXT:
            return ""
        return bytes(self.snapshot.text[tag.text_row]).decode("utf-8", "replace")

    def value(self, tag: Tag) -> Value:
        """The tag's value, None where it has none or was never read."""
        if np.isnan(self.snapshot.source_time[tag.slot]):  # never read
            return None
        return value_of(tag.kind, float(self.snapshot.cell[tag.slot]), tag.decimals, self.text(tag))

    def number(self, name: str) -> float | None:
        """A numeric tag by name; None when there is no such tag, no value, or it is bad."""
        tag = self.tags.get(name)
        if tag is None or self.snapshot.quality[tag.slot] >= Quality.BAD:
            return None
        value = self.value(tag)
        return None if value is None or isinstance(value, str) else float(value)

    def words(self, name: str) -> str | None:
        """A text tag by name; None when there is no such tag."""
        tag = self.tags.get(name)
        return None if tag is None else self.text(tag)


class Plant:
    """Reads the image and keeps the directory; safe to use from any thread."""

    def __init__(self, run_dir: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.run_dir = RunDir(run_dir)
        self.channel = Channel(self.run_dir.channel)
        self._monotonic = monotonic
        self._reader = ImageReader(self.run_dir.image)
        self._lock = threading.Lock()
        self._seen = (0, 0)
        self._view: View | None = None

    def scan(self) -> tuple[int, int]:
        """Cheaply: (epoch, scans published), (0, 0) when there is no image."""
        with self._lock:
            return self._reader.scan()

    def look_again(self) -> None:
        """Open the image anew: a runtime that was killed could not tell that its image was replaced."""
        with self._lock:
            self._reader = ImageReader(self.run_dir.image)

    def view(self) -> View:
        """The newest scan. Raises NoRuntime."""
        with self._lock:
            for _ in range(_RETRIES):
                seen = self._reader.scan()
                if self._view is not None and seen == self._seen and seen != (0, 0):
                    return self._view
                if view := self._read():
                    self._view, self._seen = view, seen
                    return view
                time.sleep(_RETRY_S)
        raise NoRuntime("the tag directory does not belong to the process image")

    def seen(self) -> View | None:
        """The newest scan; None where there is no runtime."""
        try:
            return self.view()
        except NoRuntime:
            return None

    def age_s(self, view: View) -> float:
        """Seconds since the start of the scan."""
        return max(0.0, self._monotonic() - view.snapshot.monotonic)

    def stale(self, view: View) -> bool:
        """True when the scan is much older than its period."""
        return self.age_s(view) > max(_STALE_LEAST_S, _STALE_PERIODS * view.directory.period_s)

    def _read(self) -> View | None:
        try:
            snapshot = self._reader.read()
            before = self._view
            if before is not None and before.key == (snapshot.epoch, snapshot.generation):
                return View(before.directory, before.tags, before.slots, snapshot)
            directory = Directory.read(self.run_dir.directory)
        except ImageGone as error:
            raise NoRuntime(str(error)) from None
        except OSError as error:
            raise NoRuntime(f"{self.run_dir.directory}: {error.strerror}") from None
        if directory.generation != snapshot.generation:
            return None  # a reload is under way: one of the two files is newer
        return View(directory, {tag.name: tag for tag in directory.tags}, _slots(directory.tags), snapshot)


def quality_of(code: int) -> Quality:
    """The quality with this code; an unknown code counts as plain bad, uncertain or good by its range."""
    try:
        return Quality(code)
    except ValueError:
        return Quality.GOOD if code < Quality.LAST_KNOWN else Quality.INITIAL if code < Quality.BAD else Quality.BAD


def _slots(tags: Sequence[Tag]) -> npt.NDArray[np.intp]:
    return np.array([tag.slot for tag in tags], np.intp)
