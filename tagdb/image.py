"""The process image: the tag arrays in shared memory, written once per scan, read by anyone without a lock.

Layout of the file (native byte order: it never leaves the machine)::

    0      header, 4096 bytes (see HEADER)
    4096   buffer 0: scan frame, then the arrays, each aligned to 64 bytes
    ...    buffer 1: the same

The writer fills the buffer that is not published, then publishes it by storing the sequence number. A reader copies the
published buffer and looks at the header again: the buffer is overwritten only after the *next* one was published, so a
copy is good when the writer has not begun the second scan after it. A reader has a whole scan period for a copy, never
makes the writer wait, and tries again in the rare case that it was too slow.

A file in tmpfs and ``mmap`` rather than ``multiprocessing.shared_memory``: its resource tracker removes the segment
when the first reader exits (Python 3.11), and a file has an owner and a mode.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from tagdb.store import TEXT_BYTES, TagStore

__all__ = ["ImageGone", "ImageReader", "ImageWriter", "Snapshot"]

MAGIC = 0x31474D4941444353  # "SCDAIMG1"
HEADER_BYTES = 4096
HEADER = np.dtype(
    [
        ("magic", np.uint64),
        ("epoch", np.uint64),  # random, new at every start of the writer
        ("capacity", np.uint64),
        ("texts", np.uint64),
        ("generation", np.uint64),  # of the tag directory that the slots belong to
        ("begun", np.uint64),  # scans begun to be written
        ("published", np.uint64),  # scans published
        ("retired", np.uint64),  # 1: the writer went on in a new file of the same name, or stopped
        ("pid", np.uint64),
    ]
)
_T = TypeVar("_T", bound=np.generic)
FRAME = np.dtype([("scan", np.uint64), ("generation", np.uint64), ("time", np.float64), ("monotonic", np.float64)])


class ImageGone(Exception):
    """There is no image to read: the runtime has not started, or has stopped."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All tags as of one scan. Arrays are the reader's own copies, indexed by slot."""

    epoch: int
    #: of the directory that the slots belong to
    generation: int
    scan: int
    #: Unix seconds at the start of the scan
    time: float
    #: monotonic seconds of the machine at the start of the scan
    monotonic: float
    cell: npt.NDArray[np.float64]
    raw: npt.NDArray[np.uint64]
    quality: npt.NDArray[np.uint16]
    source_time: npt.NDArray[np.float64]
    change_time: npt.NDArray[np.float64]
    text: npt.NDArray[np.bytes_]


