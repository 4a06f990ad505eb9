"""The process image: whole scans only, whatever the reader and the writer do."""

import multiprocessing
import os
import time
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tagdb import Batch, ImageGone, ImageReader, ImageWriter, Kind, Tag, TagStore

TAGS = 20_000


def make_store(tags: int = 8) -> TagStore:
    store = TagStore(capacity=tags, texts=2)
    words = {"en": "", "ru": ""}
    store.install([Tag(f"s.d.t{i}", i, Kind.FLOAT, "s", "s.d", "g", words) for i in range(tags)])
    return store


def fill(store: TagStore, value: float) -> None:
    """Every array says the same number, so that a torn copy cannot go unnoticed."""
    n = store.capacity
    store.cell[:n] = value
    store.raw[:n] = int(value)
    store.quality[:n] = int(value) % 60000
    store.source_time[:n] = value
    store.change_time[:n] = value
    store.text[:] = str(int(value)).encode()


def test_a_reader_sees_what_was_written(tmp_path: Path) -> None:
    store = make_store()
    writer = ImageWriter(tmp_path / "image", store.capacity, store.text_capacity)
    one = Batch(np.array([3]), np.array([42.5]), np.array([192], np.uint16), 10.0, 1.0, np.array([425], np.uint64))
    store.apply(one, now=11.0)
    writer.write(store, generation=5, scan=17, time=11.0, monotonic=2.0)
    snapshot = ImageReader(tmp_path / "image").read()
    assert (snapshot.scan, snapshot.generation, snapshot.time, snapshot.monotonic) == (17, 5, 11.0, 2.0)
    assert (snapshot.cell[3], snapshot.raw[3], snapshot.quality[3]) == (42.5, 425, 192)
    assert (snapshot.source_time[3], snapshot.change_time[3]) == (10.0, 11.0)
    writer.close()


def test_a_snapshot_is_the_readers_own(tmp_path: Path) -> None:
    store = make_store()
    writer = ImageWriter(tmp_path / "image", store.capacity, store.text_capacity)
    reader = ImageReader(tmp_path / "image")
    fill(store, 1.0)
    writer.write(store, 1, 1, 0.0, 0.0)
    before = reader.read()
    for scan in (2, 3, 4):
        fill(store, float(scan))
        writer.write(store, 1, scan, 0.0, 0.0)
    assert set(before.cell) == {1.0}
    assert set(reader.read().cell) == {4.0}
    writer.close()


def test_no_image_is_said_so(tmp_path: Path) -> None:
    reader = ImageReader(tmp_path / "image")
    with pytest.raises(ImageGone, match="No such file"):
        reader.read()
    assert reader.scan() == (0, 0)
    store = make_store()
    writer = ImageWriter(tmp_path / "image", store.capacity, store.text_capacity)
    with pytest.raises(ImageGone, match="No such file"):
        reader.read()  # it shows with its first scan
    writer.write(store, 1, 1, 0.0, 0.0)
    assert reader.read().scan == 1
    writer.close()
    with pytest.raises(ImageGone, match="has stopped"):
        reader.read()


def test_something_else_is_not_taken_for_an_image(tmp_path: Path) -> None:
    path = tmp_path / "image"
    path.write_bytes(b"x" * 8192)
    with pytest.raises(ImageGone, match="not an image"):
        ImageReader(path).read()
    path.write_bytes(b"short")
    with pytest.raises(ImageGone, match="not an image"):
        ImageReader(path).read()


def test_a_larger_image_takes_over_without_the_reader_noticing(tmp_path: Path) -> None:
    small, large = make_store(4), make_store(16)
    first = ImageWriter(tmp_path / "image", small.capacity, small.text_capacity)
    first.write(small, 1, 1, 0.0, 0.0)
    reader = ImageReader(tmp_path / "image")
    epoch = reader.read().epoch
    second = ImageWriter(tmp_path / "image", large.capacity, large.text_capacity)
    second.continue_from(first)
    assert reader.read().scan == 1, "until the larger one has a scan in it"
    second.write(large, 2, 2, 0.0, 0.0)
    snapshot = reader.read()
    assert (snapshot.scan, snapshot.cell.size, snapshot.epoch) == (2, 16, epoch)
    second.close()


