"""The troubles of a demo: one soon, and never so many that the operator of it could not follow."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from types import SimpleNamespace
from typing import Any

from runtime.simulator.incidents import Incidents


def test_a_demo_shows_an_alarm_soon_and_is_no_flood() -> None:
    genset: Any = SimpleNamespace(engine=SimpleNamespace(battery_low=False))
    incidents = Incidents(Random(1), 15.0)
    began = []
    for second in range(24 * 3600):
        before = genset.engine.battery_low
        incidents.step(1.0, [genset])
        if genset.engine.battery_low and not before:
            began.append(second)
    assert began[0] < 20
    assert len(began) <= 24 * 6 / 2, "two alarms each: one in ten minutes, EEMUA 191"
    assert min(b - a for a, b in pairwise(began)) >= 600
