"""The history as CSV for Excel and others, a piece at a time; at the edge of the flow."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from tagdb.history.plain import dump
from tagdb.history.queries import Entry
from tagdb.history.records import AlarmRecord
from tagdb.spreadsheet import harmless

__all__ = ["BOM", "alarms_csv", "journal_csv"]

#: tells Excel that the file is UTF-8
BOM = "\N{BYTE ORDER MARK}"

_Cell = str | int | float | bool | None
_T = TypeVar("_T")


def journal_csv(pages: Iterable[Sequence[Entry]], bom: bool, delimiter: str) -> Iterator[str]:
    """A heading, then a row for each entry; yields a text for each page."""
    heads = ("id", "time", "source_time", "category", "site", "device", "key", "event", "text_en", "text_ru")
    return _csv((*heads, "before", "after", "who", "comment", "data"), pages, _entry_row, bom, delimiter)


def alarms_csv(pages: Iterable[Sequence[AlarmRecord]], bom: bool, delimiter: str) -> Iterator[str]:
    """A heading, then a row for each occurrence; yields a text for each page."""
    heads = ("id", "key", "site", "device", "priority", "kind", "code", "label_en", "label_ru", "state", "raised_at")
    times = ("raised_source_time", "acknowledged_at", "returned_at", "cleared_at")
    rest = ("value_raised", "value_acknowledged", "value_returned", "who", "comment", "first_out", "group_id")
    return _csv((*heads, *times, *rest), pages, _alarm_row, bom, delimiter)


def _csv(
    heads: Sequence[str],
    pages: Iterable[Sequence[_T]],
    row_of: Callable[[_T], Sequence[_Cell]],
    bom: bool,
    delimiter: str,
) -> Iterator[str]:
    buffer = io.StringIO()
    sheet = csv.writer(buffer, delimiter=delimiter)
    buffer.write(BOM if bom else "")
    sheet.writerow(heads)
    for page in pages:
        sheet.writerows([harmless(cell) for cell in row_of(item)] for item in page)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _entry_row(entry: Entry) -> Sequence[_Cell]:
    event = entry.event
    text = (event.text.get("en", ""), event.text.get("ru", ""))
    place = (event.category, event.site, event.device, event.key, event.event)
    times = (_iso(event.time), _iso(event.source_time))
    data = dump(event.data) if event.data else ""
    return (entry.id, *times, *place, *text, event.before, event.after, event.who, event.comment, data)


def _alarm_row(alarm: AlarmRecord) -> Sequence[_Cell]:
    what = (alarm.id, alarm.key, alarm.site, alarm.device, alarm.priority, alarm.kind, alarm.code)
    label = (alarm.label.get("en", ""), alarm.label.get("ru", ""))
    times = (alarm.raised_at, alarm.raised_source_time, alarm.acknowledged_at, alarm.returned_at, alarm.cleared_at)
    values = (alarm.value_raised, alarm.value_acknowledged, alarm.value_returned)
    rest = (alarm.who, alarm.comment, alarm.first_out, alarm.group_id)
    return (*what, *label, alarm.state, *map(_iso, times), *values, *rest)


def _iso(time: float | None) -> str:
    if time is None:
        return ""
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
