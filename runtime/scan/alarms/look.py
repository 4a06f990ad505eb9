"""What the engine sees in one scan: the tags as they are now, and the snapshots taken of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from runtime.scan.alarms.alarm import Alarm
from runtime.scan.alarms.model import AlarmDefinition
from runtime.scan.clock import Moment
from tagdb import Kind, Quality, Tag, TagStore, value_of

__all__ = ["Look"]


class Look:
    """The tags at one moment."""

    def __init__(self, store: TagStore, now: Moment) -> None:
        self.store = store
        self.now = now
        self._snapshots: dict[tuple[str, ...], Mapping[str, Mapping[str, Any]]] = {}

    def snapshot(self, definition: AlarmDefinition) -> Mapping[str, Mapping[str, Any]]:
        """Tag -> {"value", "quality"} of the tags that are kept with the alarm; the alarms of a burst share one."""
        names = definition.snapshot
        if names not in self._snapshots:
            samples = {name: self.store.sample(name) for name in names if name in self.store}
            self._snapshots[names] = {
                name: {"value": sample.value, "quality": int(sample.quality)} for name, sample in samples.items()
            }
        return self._snapshots[names]

    def take_value(self, alarm: Alarm, tag: Tag) -> None:
        """The alarm's value and source time are those of its tag now."""
        slot, store = tag.slot, self.store
        text = store.text[tag.text_row].decode("utf-8", "replace") if tag.kind is Kind.TEXT else ""
        alarm.value = value_of(tag.kind, float(store.cell[slot]), tag.decimals, text)
        source_time = float(store.source_time[slot])
        alarm.source_time = None if math.isnan(source_time) else source_time

    def why(self, definition: AlarmDefinition) -> str:
        """Why the alarm's tag is not to be trusted; "" for an alarm without one."""
        tag = self.store.tags.get(definition.tag)
        return Quality(int(self.store.quality[tag.slot])).reason if tag is not None else ""