def test_a_restart_is_another_epoch(tmp_path: Path) -> None:
    store = make_store()
    epochs = set()
    for _ in range(2):
        writer = ImageWriter(tmp_path / "image", store.capacity, store.text_capacity)
        writer.write(store, 1, 1, 0.0, 0.0)
        epochs.add(ImageReader(tmp_path / "image").read().epoch)
    assert len(epochs) == 2


def test_readers_of_a_killed_writer_go_over_to_its_successor(tmp_path: Path) -> None:
    store = make_store()
    killed = ImageWriter(tmp_path / "image", store.capacity, store.text_capacity)
    killed.write(store, 1, 1, 0.0, 0.0)
    reader = ImageReader(tmp_path / "image")
    assert reader.read().scan == 1
    successor = ImageWriter(tmp_path / "image", store.capacity, store.text_capacity)
    successor.write(store, 1, 77, 0.0, 0.0)
    assert reader.read().scan == 77
    assert reader.read().epoch == successor.epoch != killed.epoch


def test_a_writer_that_ends_late_leaves_its_successors_file_alone(tmp_path: Path) -> None:
    store = make_store()
    old = ImageWriter(tmp_path / "image", store.capacity, store.text_capacity)
    old.write(store, 1, 1, 0.0, 0.0)
    new = ImageWriter(tmp_path / "image", store.capacity, store.text_capacity)
    new.write(store, 1, 2, 0.0, 0.0)
    old.close()
    assert ImageReader(tmp_path / "image").read().scan == 2
    new.close()
    assert not (tmp_path / "image").exists()


def test_others_cannot_open_it(tmp_path: Path) -> None:
    store = make_store()
    ImageWriter(tmp_path / "image", store.capacity, store.text_capacity).write(store, 1, 1, 0.0, 0.0)
    assert (tmp_path / "image").stat().st_mode & 0o777 == 0o600


def _hammer(path: str, scans: int, ready: Event, enough: Event, last: Any) -> None:
    """So many scans back to back, and on until the reader has seen enough of them: the machine may not let it run."""
    store = make_store(TAGS)
    writer = ImageWriter(Path(path), store.capacity, store.text_capacity)
    fill(store, 1.0)
    writer.write(store, 1, 1, 1.0, 1.0)
    ready.set()
    scan = 1
    while scan < scans - 1 or not enough.is_set():
        scan += 1
        fill(store, float(scan))
        writer.write(store, 1, scan, float(scan), float(scan))
    last.value = scan
    os._exit(0)


def test_a_hammering_reader_never_sees_two_scans_in_one_copy(tmp_path: Path) -> None:
    """The writer publishes back to back, far faster than any scan, so that copies do get torn and must be dropped."""
    context = multiprocessing.get_context("spawn")
    ready, enough, last = context.Event(), context.Event(), context.Value("q", 0)
    scans = 3000
    image = str(tmp_path / "image")
    writer = context.Process(target=_hammer, args=(image, scans, ready, enough, last), daemon=True)
    writer.start()
    assert ready.wait(60)
    reader = ImageReader(tmp_path / "image")
    seen: list[int] = []
    deadline = time.monotonic() + 60
    while (not last.value or seen[-1] < last.value) and time.monotonic() < deadline:
        try:
            snapshot = reader.read()
        except ImageGone:
            continue  # always slower than this writer, for a thousand tries: said so rather than torn
        arrays = (snapshot.cell, snapshot.source_time, snapshot.change_time, snapshot.raw)
        values = {float(value) for array in arrays for value in np.unique(array)}
        assert values == {float(snapshot.scan)} == {snapshot.time}
        assert set(np.unique(snapshot.quality)) == {snapshot.scan % 60000}
        assert {int(text) for text in snapshot.text} == {snapshot.scan}
        seen.append(snapshot.scan)
        if not enough.is_set() and len(set(seen)) > 20:
            enough.set()
    writer.join(60)
    assert seen == sorted(seen)
    assert seen[-1] == last.value >= scans - 1
    assert len(set(seen)) > 20
