"""Where records wait on the disk while the database cannot take them: bounded, in order, safe against a torn end.

The spool is a folder of segments, ``000000000001.spool`` and on. A line of a segment is one record::

    0000004f 1c291ca3 ["run",17,"event",{...}]
    |        |        '- JSON without line ends, UTF-8
    |        '- its CRC-32, 8 hexadecimal digits
    '- its length in bytes, 8 hexadecimal digits

Each append ends with one fsync, so what ``append`` reported stays through a power cut. A process that is killed while
it appends leaves a torn last line: the reader passes over any line whose length or CRC is wrong, and counts it. A
segment that was written by an earlier process, or in which a write failed, is never appended to, so that a torn line
hides no good one. A segment is removed when all of it was read; when the spool is full the oldest segment goes, and
what was unread in it is counted as dropped.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import io
import json
import os
import zlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tagdb.history.plain import dump
from tagdb.history.records import Record

__all__ = ["Spool"]


@dataclass(slots=True)
class _Segment:
    path: Path
    size: int = 0
    #: what its records count for, how many bytes of it were read, and what these count for
    records: int = 0
    read_bytes: int = 0
    read_records: int = 0


class Spool:
    """Used by one thread. ``open`` finds what an earlier process left."""

    def __init__(self, folder: Path, limit_bytes: int = 64 << 20) -> None:
        """``limit_bytes``: what the folder may hold, give or take a line; when it is full an eighth of it goes."""
        self._folder = folder
        self._limit = limit_bytes
        self._segment_limit = max(1, limit_bytes // 8)
        self._segments: deque[_Segment] = deque()
        # unbuffered: a buffer would keep what could not be written, and try again when it is closed
        self._file: io.FileIO | None = None
        self._next = 1
        self._lock: int | None = None
        self._peeked: tuple[_Segment, int, int] | None = None
        #: records that were not read yet, each by its weight
        self.waiting = 0
        #: what the folder holds
        self.size_bytes = 0
        #: records lost because the spool was full
        self.dropped = 0
        #: lines that were torn or damaged
        self.torn = 0
        #: why the last write failed
        self.error = ""

    def open(self) -> None:
        """Make the folder, or take up what is in it. Raises OSError, also while another writer has it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._own()
        self._segments.clear()
        self.waiting = self.size_bytes = 0
        for path in sorted(self._folder.glob("*.spool")):
            data = path.read_bytes()
            found, torn = _records(data)
            self.torn += torn
            self._next = int(path.stem) + 1
            if found:
                weight = sum(record.weight for record in found)
                self._segments.append(_Segment(path, len(data), weight))
                self.size_bytes += len(data)
                self.waiting += weight
            else:
                path.unlink()

    def append(self, records: Sequence[Record]) -> int:
        """Add records; returns how many of them are safe on the disk: fewer than given when it takes no more."""
        stored = 0
        lines = [(_line(record), record.weight) for record in records]
        try:
            while stored < len(lines):
                stored += self._append_some(lines[stored:])
        except OSError as problem:
            self.error = str(problem)
            self._seal()
            if self._segments and not self._segments[-1].records:
                with contextlib.suppress(OSError):
                    self._remove(self._segments[-1])
        else:
            self.error = ""
        return stored

    def peek(self, count: int) -> list[Record]:
        """The oldest records, at most ``count``; they stay until ``advance``. Raises OSError."""
        while self._segments:
            segment = self._segments[0]
            with segment.path.open("rb") as file:
                file.seek(segment.read_bytes)
                lines = [line for line, _ in zip(file, range(count), strict=False)]
            found, _ = _records(b"".join(lines))
            if found:
                self._peeked = (segment, sum(map(len, lines)), sum(record.weight for record in found))
                return found
            if lines:
                segment.read_bytes += sum(map(len, lines))
            else:
                self._remove(segment)
        return []

    def advance(self) -> None:
        """Let go of what was last peeked at. Raises OSError."""
        if self._peeked is None:
            return
        segment, size, count = self._peeked
        if segment in self._segments:
            if segment.read_bytes + size >= segment.size:
                self._remove(segment)
            else:
                segment.read_bytes += size
                segment.read_records += count
                self.waiting -= count
        self._peeked = None

    def sync(self) -> None:
        """Make the removal of what was read as safe as the database's commits. Raises OSError."""
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def close(self) -> None:
        """Close the files; what waits stays for the next process."""
        self._seal()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _own(self) -> None:
        # The kernel lets go of the lock when the process ends, however it ends.
        if self._lock is not None:
            return
        lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            raise OSError(errno.EBUSY, "another writer has it", str(self._folder)) from None
        self._lock = lock

    def _append_some(self, lines: Sequence[tuple[bytes, int]]) -> int:
        if self._file is None or self._segments[-1].size >= self._segment_limit:
            self._begin()
        segment = self._segments[-1]
        block: list[bytes] = []
        size, weight = segment.size, 0
        for line, counts in lines:
            if block and size >= self._segment_limit:
                break
            block.append(line)
            size += len(line)
            weight += counts
        assert self._file is not None  # noqa: S101  _begin opened it
        try:
            data = memoryview(b"".join(block))
            while data:
                # a nearly full disk takes a part, and refuses only the next call
                data = data[self._file.write(data) :]
            os.fsync(self._file.fileno())
        except OSError:
            with contextlib.suppress(OSError):
                self._file.truncate(segment.size)
            raise
        self.size_bytes += size - segment.size
        self.waiting += weight
        segment.size = size
        segment.records += weight
        return len(block)

    def _begin(self) -> None:
        self._seal()
        while self._segments and self.size_bytes + self._segment_limit > self._limit:
            self.dropped += self._remove(self._segments[0])
        path = self._folder / f"{self._next:012d}.spool"
        self._next += 1
        self._file = io.FileIO(path, "xb")
        self._segments.append(_Segment(path))
        self.sync()

    def _remove(self, segment: _Segment) -> int:
        """How many records nobody had read."""
        if segment is self._segments[-1]:
            self._seal()
        segment.path.unlink(missing_ok=True)
        self._segments.remove(segment)
        unread = segment.records - segment.read_records
        self.size_bytes -= segment.size
        self.waiting -= unread
        return unread

    def _seal(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None


def _line(record: Record) -> bytes:
    payload = dump(record.to_json()).encode()
    return b"%08x %08x %b\n" % (len(payload), zlib.crc32(payload), payload)


def _records(data: bytes) -> tuple[list[Record], int]:
    found: list[Record] = []
    torn = 0
    for line in data.split(b"\n"):
        if not line:
            continue
        head, payload = line[:17], line[18:]
        if head != b"%08x %08x" % (len(payload), zlib.crc32(payload)):
            torn += 1
            continue
        found.append(Record.from_json(json.loads(payload)))
    return found, torn
