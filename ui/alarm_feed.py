"""Changes of the alarm list for those who subscribed to them, encoded once for all connections.

Stage: alarm list of the newest revision -> what is new since a connection last looked -> frame of its WebSocket.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tagdb import ChannelError
from ui.alarm_list import AlarmList, shelf_row, summary
from ui.frame import Frame
from ui.language import Language
from ui.plant import Plant

__all__ = ["AlarmFeed", "AlarmState"]


@dataclass(frozen=True, slots=True, eq=False)
class AlarmState:
    """The alarm list at one revision, in one language."""

    revision: float
    #: number of the occurrence -> its JSON
    rows: Mapping[int, str]
    #: JSON of the shelves and of the counts
    shelves: str
    counts: str


class AlarmFeed:
    """Shared by all connections; each keeps the state that it has seen."""

    def __init__(self, alarm_list: AlarmList, plant: Plant) -> None:
        self._list = alarm_list
        self._plant = plant
        self._lock = threading.Lock()
        self._told: Mapping[str, Any] | None = None
        self._states: dict[Language, AlarmState] = {}
        self._before: dict[int, tuple[dict[str, Any], dict[Language, str]]] = {}
        self._frames: dict[tuple[AlarmState, AlarmState], Frame | None] = {}

    def news(self, seen: AlarmState | None, language: Language) -> tuple[Frame | None, AlarmState | None]:
        """What brings a connection up to date (None: it is, or the runtime does not answer), and what it then knows."""
        try:
            told = self._list.told()
        except ChannelError:
            return None, seen  # the feed of the tags says so
        with self._lock:
            state = self._state(told, language)
            if seen is state:
                return None, seen
            if seen is None:
                return _whole(state), state
            if (seen, state) not in self._frames:
                self._frames[seen, state] = _change(seen, state)
            return self._frames[seen, state], state

    def _state(self, told: Mapping[str, Any], language: Language) -> AlarmState:
        if told is not self._told:
            self._told = told
            self._states, self._frames = {}, {}
            kept = self._before
            self._before = {}
            for row in told["alarms"]:
                known = kept.get(row["id"])
                self._before[row["id"]] = known if known is not None and known[0] == row else (row, {})
        if language not in self._states:
            view = self._plant.seen()
            rows = {}
            for number, (row, texts) in self._before.items():
                if language not in texts:
                    texts[language] = json.dumps(summary(row, view, language), ensure_ascii=False)
                rows[number] = texts[language]
            shelves = json.dumps([shelf_row(row) for row in told.get("shelves", [])], ensure_ascii=False)
            counts = json.dumps(told.get("counts", {}))
            self._states[language] = AlarmState(float(told["revision"]), rows, shelves, counts)
        return self._states[language]


def _tail(state: AlarmState) -> str:
    return f'"shelves":{state.shelves},"counts":{state.counts},"revision":{state.revision:g}'


def _whole(state: AlarmState) -> Frame:
    return Frame(f'{{"alarms":[{",".join(state.rows.values())}],{_tail(state)}}}')


def _change(seen: AlarmState, state: AlarmState) -> Frame | None:
    changed = [text for number, text in state.rows.items() if seen.rows.get(number) != text]
    ended = [number for number in seen.rows if number not in state.rows]
    if not changed and not ended and (seen.shelves, seen.counts) == (state.shelves, state.counts):
        return None
    return Frame(f'{{"alarm_changes":[{",".join(changed)}],"ended":{json.dumps(ended)},{_tail(state)}}}')
