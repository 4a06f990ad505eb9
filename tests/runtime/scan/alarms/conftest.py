"""The small plant, before and after its first readings."""

import pytest

from tests.runtime.scan.alarms.plant import Plant


@pytest.fixture
def plant() -> Plant:
    return Plant()


@pytest.fixture
def running(plant: Plant) -> Plant:
    plant.online()
    return plant
