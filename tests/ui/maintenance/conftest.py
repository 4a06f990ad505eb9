"""A UI over a fake plant and a maintenance store with two engines, and an engineer's client."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from programmes import standard_programme
from tagdb.accounts import Role
from tagdb.maintenance import MaintenanceStore
from tests.ui.conftest import accounts_of, as_role, make_app
from tests.ui.fake_plant import FakePlant

DAY = 86400.0
#: noon UTC of 23 November 2026
NOW = 1795435200.0
CRITICAL = ("to1.change_engine_oil", "to1.replace_oil_filter", "to1.check_oil_pressure")


class Desk:
    """Somebody at the pages."""

    def __init__(self, app: Flask, store: MaintenanceStore) -> None:
        self.app, self.store = app, store
        self.client = as_role(app, Role.ENGINEER)

    def get(self, path: str) -> Any:
        answer = self.client.get(f"/api/maintenance{path}")
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def send(self, method: str, path: str, status: int = 200, role: Role = Role.ENGINEER, **body: Any) -> Any:
        client = self.client if role is Role.ENGINEER else as_role(self.app, role)
        answer = client.open(f"/api/maintenance{path}", method=method, json=body)
        assert answer.status_code == status, answer.text
        return answer.get_json()

    def start(self, number: str = "service-1", level: str = "to1") -> Any:
        return self.send("POST", "/services", 201, id=number, device="mkz.gpu1", level=level)

    def fill(self, number: str = "service-1") -> None:
        for task in CRITICAL:
            self.send("PUT", f"/services/{number}/items/{task}", answer="done", revision=0, stamp=task)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """mkz.gpu1 had all its services at 1,000 h ten days ago and runs 20 h a day; mkz.gpu2 has no log."""
    plant = FakePlant(tmp_path / "run")
    url = f"sqlite:///{tmp_path}/history.sqlite3"
    store = MaintenanceStore(url, demo=False)
    store.seed([standard_programme()], 1.0)
    store.adopt(["mkz.gpu1", "mkz.gpu2"], "standard", 1.0)
    store.enter("initial-1", "mkz.gpu1", "to4", NOW - 10 * DAY, 1000.0, "Иванов", NOW)
    for day in range(10, -1, -1):
        store.note_points({"mkz.gpu1": 1200.0 - 20.0 * day, "mkz.gpu2": 16908.0}, NOW - day * DAY)
    app = make_app(plant.folder.folder, "en", history=url, photos=tmp_path / "photos")
    app.extensions["scada-maintenance"].clock = lambda: NOW
    yield Desk(app, store)
    accounts_of(app).close()
    plant.close()
