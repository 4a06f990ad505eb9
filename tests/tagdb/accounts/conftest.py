"""Accounts with one user of each role, and their clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tagdb.accounts import Accounts, Role
from tests.support.accounts import WallClock, open_accounts


@pytest.fixture
def clock() -> WallClock:
    return WallClock()


@pytest.fixture
def accounts(tmp_path: Path, clock: WallClock) -> Iterator[Accounts]:
    accounts = open_accounts(tmp_path, clock, *Role)
    yield accounts
    accounts.close()


@pytest.fixture
def demo(tmp_path: Path, clock: WallClock) -> Iterator[Accounts]:
    accounts = open_accounts(tmp_path / "demo", clock, demo=True)
    yield accounts
    accounts.close()
