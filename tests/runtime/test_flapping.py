"""A device whose connection comes and goes: no alarm doubles, and a flap costs a known number of lines."""

from __future__ import annotations

from collections import Counter

import pytest

from runtime.alarming import Alarming
from tagdb import Quality
from tagdb.history import AlarmRecord, Event
from tests.runtime.scan.alarms.plant import Plant
from tests.runtime.test_alarming import Sink, of

FLAPS = 50


class Flapping:
    """A plant with its journal; three alarms of the device are open."""

    def __init__(self) -> None:
        self.plant, self.sink = Plant(), Sink()
        plant = self.plant
        self.alarming = Alarming(plant.directory, plant.definitions, {}, plant.now, {}, self.sink)  # type: ignore[arg-type]
        self.found(stop=0, trip=0, warn=0)
        self.scan()
        self.found(stop=1, trip=1, warn=1)
        self.scan()
        self.items = self.sink.items()

    def scan(self, after_s: float = 0.1) -> None:
        self.plant.clock.now += after_s
        self.alarming.rule.evaluate(self.plant.store, self.plant.now)
        assert self.alarming.rule.fault == ""
        self.alarming.hand_on(self.plant.store, self.plant.now)

    def lost(self) -> None:
        self.plant.set(comm_state=3)
        self.plant.set(Quality.NOT_CONNECTED, stop=1, trip=1, warn=1)

    def found(self, **bits: float) -> None:
        self.plant.set(comm_state=1)
        self.plant.poll(**bits)

    def flap(self, back_s: float) -> list[Event]:
        """Lost, and back for so long; the journal's lines of it."""
        self.lost()
        self.scan()
        self.found(stop=1, trip=1, warn=1)
        for _ in range(int(back_s * 10)):
            self.scan()
        items = self.sink.items()
        self.items += items
        return of(Event, items)


@pytest.fixture
def flapping() -> Flapping:
    return Flapping()


def test_quick_flaps_are_one_loss(flapping: Flapping) -> None:
    lines = [flapping.flap(back_s=3.0) for _ in range(FLAPS)]
    assert Counter(event.event for flap in lines for event in flap) == {"raise": 1, "unsafe-several": 1}
    assert len({record.id for record in of(AlarmRecord, flapping.items)}) == 4


def test_slow_flaps_cost_four_lines_each_and_double_nothing(flapping: Flapping) -> None:
    lines = [flapping.flap(back_s=6.0) for _ in range(FLAPS)]
    first, *others = (sorted(event.event for event in flap) for flap in lines)
    assert first == ["raise", "resolve-several", "return", "unsafe-several"]
    assert all(flap == ["raise-again", "resolve-several", "return", "unsafe-several"] for flap in others)
    assert len({record.id for record in of(AlarmRecord, flapping.items)}) == 4, "three bits and the loss"
    told = lines[0][[event.event for event in lines[0]].index("unsafe-several")]
    assert (told.key, told.device, told.text["ru"], told.comment) == (
        "mkz.gpu1", "mkz.gpu1", "Аварии устройства: 3", "not connected",
    )  # fmt: skip
    assert {row["key"] for row in told.data["alarms"]} == {f"mkz.gpu1.{name}" for name in ("stop", "trip", "warn")}
    assert all(row["occurrence"] for row in told.data["alarms"]), "each leads to its occurrence"
    open_now = {definition.key for definition, _ in flapping.alarming.engine.open()}
    assert open_now == {f"mkz.gpu1.{name}" for name in ("stop", "trip", "warn", "comm_state")}


def test_an_acknowledged_loss_that_flaps_is_an_occurrence_each_and_chatters(flapping: Flapping) -> None:
    for _ in range(5):
        flapping.lost()
        flapping.scan()
        flapping.alarming.engine.orders.acknowledge(["mkz.gpu1.comm_state"], "anna", "", flapping.plant.now)
        flapping.flap(back_s=6.0)
    losses = {record.id for record in of(AlarmRecord, flapping.items) if record.key == "mkz.gpu1.comm_state"}
    assert len(losses) == 5, "who acknowledged one has seen that one"
    figures = flapping.alarming.figures(flapping.plant.now)
    assert [row["key"] for row in figures["chattering"]] == ["mkz.gpu1.comm_state"]
