"""The open alarms as the runtime tells them, asked for once per revision, and alarms in the form of the API.

Stage: command channel or history -> rows with ISO times and texts -> REST.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from typing import Any

from tagdb import Kind, Quality, Tag
from tagdb.history import AlarmRecord
from ui.alarm_summary import AlarmSummary, summarise
from ui.encode import display, iso
from ui.language import Language
from ui.plant import NoRuntime, Plant, View, quality_of

__all__ = ["AlarmList", "past_row", "shelf_row", "snapshot_rows", "summary"]

REVISION = "scada.alarms.revision"
_TIMES = ("raised_at", "source_time", "acknowledged_at", "returned_at", "cleared_at", "last_raised_at")
_PLAIN = ("id", "key", "tag", "site", "device", "label", "priority", "kind", "code", "state", "active", "acknowledged",
          "who", "comment", "first_out", "group", "present_at_start", "again", "help", "latched")  # fmt: skip
_DEFAULTS: Mapping[str, Any] = {
    "tag": "", "site": "", "device": "", "label": {}, "priority": 5, "kind": "", "code": "", "active": False,
    "acknowledged": False, "who": "", "comment": "", "first_out": False, "group": None, "present_at_start": False,
    "again": 0, "help": {}, "latched": False,
}  # fmt: skip


class AlarmList:
    """Each question is executed between two scans, so a hundred open pages must not ask a hundred times."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self._lock = threading.Lock()
        self._key: tuple[int, float] | None = None
        self._told: dict[str, Any] = {}
        self._summary: AlarmSummary | None = None

    def told(self) -> dict[str, Any]:
        """The runtime's answer of the newest revision. Raises ChannelError."""
        with self._lock:
            return self._newest()

    def summary(self) -> tuple[float, AlarmSummary]:
        """Revision and summary of the newest list; counted once for all pages that ask. Raises ChannelError."""
        with self._lock:
            told = self._newest()
            if self._summary is None:
                self._summary = summarise(told["alarms"])
            return float(told["revision"]), self._summary

    def forget(self) -> None:
        """After an order: the next question is asked anew."""
        with self._lock:
            self._key = None

    def _newest(self) -> dict[str, Any]:
        seen = self._seen()
        if seen is None or seen != self._key:
            self._told = self._plant.channel.call("alarms")
            self._summary = None
            self._key = None if seen is None else (seen[0], float(self._told["revision"]))
        return self._told

    def _seen(self) -> tuple[int, float] | None:
        try:
            view = self._plant.view()
        except NoRuntime:
            return None
        revision = view.number(REVISION)
        return None if revision is None else (view.epoch, revision)


def summary(row: Mapping[str, Any], view: View | None, language: Language) -> dict[str, Any]:
    """An alarm as the runtime tells it, in the API's form."""
    times = {name: iso(row.get(name)) for name in _TIMES}
    plain = {name: row.get(name, _DEFAULTS.get(name)) for name in _PLAIN}
    tag = None if view is None else view.tags.get(str(plain["tag"]))
    value = row.get("value")
    shown = {"value": value, "value_text": _value_text(tag, value, view, language), "unit": tag.unit if tag else ""}
    return plain | times | shown


def past_row(record: AlarmRecord, view: View | None, language: Language) -> dict[str, Any]:
    """An occurrence of the history, in the same form."""
    row = record.to_json()
    own = {
        **row["data"],
        **row,
        "group": record.group_id,
        "source_time": record.raised_source_time,
        "value": record.value_raised,
        "active": record.returned_at is None and record.cleared_at is None,
        "acknowledged": record.acknowledged_at is not None,
    }
    return summary(own, view, language)


def shelf_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A shelved alarm."""
    plain = {name: row.get(name, "") for name in ("key", "site", "device", "code", "state", "who", "reason")}
    words = {"label": row.get("label") or {}, "priority": row.get("priority")}
    return plain | words | {"since": iso(row.get("since")), "until": iso(row.get("until"))}


def snapshot_rows(snapshot: Mapping[str, Any], view: View | None, language: Language) -> list[dict[str, Any]]:
    """What the tags showed when the alarm was raised, with their names and units."""
    rows = []
    for name, kept in snapshot.items():
        tag = None if view is None else view.tags.get(name)
        value = kept.get("value") if isinstance(kept, Mapping) else kept
        code = int(kept.get("quality") or 0) if isinstance(kept, Mapping) else int(Quality.GOOD)
        quality = quality_of(code)
        rows.append(
            {
                "tag": name,
                "label": dict(tag.label) if tag else {},
                "value": value,
                "text": _value_text(tag, value, view, language, states=True),
                "unit": tag.unit if tag else "",
                "quality": quality.level,
                "reason": quality.reason,
            }
        )
    return rows


def _value_text(tag: Tag | None, value: Any, view: View | None, language: Language, states: bool = False) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, bool) and tag is None:
        return ""
    if tag is None or view is None:
        return f"{value:g}" if isinstance(value, float) else str(value)
    if tag.kind is Kind.BOOL and not states:
        return ""  # that it is set is what the alarm says
    return display(tag, value, view.directory, language)
