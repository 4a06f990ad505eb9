"""The controllers' own clocks, held against ours: how far each is off. They are shown, and no time is taken from them.

Stage: a rule of the scan, ahead of the alarms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from registermaps import RegisterMap
from runtime.scan import Moment, Rule
from tagdb import Batch, Directory, Quality, Tag, TagStore

__all__ = ["Clocks", "drift_s"]

PARTS = ("year", "month", "day", "hour", "minute", "second")
#: an alarm that is on goes off at so much of the limit
_BACK = 0.8


@dataclass(frozen=True, slots=True)
class _Clock:
    drift: Tag
    off: Tag
    shown: Tag


class Clocks:
    """All controllers of one configuration that have a clock."""

    def __init__(
        self, directory: Directory, maps: Mapping[str, RegisterMap], limit_s: float, zone: str
    ) -> None:
        """``limit_s``: beyond it a clock counts as wrong, 0 = never. ``zone``: as ``[alarms] clock_zone``."""
        self._limit_s = limit_s
        self._zone = ZoneInfo(zone) if zone else None
        tags = {tag.name: tag for tag in directory.tags}
        self._clocks: list[_Clock] = []
        slots = []
        for device in directory.devices:
            points = maps[device.map].clock if device.map in maps else {}
            names = [f"{device.name}.{points[part]}" for part in PARTS if part in points]
            if names and all(name in tags for name in names):
                own = (tags[f"{device.name}.{name}"] for name in ("clock_drift_s", "clock_off", "clock_time"))
                self._clocks.append(_Clock(*own))
                slots.append([tags[name].slot for name in names])
        self._slots = np.array(slots, np.intp).reshape(-1, len(PARTS))
        self._source = np.full(len(self._clocks), -1.0)
        self._quality = np.full(len(self._clocks), -1, np.int64)
        self.rule = Rule("clocks", self._evaluate, tuple(c.drift.name for c in self._clocks))

    def _evaluate(self, store: TagStore, now: Moment) -> None:
        if not self._clocks:
            return
        quality = store.quality[self._slots].max(axis=1).astype(np.int64)
        times = store.source_time[self._slots]
        # A clock that was read in two pieces may have struck in between: only one reading tells a time.
        whole = times.min(axis=1) == times.max(axis=1)
        source = times[:, 0]
        news = (quality != self._quality) | (whole & (source != self._source))
        for row in np.flatnonzero(news).tolist():
            self._quality[row], self._source[row] = quality[row], source[row]
            self._tell(row, store, int(quality[row]), float(source[row]), now)

    def _tell(self, row: int, store: TagStore, quality: int, source: float, now: Moment) -> None:
        clock = self._clocks[row]
        cells = store.cell[self._slots[row]]
        usable = quality < Quality.LAST_KNOWN and not np.isnan(cells).any()
        told = read_clock(*cells.astype(int).tolist()) if usable else None
        if told is None:
            bad = Quality(quality) if quality >= Quality.LAST_KNOWN else Quality.OUT_OF_RANGE
            for tag in (clock.drift, clock.off):
                store.set(tag.name, float(store.cell[tag.slot]), bad, now.time)
            return
        drift = drift_s(told, source, self._zone)
        was = bool(store.cell[clock.off.slot] == 1.0)
        limit = self._limit_s * (_BACK if was else 1.0)
        store.set(clock.drift.name, float(round(drift)), Quality.GOOD, now.time)
        store.set(clock.off.name, float(self._limit_s > 0 and abs(drift) > limit), Quality.GOOD, now.time)
        text = [(0, told.isoformat(" "))]
        good = np.full(1, Quality.GOOD, np.uint16)
        store.apply(Batch(np.array([clock.shown.slot]), np.zeros(1), good, source, now.monotonic, texts=text), now.time)


def read_clock(year: int, month: int, day: int, hour: int, minute: int, second: int) -> datetime | None:
    """What a controller's clock shows, without a zone; its year may have two digits. None for what is no date."""
    try:
        return datetime(year + 2000 if year < 100 else year, month, day, hour, minute, second)  # noqa: DTZ001
    except ValueError:
        return None


def drift_s(shown: datetime, read_at: float, zone: ZoneInfo | None) -> float:
    """Seconds that a clock is ahead of ours.

    Args:
        shown: what it shows, in its own zone.
        read_at: when it was read, Unix seconds.
        zone: what it is set to; None = the machine's.
    """
    # When the clocks go back, an hour comes twice; the nearer one is meant.
    moments = (shown.replace(tzinfo=zone, fold=fold).timestamp() for fold in (0, 1))
    return min((moment - read_at for moment in moments), key=abs)
