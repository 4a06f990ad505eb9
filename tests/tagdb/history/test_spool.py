"""The spool: what it took it gives back in order, whatever was torn; when it is full the oldest go."""

from __future__ import annotations

import errno
import os
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tagdb.history.spool import Spool
from tests.tagdb.history.samples import record


def opened(folder: Path, **more: Any) -> Spool:
    spool = Spool(folder, **more)
    spool.open()
    return spool


def segments(folder: Path) -> list[Path]:
    return list(folder.glob("*.spool"))


def numbers(spool: Spool, count: int = 100) -> list[int]:
    found = []
    while batch := spool.peek(count):
        found += [one.number for one in batch]
        spool.advance()
    return found


def test_records_come_back_in_order(tmp_path: Path) -> None:
    spool = opened(tmp_path / "spool")
    assert spool.append([record(1), record(2)]) == 2
    assert spool.append([record(3)]) == 1
    assert (spool.waiting, spool.peek(2)) == (3, [record(1), record(2)])
    assert numbers(spool, 2) == [1, 2, 3]
    assert (spool.waiting, spool.size_bytes, segments(tmp_path / "spool")) == (0, 0, [])
    spool.close()


def test_what_was_only_looked_at_stays(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    spool.append([record(1), record(2), record(3)])
    spool.peek(1)
    spool.advance()
    assert spool.peek(1) == spool.peek(1) == [record(2)]
    spool.append([record(4)])
    assert numbers(spool) == [2, 3, 4]
    spool.close()


def test_the_next_process_finds_it(tmp_path: Path) -> None:
    first = opened(tmp_path)
    first.append([record(1)])
    first.close()
    second = opened(tmp_path)
    second.append([record(2)])
    assert second.waiting == 2
    assert numbers(second) == [1, 2]
    second.close()


def test_a_torn_line_and_a_damaged_one_are_passed_over_and_counted(tmp_path: Path) -> None:
    first = opened(tmp_path)
    first.append([record(n) for n in range(1, 6)])
    first.close()
    (segment,) = segments(tmp_path)
    lines = segment.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b"tick", b"tock")
    lines[4] = lines[4][:40]
    segment.write_bytes(b"".join(lines))
    second = opened(tmp_path)
    assert (second.waiting, second.torn) == (3, 2)
    second.append([record(6)])
    assert numbers(second, 1) == [1, 3, 4, 6]
    second.close()


def test_a_folder_of_nothing_but_torn_lines_is_empty(tmp_path: Path) -> None:
    (tmp_path / "000000000007.spool").write_bytes(b"0000004f 1c29")
    spool = opened(tmp_path)
    assert (spool.waiting, spool.torn, segments(tmp_path)) == (0, 1, [])
    spool.close()


def test_when_it_is_full_the_oldest_go_and_are_counted(tmp_path: Path) -> None:
    spool = opened(tmp_path, limit_bytes=8000)
    for number in range(1, 201):
        assert spool.append([record(number)]) == 1
        assert spool.size_bytes <= 8000 + 300
        assert spool.size_bytes == sum(path.stat().st_size for path in segments(tmp_path))
    assert spool.dropped > 0
    assert numbers(spool) == list(range(spool.dropped + 1, 201))
    spool.close()


def test_what_was_read_already_is_not_counted_as_dropped(tmp_path: Path) -> None:
    spool = opened(tmp_path, limit_bytes=8000)
    spool.append([record(n) for n in range(1, 11)])
    spool.peek(2)
    spool.advance()
    spool.peek(2)
    spool.append([record(n) for n in range(11, 41)])
    spool.advance()
    left = numbers(spool)
    assert left == list(range(3 + spool.dropped, 41)) or left == list(range(5 + spool.dropped, 41))
    spool.close()


@contextmanager
def no_room(path: Path) -> Iterator[None]:
    """The file takes half a line more: the kernel writes a part, then refuses, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 100, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def no_sync(_: Path) -> Iterator[None]:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", full)
        yield


@pytest.mark.parametrize("trouble", [no_room, no_sync])
def test_a_disk_without_room_leaves_no_half_line(tmp_path: Path, trouble: Any) -> None:
    spool = opened(tmp_path)
    spool.append([record(1)])
    (segment,) = segments(tmp_path)
    size = segment.stat().st_size
    with trouble(segment):
        assert spool.append([record(2)]) == 0
        assert spool.error
    assert segment.stat().st_size == size
    assert spool.append([record(2), record(3)]) == 2
    assert spool.error == ""
    assert numbers(spool) == [1, 2, 3]
    assert spool.torn == 0
    spool.close()


def test_a_folder_that_cannot_be_written_takes_nothing(tmp_path: Path) -> None:
    spool = opened(tmp_path / "spool")
    shutil.rmtree(tmp_path / "spool")
    assert spool.append([record(1)]) == 0
    assert spool.error
    (tmp_path / "spool").mkdir()
    assert spool.append([record(1)]) == 1
    assert numbers(spool) == [1]
    spool.close()


def test_two_writers_cannot_have_one_folder(tmp_path: Path) -> None:
    first = opened(tmp_path)
    second = Spool(tmp_path)
    with pytest.raises(OSError, match="another writer has it"):
        second.open()
    first.close()
    second.open()
    second.close()
