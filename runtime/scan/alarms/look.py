"""What the engine sees in one scan: the tags as they are now, and the snapshots taken of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from runtime.scan.alarms.model import AlarmDefinition
from runtime.scan.clock import Moment
from tagdb import Kind, Quality, Tag, TagStore, Value, value_of

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
        taken = self._snapshots.get(names)
        if taken is None:
            samples = {name: self.store.sample(name) for name in names if name in self.store}
            taken = self._snapshots[names] = {
                name: {"value": sample.value, "quality": int(sample.quality)} for name, sample in samples.items()
            }
        return taken

    def value(self, tag: Tag) -> tuple[Value, float | None]:
        """What the tag says, and since when by the device's clock."""
        slot, store = tag.slot, self.store
        text = store.text[tag.text_row].decode("utf-8", "replace") if tag.kind is Kind.TEXT else ""
        source_time = store.source_time.item(slot)
        value = value_of(tag.kind, store.cell.item(slot), tag.decimals, text)
        return value, None if math.isnan(source_time) else source_time

    def why(self, definition: AlarmDefinition) -> str:
        """Why the alarm's tag is not to be trusted; "" for an alarm without one."""
        tag = self.store.tags.get(definition.tag)
        return Quality(int(self.store.quality[tag.slot])).reason if tag is not None else ""
