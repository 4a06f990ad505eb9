"""Suppression by design: tags that, while set, suppress other alarms (ISA-18.2: "suppressed by design")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from runtime.scan.alarms.model import AlarmDefinition
from tagdb import Quality, Tag, TagStore, Words

__all__ = ["Suppression"]


_ENDS: Words = {}


class Suppression:
    """The suppressing tags of all definitions, looked at together."""

    def __init__(self, definitions: Iterable[AlarmDefinition], tags: Mapping[str, Tag]) -> None:
        """Raises KeyError when a tag does not exist."""
        rows = [definition for definition in definitions if definition.suppressed_by]
        self._keys = [row.key for row in rows]
        self._names = [row.suppressed_by for row in rows]
        self._reasons = [tags[name].label for name in self._names]
        self._slots = np.array([tags[name].slot for name in self._names], np.intp)
        #: -1 = not known yet
        self._set = np.full(len(rows), -1, np.int8)

    def scan(self, store: TagStore) -> Iterator[tuple[str, str, Words]]:
        """Key and suppressing tag, and what the tag is called where suppression begins; empty where it ends.

        A tag that is not good changes nothing: nothing is hidden on the word of an input that cannot be trusted.
        """
        if not self._slots.size:
            return
        now = (store.cell[self._slots] != 0.0).astype(np.int8)
        changed = (now != self._set) & (store.quality[self._slots] < Quality.LAST_KNOWN)
        for row in np.flatnonzero(changed):
            self._set[row] = now[row]
            yield self._keys[row], self._names[row], self._reasons[row] if now[row] else _ENDS
