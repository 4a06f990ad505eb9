"""A small plant of alarm tags on two devices, scanned by hand."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from runtime.scan import Moment
from runtime.scan.alarms import AlarmDefinition, AlarmEngine, Transition, definitions_of
from tagdb import Batch, DeviceInfo, Directory, Kind, Quality, Tag, TagStore
from tests.support.clock import ManualClock

_BOOL, _INT, _FLOAT, _ENUM, _TEXT = Kind.BOOL, Kind.INT, Kind.FLOAT, Kind.ENUM, Kind.TEXT

#: name, kind, alarm class
TAGS: tuple[tuple[str, Kind, str], ...] = (
    ("mkz.gpu1.stop", _BOOL, "shutdown"),
    ("mkz.gpu1.trip", _BOOL, "trip"),
    ("mkz.gpu1.warn", _BOOL, "warning"),
    ("mkz.gpu1.service", _BOOL, "indication"),
    ("mkz.gpu1.unknown", _INT, "warning"),
    ("mkz.gpu1.comm_state", _ENUM, ""),
    ("mkz.gpu1.comm_error", _TEXT, ""),
    ("mkz.gpu1.power_total", _FLOAT, ""),
    ("mkz.gpu1.maintenance", _BOOL, ""),
    ("mkz.gpu2.stop", _BOOL, "shutdown"),
    ("mkz.gpu2.comm_state", _ENUM, ""),
    ("scada.scan.overruns", _INT, ""),
    ("scada.config.error", _TEXT, ""),
)


def directory() -> Directory:
    texts = [name for name, kind, _ in TAGS if kind is _TEXT]
    tags = []
    for slot, (name, kind, alarm) in enumerate(TAGS):
        site, device, _ = name.split(".") if name.startswith("mkz") else ("", "", "")
        tags.append(
            Tag(
                name, slot, kind, site, f"{site}.{device}" if device else "", "g", {"en": name, "ru": name},
                alarm=alarm, text_row=texts.index(name) if name in texts else -1,
            )
        )  # fmt: skip
    words = {"en": "", "ru": ""}
    devices = [DeviceInfo(name, "mkz", words, "m", words, "l", 1) for name in ("mkz.gpu1", "mkz.gpu2")]
    return Directory(1, words, True, 0.1, tags, devices=devices)


class Plant:
    """Tags, a clock and an engine; names of tags and devices without their ``mkz.gpu1.``."""

    def __init__(self, clock: ManualClock | None = None) -> None:
        self.clock = clock or ManualClock()
        self.directory = directory()
        self.definitions = definitions_of(self.directory)
        self.store = TagStore()
        self.store.install(self.directory.tags)
        self.engine = AlarmEngine(self.definitions, self.store.tags, self.now)
        self.log: list[Transition] = []

    @property
    def now(self) -> Moment:
        return Moment(self.clock.time(), self.clock.monotonic())

    def key(self, name: str) -> str:
        return name if "." in name else f"mkz.gpu1.{name}"

    def set(self, quality: Quality = Quality.GOOD, source_time: float | None = None, **values: float) -> None:
        """Give tags values and qualities as a poller would."""
        self.write({self.key(name): value for name, value in values.items()}, quality, source_time)

    def poll(self, **values: float) -> None:
        """Read all alarm bits of the first device, with these changed."""
        now = {
            name: self.store.cell[self.store.tags[name].slot]
            for name, _, alarm in TAGS
            if alarm and name.startswith("mkz.gpu1")
        }
        self.write(now | {self.key(name): value for name, value in values.items()})

    def write(
        self, values: Mapping[str, float], quality: Quality = Quality.GOOD, source_time: float | None = None
    ) -> None:
        slots = np.array([self.store.tags[name].slot for name in values], np.intp)
        quality_of = np.full(len(values), quality, np.uint16)
        source = self.now.time if source_time is None else source_time
        cells = np.array(list(values.values()), float)
        self.store.apply(Batch(slots, cells, quality_of, source, self.now.monotonic), self.now.time)

    def text(self, name: str, text: str) -> None:
        slot = np.array([self.store.tags[name].slot], np.intp)
        good = np.full(1, Quality.GOOD, np.uint16)
        self.store.apply(Batch(slot, np.zeros(1), good, 0.0, 0.0, texts=[(0, text)]), self.now.time)

    def online(self) -> None:
        """Everything is read once and nothing is set."""
        self.write({name: 1.0 if "comm_state" in name else 0.0 for name, kind, _ in TAGS if kind is not _TEXT})
        assert self.scan() == []

    def scan(self, after_s: float = 0.1) -> list[str]:
        """Scan once; the events as "name: event > state"."""
        self.clock.now += after_s
        found = self.engine.evaluate(self.store, self.now)
        self.log += found
        return [f"{short(step.key)}: {step.event} > {step.after}" for step in found]

    def state(self, name: str) -> str:
        alarm = self.engine.alarm(self.key(name))
        assert alarm is not None
        return str(alarm.state)

    def restart(self, definitions: Iterable[AlarmDefinition] | None = None) -> list[dict[str, Any]]:
        """Kill the engine and start another from what it left; tags are unread again."""
        rows = self.engine.dump(self.now)
        self.store = TagStore()
        self.store.install(self.directory.tags)
        chosen = self.definitions if definitions is None else list(definitions)
        self.engine = AlarmEngine(chosen, self.store.tags, self.now, rows)
        return rows


def short(key: str) -> str:
    return key.removeprefix("mkz.gpu1.")
