"""Health of devices and links as tags: numbers and texts posted to the inbox like any other sample."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tagdb import Batch, Inbox, Quality

__all__ = ["HealthTags"]

#: how often everything is sent, changed or not, seconds
ALL_EVERY_S = 30.0


class HealthTags:
    """A few tags that one part of the field keeps up to date."""

    def __init__(self, slots: Mapping[str, int], inbox: Inbox, source: str) -> None:
        self._slots = slots
        self._inbox = inbox
        self._source = source
        self._last: dict[str, float | str] = {}
        self._all_sent_at = 0.0

    def post(self, values: Mapping[str, float | str], time: float, monotonic: float) -> None:
        """Send what changed since the last time; names without a tag are left out."""
        if monotonic - self._all_sent_at >= ALL_EVERY_S:  # an item may have been lost to a full inbox
            self._last.clear()
            self._all_sent_at = monotonic
        changed = {
            name: value for name, value in values.items() if name in self._slots and self._last.get(name) != value
        }
        if not changed:
            return
        self._last.update(changed)
        names = list(changed)
        texts = [(index, value) for index, name in enumerate(names) if isinstance(value := changed[name], str)]
        cells = [0.0 if isinstance(value, str) else float(value) for value in changed.values()]
        self._inbox.post(
            Batch(
                np.array([self._slots[name] for name in names], np.intp),
                np.array(cells),
                np.full(len(names), Quality.GOOD, np.uint16),
                time,
                monotonic,
                texts=texts,
                source=self._source,
            )
        )
