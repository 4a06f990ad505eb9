"""Changes of state for the journal: gensets, breakers, mains and modes, from the tags that changed in a scan.

The first good reading after a start or a loss of connection only sets the base line: what was so before is no event
(field trouble 31).
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from runtime.scan.result import ScanResult
from tagdb import Directory, Kind, Quality, Tag, TagStore, Words
from tagdb.history import Event

__all__ = ["WATCHED", "StateJournal"]

#: name of a point -> category of the journal; enumerations tell every change, bits tell when they are set
WATCHED: Mapping[str, str] = {
    "gen_status": "device",
    "genset_status": "device",
    "*_switch_status": "breaker",
    "mains_status": "mains",
    "mode_*": "mode",
    "comm_state": "device",
    "load_mode": "mode",
}


@dataclass(slots=True)
class _State:
    tag: Tag
    category: str
    texts: Mapping[str, Words]
    #: the last good value; None = not known yet
    value: int | None = None


class StateJournal:
    """Follows the states of one configuration; called by the scan's thread."""

    def __init__(self, directory: Directory) -> None:
        self._states: dict[int, _State] = {}
        self._slots = np.empty(0, np.intp)
        self.install(directory)

    def install(self, directory: Directory) -> None:
        """Take a new tag set over; states that stay keep what is known of them."""
        known = {state.tag.name: state.value for state in self._states.values()}
        self._states = {}
        for tag in directory.tags:
            category = _category(tag)
            if category:
                texts = directory.enums.get(tag.enum, {})
                self._states[tag.slot] = _State(tag, category, texts, known.get(tag.name))
        self._slots = np.array(sorted(self._states), np.intp)

    def events(self, store: TagStore, result: ScanResult) -> list[Event]:
        """What the scan that has just ended changed."""
        found = []
        for slot in np.intersect1d(result.changed, self._slots, assume_unique=True):
            state = self._states[int(slot)]
            quality = int(store.quality[slot])
            if quality == Quality.NOT_CONNECTED:
                state.value = None
            if quality >= Quality.LAST_KNOWN or np.isnan(store.cell[slot]):
                continue
            before, state.value = state.value, int(store.cell[slot])
            if before is None or before == state.value or (state.tag.kind is Kind.BOOL and not state.value):
                continue
            found.append(_event(state, before, store, int(slot), result))
        return found


def _category(tag: Tag) -> str:
    """Of a device's own states; "" for every other tag."""
    if not tag.device or tag.kind not in (Kind.ENUM, Kind.BOOL) or tag.alarm:
        return ""
    point = tag.name.rpartition(".")[2]
    return next((category for pattern, category in WATCHED.items() if fnmatch.fnmatchcase(point, pattern)), "")


def _event(state: _State, before: int, store: TagStore, slot: int, result: ScanResult) -> Event:
    tag, now = state.tag, state.value
    words = {language: _words(state, now, language) for language in ("en", "ru")}
    text = {language: ": ".join(filter(None, (tag.label[language], word))) for language, word in words.items()}
    return Event(
        time=result.now.time,
        source_time=float(store.source_time[slot]),
        category=state.category,
        site=tag.site,
        device=tag.device,
        key=tag.name,
        event="change",
        text=text,
        before=_words(state, before, "en") or str(before),
        after=words["en"] or str(now),
        data={"before": before, "after": now},
    )


def _words(state: _State, value: int | None, language: str) -> str:
    return str(state.texts.get(str(value), {}).get(language, ""))
