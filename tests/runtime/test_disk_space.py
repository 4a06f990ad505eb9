"""Room on the disk: the tightest place, the limits, folders that are not there yet."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from runtime.outputs import DiskSpace


@pytest.fixture
def disks(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Folder -> free percent of a disk of 1 GB; 5 % more is kept for root."""
    free: dict[str, float] = {}

    def statvfs(path: Path) -> SimpleNamespace:
        if str(path) not in free:
            raise FileNotFoundError(path)
        available = int(free[str(path)] * 2441.4)
        reserved = 12_000
        return SimpleNamespace(
            f_blocks=244_140 + reserved, f_bfree=available + reserved, f_bavail=available, f_frsize=4096
        )

    monkeypatch.setattr(os, "statvfs", statvfs)
    return free


def test_the_tightest_place_decides(disks: dict[str, float]) -> None:
    disks.update({"/data": 40.0, "/run": 12.0})
    values = DiskSpace([Path("/data/var"), Path("/run")], 10.0, 3.0).values()
    assert (values["disk.free_pct"], values["disk.free_mb"], values["disk.place"]) == (12.0, 120, "/run")
    assert (values["disk.low"], values["disk.full"]) == (False, False)


def test_the_limits_have_a_way_back(disks: dict[str, float]) -> None:
    space = DiskSpace([Path("/data")], 10.0, 3.0)
    told = []
    for free in (10.1, 9.9, 10.5, 11.1, 2.9, 3.2, 3.4):
        disks["/data"] = free
        values = space.values()
        told.append((values["disk.low"], values["disk.full"]))
    assert told == [
        (False, False), (True, False), (True, False), (False, False), (True, True), (True, True), (True, False),
    ]  # fmt: skip


def test_where_nothing_can_be_looked_at_nothing_is_told(disks: dict[str, float]) -> None:
    assert DiskSpace([Path("/gone")], 10.0, 3.0).values() == {}


def test_a_real_disk(tmp_path: Path) -> None:
    values = DiskSpace([tmp_path / "not" / "yet"], 10.0, 3.0).values()
    assert 0.0 <= float(values["disk.free_pct"]) <= 100.0
