"""A plant of a thousand alarm bits on ten devices, with the runtime's alarms and a history, scanned by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from runtime.alarming import Alarming
from runtime.scan import Moment
from runtime.scan.alarms import definitions_of
from tagdb import Batch, DeviceInfo, Directory, Kind, Quality, Tag, TagStore
from tagdb.history import HistoryWriter

__all__ = ["ALARMS", "Burst"]

ALARMS = 1000
_WORDS = {"en": "Alarm", "ru": "Авария"}


class Burst:
    """Alarms of one run of the program."""

    def __init__(self, history: HistoryWriter, retained: Mapping[str, Any], alarms: int = ALARMS) -> None:
        names = [(f"mkz.gpu{n % 10}", f"warning_{n}") for n in range(alarms)]
        tags = [
            Tag(f"{device}.{point}", slot, Kind.BOOL, "mkz", device, "g", _WORDS, alarm="warning")
            for slot, (device, point) in enumerate(names)
        ]
        devices = [DeviceInfo(f"mkz.gpu{n}", "mkz", _WORDS, "m", _WORDS, "l", 1) for n in range(10)]
        directory = Directory(1, _WORDS, True, 0.1, tags, devices=devices)
        self.store = TagStore()
        self.store.install(tags)
        self._scan = 0
        self.directory = directory
        self.definitions = definitions_of(directory)
        self.alarming = Alarming(directory, self.definitions, {}, self.now(), retained, history)

    def scan(self, active: int) -> None:
        """One scan in which the first so many alarms are active."""
        self._scan += 1
        now = self.now()
        size = len(self.store)
        cells = (np.arange(size) < active).astype(float)
        good = np.full(size, Quality.GOOD, np.uint16)
        self.store.apply(Batch(np.arange(size), cells, good, now.time, now.monotonic), now.time)
        self.alarming.rule.evaluate(self.store, now)
        assert self.alarming.rule.fault == ""
        self.alarming.hand_on(self.store, now)

    def now(self) -> Moment:
        """The moment of the last scan."""
        return Moment(1_700_000_000.0 + self._scan, 1000.0 + self._scan)
