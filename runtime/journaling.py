"""Changes of state for the journal: gensets, breakers, mains and modes, from the tags that changed in a scan.

The first good reading after a start or a loss of connection only sets the base line: what was so before is no event
(field trouble 31). A connection is told when it is lost and when it is back, not each time an answer goes astray; one
that comes and goes is told some times, then once in a while with how often it changed.
"""

from __future__ import annotations

import fnmatch
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

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
_CONNECTION = "comm_state"
#: states of a connection as the journal sees them: a disturbed one is there; "connecting" says nothing
_CONNECTED: Mapping[int, int] = {1: 1, 2: 1, 3: 3}
#: changes of one connection that are told in so many seconds; those beyond are counted
_MOST, _WITHIN_S = 6, 600.0


@dataclass(slots=True)
class _State:
    tag: Tag
    category: str
    texts: Mapping[str, Words]
    #: the last good value; None = not known yet
    value: int | None = None
    #: of a connection: when it was told, monotonic seconds; what was told last; how many changes were not
    told: deque[float] = field(default_factory=lambda: deque(maxlen=_MOST))
    told_value: int | None = None
    untold: int = 0

    @property
    def connection(self) -> bool:
        """Whether it is that of a device."""
        return self.tag.name.endswith(f".{_CONNECTION}")

    def counted(self, cell: float) -> int | None:
        """The state as the journal counts them; None where it says nothing."""
        return _CONNECTED.get(int(cell)) if self.connection else int(cell)


class StateJournal:
    """Follows the states of one configuration; called by the scan's thread."""

    def __init__(self, directory: Directory) -> None:
        self._states: dict[int, _State] = {}
        self._slots = np.empty(0, np.intp)
        #: connections of which changes wait to be told
        self._held: set[int] = set()
        self.install(directory)

    def install(self, directory: Directory) -> None:
        """Take a new tag set over; states that stay keep what is known of them."""
        known = {state.tag.name: state for state in self._states.values()}
        self._states = {}
        for tag in directory.tags:
            category = _category(tag)
            if category:
                texts = directory.enums.get(tag.enum, {})
                before = known.get(tag.name)
                state = self._states[tag.slot] = _State(tag, category, texts)
                if before is not None:
                    state.value, state.told, state.told_value = before.value, before.told, before.told_value
                    state.untold = before.untold
        self._slots = np.array(sorted(self._states), np.intp)
        self._held = {slot for slot, state in self._states.items() if state.untold}

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
            now = state.counted(float(store.cell[slot]))
            if now is None:
                continue
            before, state.value = state.value, now
            if before is None or before == state.value or (state.tag.kind is Kind.BOOL and not state.value):
                continue
            if not state.connection or self._may_tell(state, int(slot), before, result.now.monotonic):
                found.append(_event(state, before, store, int(slot), result))
        for slot in [slot for slot in self._held if _calm(self._states[slot], result.now.monotonic)]:
            found.append(self._told_late(self._states[slot], slot, store, result))
        return found

    def _may_tell(self, state: _State, slot: int, before: int, now: float) -> bool:
        if state.untold or not _calm(state, now):
            state.untold += 1
            self._held.add(slot)
            return False
        state.told.append(now)
        state.told_value = state.value
        return True

    def _told_late(self, state: _State, slot: int, store: TagStore, result: ScanResult) -> Event:
        """How it stands now, and how often it changed meanwhile."""
        self._held.discard(slot)
        before, count = state.told_value, state.untold
        state.untold, state.told_value = 0, state.value
        state.told.append(result.now.monotonic)
        event = _event(state, before, store, slot, result)
        more = {"en": f" (changed {count} times)", "ru": f" (изменений: {count})"}
        text = {language: words + more[language] for language, words in event.text.items()}
        return replace(event, text=text, data={**event.data, "count": count})


def _calm(state: _State, now: float) -> bool:
    return len(state.told) < _MOST or now - state.told[0] >= _WITHIN_S


def _category(tag: Tag) -> str:
    """Of a device's own states; "" for every other tag."""
    if not tag.device or tag.kind not in (Kind.ENUM, Kind.BOOL) or tag.alarm:
        return ""
    point = tag.name.rpartition(".")[2]
    return next((category for pattern, category in WATCHED.items() if fnmatch.fnmatchcase(point, pattern)), "")


def _event(state: _State, before: int | None, store: TagStore, slot: int, result: ScanResult) -> Event:
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
