"""The controllers' clocks against ours: drift, torn readings, dates that are none, hysteresis of the alarm."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from registermaps import load_maps, maps_folder
from runtime.clocks import Clocks, drift_s, read_clock
from runtime.scan import Moment
from tagdb import Batch, DeviceInfo, Directory, Kind, Quality, Tag, TagStore

PARTS = ("second", "minute", "hour", "day", "month", "year")
NOON = datetime(2026, 11, 27, 12, 0, 0, tzinfo=UTC).timestamp()
WORDS = {"en": "", "ru": ""}


def shown(*parts: int) -> datetime:
    """What a clock shows: no zone."""
    return datetime(*parts)  # type: ignore[arg-type] # noqa: DTZ001


class Controller:
    """One HGM9560 whose clock is read by hand."""

    def __init__(self, limit_s: float = 60.0) -> None:
        names = [*(f"rtc_{part}" for part in PARTS), "clock_drift_s", "clock_off"]
        home = "mkz", "mkz.shpr", "g", WORDS
        tags = [Tag(f"mkz.shpr.{name}", slot, Kind.INT, *home) for slot, name in enumerate(names)]
        tags.append(Tag("mkz.shpr.clock_time", len(names), Kind.TEXT, *home, text_row=0))
        device = DeviceInfo("mkz.shpr", "mkz", WORDS, "hgm9560", WORDS, "l", 1)
        other = DeviceInfo("mkz.gpu1", "mkz", WORDS, "hgm9520n", WORDS, "l", 1)
        self.store = TagStore()
        self.store.install(tags)
        directory = Directory(1, WORDS, True, 0.1, tags, devices=[device, other])
        self.clocks = Clocks(directory, load_maps(maps_folder()), limit_s, "UTC")

    def read(self, face: datetime, at: float, quality: Quality = Quality.GOOD, parts: int = 6) -> None:
        values = [face.second, face.minute, face.hour, face.day, face.month, face.year % 100][:parts]
        slots = np.arange(parts)
        cells = np.array(values, float)
        self.store.apply(Batch(slots, cells, np.full(parts, quality, np.uint16), at, 0.0), at)
        self.clocks.rule.evaluate(self.store, Moment(at, 0.0))
        assert self.clocks.rule.fault == ""

    def told(self) -> tuple[object, object, Quality]:
        drift = self.store.sample("mkz.shpr.clock_drift_s")
        return drift.value, bool(self.store.value("mkz.shpr.clock_off")), drift.quality


def test_a_clock_that_is_ahead_is_told_and_shown_beside() -> None:
    controller = Controller()
    controller.read(shown(2026, 11, 27, 12, 0, 45), NOON)
    assert controller.told() == (45, False, Quality.GOOD)
    controller.read(shown(2026, 11, 27, 12, 2, 15), NOON + 10)
    assert controller.told() == (125, True, Quality.GOOD)
    assert controller.store.value("mkz.shpr.clock_time") == "2026-11-27 12:02:15"
    assert controller.store.sample("mkz.shpr.clock_drift_s").source_time == NOON + 10, "our time, not the controller's"


def test_a_clock_at_the_limit_does_not_chatter() -> None:
    controller = Controller()
    for drift, off in ((60, False), (61, True), (59, True), (50, True), (48, False), (59, False), (-61, True)):
        moment = datetime.fromtimestamp(NOON + drift, UTC).replace(tzinfo=None)
        controller.read(moment, NOON + drift / 1e6)
        assert controller.told()[:2] == (drift, off)


def test_quality_goes_along_and_the_last_drift_stays() -> None:
    controller = Controller()
    controller.read(shown(2026, 11, 27, 12, 0, 45), NOON)
    controller.read(shown(2026, 11, 27, 12, 0, 46), NOON, Quality.NOT_CONNECTED)
    assert controller.told() == (45, False, Quality.NOT_CONNECTED)
    controller.read(shown(2026, 11, 27, 12, 0, 57), NOON + 12)
    assert controller.told() == (45, False, Quality.GOOD)


def test_what_is_no_date_is_out_of_range() -> None:
    controller = Controller()
    controller.read(shown(2026, 11, 27, 12, 0, 45), NOON)
    slots = np.arange(6)
    cells = np.array([0, 0, 12, 31, 2, 26], float)
    controller.store.apply(Batch(slots, cells, np.full(6, Quality.GOOD, np.uint16), NOON + 5, 0.0), NOON + 5)
    controller.clocks.rule.evaluate(controller.store, Moment(NOON + 5, 0.0))
    assert controller.told()[2] is Quality.OUT_OF_RANGE


def test_a_reading_in_two_pieces_tells_no_time() -> None:
    controller = Controller()
    controller.read(shown(2026, 11, 27, 12, 0, 59), NOON + 59)
    controller.read(shown(2026, 11, 27, 12, 1, 0), NOON + 60, parts=1)
    assert controller.told() == (0, False, Quality.GOOD), "59 -> 0 seconds of the old minute would be a minute off"


def test_a_clock_that_is_not_watched_is_shown() -> None:
    controller = Controller(limit_s=0.0)
    controller.read(shown(2020, 1, 1), NOON)
    assert controller.told()[1] is False


def test_two_digits_and_four_mean_the_same_year() -> None:
    assert read_clock(26, 11, 27, 12, 0, 0) == read_clock(2026, 11, 27, 12, 0, 0)
    assert read_clock(26, 2, 30, 0, 0, 0) is None
    assert read_clock(0, 0, 0, 0, 0, 0) is None


@pytest.mark.parametrize(("zone", "drift"), [("UTC", 10800), ("Europe/Moscow", 0), ("Asia/Yekaterinburg", -7200)])
def test_the_zone_the_clock_is_set_to_counts(zone: str, drift: float) -> None:
    assert drift_s(shown(2026, 11, 27, 15, 0, 0), NOON, ZoneInfo(zone)) == drift


def test_the_hour_that_comes_twice_is_no_drift() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    for moment in (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)):
        assert drift_s(shown(2026, 10, 25, 2, 30), moment.timestamp(), berlin) == 0
