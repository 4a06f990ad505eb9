"""A small plant of the shipped maps, and rules written into files by the test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from registermaps import RegisterMap, load_maps, maps_folder
from runtime.rules import Plant, RuleSet, load_book
from runtime.rules.bench import bench_plant
from runtime.scan import Moment
from tagdb import Quality, TagStore, Value

DEVICES = {"mkz.gpu1": "hgm9520n", "mkz.gpu2": "hgm9520n", "mkz.shpr": "hgm9560", "old.gpu1": "hgm9520n"}


@pytest.fixture(scope="session")
def maps() -> dict[str, RegisterMap]:
    return load_maps(maps_folder())


@pytest.fixture(scope="session")
def plant(maps: dict[str, RegisterMap]) -> Plant:
    """Two sites; "old" has one genset alone, whose fuel level is switched off."""
    plant = bench_plant(DEVICES, maps)
    kept = [tag for tag in plant.tags.values() if tag.name != "old.gpu1.fuel_level"]
    return Plant.of(kept, plant.sites, plant.devices, plant.enums, maps)


class Site:
    """Rules running on the plant."""

    def __init__(self, folder: Path, plant: Plant) -> None:
        self.folder = folder
        self.plant = plant
        self.store = TagStore()
        self.now = Moment(1_700_000_000.0, 1000.0)
        #: key, active, quality, values, value: as reported
        self.told: list[tuple[str, bool, int, Mapping[str, Value], Value]] = []
        self.rules = RuleSet([], [])

    def load(self, **files: str) -> RuleSet:
        """Write the files, load the folder; a name with ``_py`` at its end is Python."""
        for name, body in files.items():
            path = self.folder / (f"{name[:-3]}.py" if name.endswith("_py") else f"{name}.yaml")
            path.write_text(body, encoding="utf-8")
        python = self.folder if list(self.folder.glob("*.py")) else None
        book = load_book([self.folder], python)
        whole = self.plant.with_tags(book.rows(self.plant))
        self.store.install(whole.tags.values())
        self.rules = book.bind(whole)
        self.rules.connect(self.report)
        return self.rules

    def report(
        self, key: str, active: bool, quality: int, now: Moment, values: Mapping[str, Value] | None, value: Value
    ) -> None:
        self.told.append((key, active, quality, values or {}, value))

    def set(self, name: str, value: float, quality: Quality = Quality.GOOD) -> None:
        self.store.set(name, value, quality, self.now.time)

    def scan(self, seconds: float = 1.0) -> None:
        self.now = Moment(self.now.time + seconds, self.now.monotonic + seconds)
        for rule in self.rules.due(self.store, self.now):
            rule.evaluate(self.store, self.now)

    def sample(self, name: str) -> tuple[Value, Quality]:
        sample = self.store.sample(name)
        return sample.value, sample.quality


@pytest.fixture
def site(tmp_path: Path, plant: Plant) -> Site:
    return Site(tmp_path, plant)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def make(body: str, name: str = "r.yaml") -> Path:
        path = tmp_path / name
        path.write_text(body, encoding="utf-8")
        return path

    return make
