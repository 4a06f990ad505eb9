"""The feed's core, step by step: who gets what, and that slow clients are skipped forward."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from flask import Flask

from tagdb import ImageWriter, Quality
from tests.ui.fake_plant import FakePlant
from ui.feed import Cursor, Feed, Subscription
from ui.language import Language

POWER, SPEED = "mkz.gpu1.power_total", "mkz.gpu1.engine_speed"


@pytest.fixture
def feed(app: Flask) -> Feed:
    feed: Feed = app.extensions["scada"].feed
    feed.step()
    return feed


class Client:
    def __init__(
        self, feed: Feed, *patterns: str, cursor: Cursor | None = None, language: Language = Language.RU
    ) -> None:
        self.feed = feed
        self.subscription: Subscription = feed.attach(patterns or ("mkz.gpu1.*",), language, False)
        self.cursor = cursor or Cursor()

    def receive(self) -> dict[str, Any] | None:
        frame, self.cursor = self.feed.next(self.subscription, self.cursor)
        return None if frame is None else json.loads(frame.payload)


def step(plant: FakePlant, feed: Feed, **values: float) -> None:
    for point, value in values.items():
        plant.set(f"mkz.gpu1.{point}", value)
    plant.scan()
    feed.step()


def test_one_snapshot_then_changes_and_nothing_else(plant: FakePlant, feed: Feed) -> None:
    client = Client(feed)
    first = client.receive()
    assert first is not None
    assert first["scan"] == plant.scans
    assert {tag["tag"] for tag in first["snapshot"]} == {t.name for t in plant.tags if t.device == "mkz.gpu1"}
    assert client.receive() is None
    step(plant, feed)
    assert client.receive() is None
    step(plant, feed, power_total=99.5)
    changes = client.receive()
    assert changes is not None
    assert list(changes) == ["changes", "scan"]
    assert [(tag["tag"], tag["value"]) for tag in changes["changes"]] == [(POWER, 99.5)]
    assert changes["scan"] == plant.scans
    assert client.receive() is None


def test_a_quality_alone_and_a_text_are_changes_too(plant: FakePlant, feed: Feed) -> None:
    client = Client(feed)
    client.receive()
    plant.set(POWER, plant.store.sample(POWER).value, Quality.STALE)  # type: ignore[arg-type]
    plant.set("mkz.gpu1.comm_error", "timeout")
    step(plant, feed)
    message = client.receive()
    assert message is not None
    assert {tag["tag"]: tag["reason"] or tag["value"] for tag in message["changes"]} == {
        POWER: "stale", "mkz.gpu1.comm_error": "timeout",
    }  # fmt: skip


def test_a_slow_client_gets_the_newest_state_once(plant: FakePlant, feed: Feed) -> None:
    client = Client(feed)
    client.receive()
    for value in range(50):
        step(plant, feed, power_total=float(value))
    step(plant, feed, engine_speed=1234)
    message = client.receive()
    assert message is not None
    assert {tag["tag"]: tag["value"] for tag in message["changes"]} == {POWER: 49.0, SPEED: 1234}
    assert client.receive() is None


def test_clients_with_the_same_subscription_share_one_message(plant: FakePlant, feed: Feed) -> None:
    one, two = Client(feed), Client(feed)
    one.receive(), two.receive()
    step(plant, feed, power_total=1.0)
    first, _ = feed.next(one.subscription, one.cursor)
    second, _ = feed.next(two.subscription, two.cursor)
    assert first is second
    assert first is not None


def test_resume_gets_only_what_changed_since(plant: FakePlant, feed: Feed) -> None:
    client = Client(feed)
    epoch = (client.receive() or {})["epoch"]
    since = plant.scans
    step(plant, feed, power_total=7.0)
    step(plant, feed)
    again = Client(feed, cursor=Cursor(epoch, 0, since))
    message = again.receive()
    assert message is not None
    assert [tag["tag"] for tag in message["changes"]] == [POWER]
    stranger = Client(feed, cursor=Cursor(epoch + 1, 0, since))
    assert "snapshot" in (stranger.receive() or {})


def test_resuming_from_before_the_feed_knew_needs_a_snapshot(plant: FakePlant, app: Flask) -> None:
    plant.scan(5)
    late: Feed = app.extensions["scada"].feed
    late.step()
    epoch = plant.image.epoch & ((1 << 53) - 1)
    client = Client(late, cursor=Cursor(epoch, 0, 2))
    assert "snapshot" in (client.receive() or {})


def test_a_new_generation_brings_a_new_snapshot(plant: FakePlant, feed: Feed) -> None:
    client = Client(feed)
    client.receive()
    plant.generation, plant.extra = 2, 2
    plant.install()
    step(plant, feed)
    message = client.receive()
    assert message is not None
    assert message["generation"] == 2
    assert len(message["snapshot"]) == sum(tag.device == "mkz.gpu1" for tag in plant.tags)


def test_a_stalled_scan_is_told_and_its_return_too(plant: FakePlant, feed: Feed) -> None:
    client = Client(feed)
    client.receive()
    plant.scan(age_s=60.0)
    feed.step()
    stale = client.receive()
    assert stale is not None
    assert (stale["stale"], stale["reason"]) == (True, "scan-stalled")
    assert stale["age_ms"] >= 60_000
    assert client.receive() is None
    step(plant, feed, power_total=3.0)
    assert (client.receive() or {})["stale"] is False
    assert [tag["value"] for tag in (client.receive() or {})["changes"]] == [3.0]


def test_a_runtime_that_stops_and_one_that_starts_again(plant: FakePlant, feed: Feed) -> None:
    client = Client(feed)
    first = client.receive() or {}
    plant.close()
    feed.step()
    gone = client.receive() or {}
    assert (gone["stale"], gone["reason"]) == (True, "no-runtime")
    plant.image = ImageWriter(plant.folder.image, plant.store.capacity, plant.store.text_capacity)
    plant.scans = 0
    step(plant, feed)
    assert (client.receive() or {})["stale"] is False
    again = client.receive() or {}
    assert again["epoch"] != first["epoch"]
    assert again["scan"] == 1


def test_a_killed_runtime_is_found_again(plant: FakePlant, feed: Feed) -> None:
    """It could not mark its image as retired; the new one is another file of the same name."""
    client = Client(feed)
    client.receive()
    plant.scan(age_s=60.0)
    feed.step()
    assert (client.receive() or {})["reason"] == "scan-stalled"
    old, plant.image = plant.image, ImageWriter(plant.folder.image, plant.store.capacity, plant.store.text_capacity)
    plant.scan()
    feed.step()
    feed.step()
    assert (client.receive() or {})["stale"] is False
    assert "snapshot" in (client.receive() or {})
    assert np.shares_memory(old._header, old._header)  # the old mapping lived until here


def test_languages_and_patterns(plant: FakePlant, feed: Feed) -> None:
    english = Client(feed, "*.gen_status", language=Language.EN)
    message = english.receive() or {}
    assert {tag["text"] for tag in message["snapshot"]} == {"Running"}
    assert len(message["snapshot"]) == 6
    nothing = Client(feed, "no.such.*")
    assert (nothing.receive() or {})["snapshot"] == []
    step(plant, feed, power_total=5.0)
    assert nothing.receive() is None


def test_ages_come_with_the_snapshot_on_request(plant: FakePlant, feed: Feed) -> None:
    subscription = feed.attach(["mkz.gpu1.power_*"], Language.RU, True)
    frame, _ = feed.next(subscription, Cursor())
    assert frame is not None
    message = json.loads(frame.payload)
    assert len(message["ages_s"]) == len(message["snapshot"])
    assert all(0 <= age < 60 for age in message["ages_s"])


def test_subscriptions_end_with_their_last_user(feed: Feed) -> None:
    one, two = Client(feed), Client(feed)
    assert feed.clients == 2
    feed.detach(one.subscription)
    feed.detach(two.subscription)
    assert feed.clients == 0
