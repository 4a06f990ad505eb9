"""Dead cycles go, soon if they are young and within the hour if they are old; the collector is given back."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from runtime.outputs import GarbageDuty


class Ring:
    """Refers to itself, so that only the collector can free it."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def duty() -> Iterator[GarbageDuty]:
    duty = GarbageDuty()
    duty.begin(0.0)
    yield duty
    duty.end()


def test_the_collector_does_not_run_by_itself(duty: GarbageDuty) -> None:
    ring = weakref.ref(Ring())
    keep = [[] for _ in range(5000)]  # far more than its threshold
    assert ring() is not None
    assert len(keep) == 5000


def test_young_garbage_goes_after_the_next_scan(duty: GarbageDuty) -> None:
    ring = weakref.ref(Ring())
    duty.step(0.1)
    assert ring() is None


def test_a_cycle_that_was_frozen_alive_and_died_goes_within_the_hour(duty: GarbageDuty) -> None:
    old = Ring()
    ring = weakref.ref(old)
    duty.step(1.0)
    del old
    duty.step(2.0)
    assert ring() is not None, "what is frozen costs nothing"
    duty.step(3600.0)
    assert ring() is None


def test_afterwards_everything_is_as_before() -> None:
    duty = GarbageDuty()
    duty.begin(0.0)
    duty.end()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