class _Buffer:
    """Views of one buffer of the file."""

    def __init__(self, memory: mmap.mmap, start: int, capacity: int, texts: int) -> None:
        self._memory = memory
        self._at = start
        self.frame: npt.NDArray[Any] = self._view(FRAME, 1)
        self.cell = self._view(np.dtype(np.float64), capacity)
        self.raw = self._view(np.dtype(np.uint64), capacity)
        self.source_time = self._view(np.dtype(np.float64), capacity)
        self.change_time = self._view(np.dtype(np.float64), capacity)
        self.quality = self._view(np.dtype(np.uint16), capacity)
        self.text = self._view(np.dtype[np.bytes_](f"S{TEXT_BYTES}"), texts)
        self.end = self._at

    def _view(self, dtype: np.dtype[_T], count: int) -> npt.NDArray[_T]:
        view = np.frombuffer(self._memory, dtype, count, self._at)
        self._at += -(-dtype.itemsize * count // 64) * 64
        return view


def _file_size(capacity: int, texts: int) -> int:
    row = 64  # alignment of each of the seven arrays
    one = FRAME.itemsize + capacity * (4 * 8 + 2) + texts * TEXT_BYTES + 7 * row
    return HEADER_BYTES + 2 * (-(-one // row) * row)


class ImageWriter:
    """The scan's side. One per image file; ``write`` after every scan."""

    def __init__(self, path: Path, capacity: int, texts: int) -> None:
        self.path = path
        self.capacity, self.texts = capacity, texts
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        size = _file_size(capacity, texts)
        fd = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.posix_fallocate(fd, 0, size)  # a full tmpfs must fail here, not as SIGBUS in a scan
            self._memory = mmap.mmap(fd, size)
        finally:
            os.close(fd)
        self._header = np.frombuffer(self._memory, HEADER, 1)
        first = _Buffer(self._memory, HEADER_BYTES, capacity, texts)
        self._buffers = (first, _Buffer(self._memory, first.end, capacity, texts))
        head = self._header
        head["epoch"] = int.from_bytes(os.urandom(7), "little")
        head["capacity"], head["texts"], head["pid"] = capacity, texts, os.getpid()
        head["magic"] = MAGIC
        self._sequence = 0
        #: until the first scan is in it, readers stay with what was there before
        self._hidden: Path | None = temporary
        self._inode = temporary.stat().st_ino

    @property
    def epoch(self) -> int:
        """Tells readers one run of the runtime from the next."""
        return int(self._header["epoch"][0])

    def continue_from(self, before: ImageWriter) -> None:
        """Take over from a smaller image, with the first scan written here: for readers it is the same run."""
        self._header["epoch"] = before.epoch

    def write(self, store: TagStore, generation: int, scan: int, time: float, monotonic: float) -> None:
        """Publish the store as of this scan."""
        sequence = self._sequence + 1
        head = self._header
        head["begun"] = sequence
        _barrier()
        buffer = self._buffers[sequence & 1]
        frame = buffer.frame
        frame["scan"], frame["generation"], frame["time"], frame["monotonic"] = scan, generation, time, monotonic
        n = store.capacity
        buffer.cell[:n] = store.cell
        buffer.raw[:n] = store.raw
        buffer.quality[:n] = store.quality
        buffer.source_time[:n] = store.source_time
        buffer.change_time[:n] = store.change_time
        buffer.text[: store.text_capacity] = store.text
        _barrier()
        head["generation"] = generation
        head["published"] = sequence
        self._sequence = sequence
        if self._hidden is not None:
            _retire_left_behind(self.path)
            self._hidden.replace(self.path)
            self._hidden = None

    def retire(self) -> None:
        """Tell readers that nothing more comes in this file."""
        self._header["retired"] = 1

    def close(self) -> None:
        """Retire the image and remove its file, unless it is another writer's by now."""
        self.retire()
        file = self._hidden or self.path
        with contextlib.suppress(FileNotFoundError):
            if file.stat().st_ino == self._inode:
                file.unlink()


def _retire_left_behind(path: Path) -> None:
    """Send the readers of an image whose writer was killed on to the new one."""
    try:
        with path.open("r+b") as file, mmap.mmap(file.fileno(), HEADER_BYTES) as memory:
            header = np.frombuffer(memory, HEADER, 1).copy()
            if int(header["magic"][0]) == MAGIC:
                header["retired"] = 1
                memory[: HEADER.itemsize] = header.tobytes()
    except (FileNotFoundError, ValueError):
        return


class ImageReader:
    """Anyone's side: ``read`` gives the newest scan; the file is opened on demand and again when it was replaced."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._memory: mmap.mmap | None = None
        #: copies that had to be made again because the writer was faster
        self.retries = 0

    def read(self) -> Snapshot:
        """The newest published scan, whole. Raises ImageGone when there is none."""
        for _ in range(1000):
            if self._memory is None:
                self._open()
            head = self._header
            if int(head["retired"][0]):
                self._memory = None
                if not self.path.exists():
                    raise ImageGone(f"{self.path}: the runtime has stopped")
                continue
            sequence = int(head["published"][0])
            if sequence == 0:
                raise ImageGone(f"{self.path}: no scan has finished yet")
            _barrier()
            buffer = self._buffers[sequence & 1]
            frame = buffer.frame[0].copy()
            snapshot = Snapshot(
                int(head["epoch"][0]), int(frame["generation"]), int(frame["scan"]), float(frame["time"]),
                float(frame["monotonic"]), buffer.cell.copy(), buffer.raw.copy(), buffer.quality.copy(),
                buffer.source_time.copy(), buffer.change_time.copy(), buffer.text.copy(),
            )  # fmt: skip
            _barrier()
            if int(head["begun"][0]) < sequence + 2:
                return snapshot
            self.retries += 1
        raise ImageGone(f"{self.path}: the writer is always faster than this reader")

    def scan(self) -> tuple[int, int]:
        """Cheaply: (epoch, number of scans published); (0, 0) when there is no image."""
        if self._memory is None:
            try:
                self._open()
            except ImageGone:
                return 0, 0
        if int(self._header["retired"][0]):
            self._memory = None
            return 0, 0
        return int(self._header["epoch"][0]), int(self._header["published"][0])

    def _open(self) -> None:
        try:
            fd = os.open(self.path, os.O_RDONLY)
        except OSError as error:
            raise ImageGone(f"{self.path}: {error.strerror}") from None
        try:
            size = os.fstat(fd).st_size
            if size < HEADER_BYTES:
                raise ImageGone(f"{self.path}: not an image")
            memory = mmap.mmap(fd, size, access=mmap.ACCESS_READ)
        finally:
            os.close(fd)
        header = np.frombuffer(memory, HEADER, 1)
        if int(header["magic"][0]) != MAGIC:
            raise ImageGone(f"{self.path}: not an image, or of another version")
        capacity, texts = int(header["capacity"][0]), int(header["texts"][0])
        first = _Buffer(memory, HEADER_BYTES, capacity, texts)
        self._buffers = (first, _Buffer(memory, first.end, capacity, texts))
        self._header = header
        self._memory = memory


class _Fence:
    """Taking a lock is a full barrier on every processor that CPython runs on; x86 would not need one, ARM does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __call__(self) -> None:
        with self._lock:
            pass


_barrier = _Fence()
