"""A maintenance store on each database."""

from __future__ import annotations

import pytest

from programmes import standard_programme
from tagdb.maintenance import MaintenanceStore


@pytest.fixture
def store(url: str) -> MaintenanceStore:
    """The standard programme, and two engines that are maintained by it."""
    store = MaintenanceStore(url, demo=False)
    store.seed([standard_programme()], 1.0)
    store.adopt(["mkz.gpu1", "mkz.gpu2"], "standard", 1.0)
    return store
