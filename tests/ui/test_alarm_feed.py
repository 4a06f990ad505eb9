"""Changes of the alarm list for subscribers: all at first, then what changed and what ended, encoded once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.ui.fake_alarms import FakeAlarms, alarm
from tests.ui.fake_plant import FakePlant
from ui.alarm_feed import AlarmFeed
from ui.alarm_list import AlarmList
from ui.frame import Frame
from ui.language import Language
from ui.plant import Plant


@pytest.fixture
def runtime(plant: FakePlant) -> Iterator[FakeAlarms]:
    with FakeAlarms(plant.folder.channel, [alarm(1), alarm(2, "trip_reverse_power")]).answering() as fake:
        yield fake


@pytest.fixture
def feed(plant: FakePlant) -> AlarmFeed:
    reader = Plant(plant.folder.folder)
    return AlarmFeed(AlarmList(reader), reader)


def told(frame: Frame | None) -> dict[str, Any]:
    assert frame is not None
    message: dict[str, Any] = json.loads(frame.payload)
    return message


def test_all_at_first_then_what_changed(feed: AlarmFeed, runtime: FakeAlarms) -> None:
    frame, seen = feed.news(None, Language.EN)
    first = told(frame)
    assert [row["id"] for row in first["alarms"]] == [1, 2]
    assert (first["revision"], first["shelves"], first["counts"]) == (1, [], {"1": [1, 2]})
    runtime.alarms[0]["state"] = "acknowledged"
    runtime.alarms[1:] = [alarm(3, "block_charge_failure")]
    runtime.revision = 2
    frame, _ = feed.news(seen, Language.EN)
    change = told(frame)
    changed = [(row["id"], row["state"]) for row in change["alarm_changes"]]
    assert changed == [(1, "acknowledged"), (3, "unacknowledged")]
    assert (change["ended"], change["revision"]) == ([2], 2)
    other, _ = feed.news(seen, Language.EN)
    assert told(other) == change, "as for all who stand there"


def test_nothing_new_is_no_message(feed: AlarmFeed, runtime: FakeAlarms) -> None:
    _, seen = feed.news(None, Language.RU)
    assert feed.news(seen, Language.RU)[0] is None


def test_without_a_runtime_nothing_is_said(feed: AlarmFeed) -> None:
    assert feed.news(None, Language.RU) == (None, None)
