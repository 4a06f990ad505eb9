"""What of the alarms is kept: for each alarm that changed in a scan its steps, its record and its retained state.

Stage: housekeeping of the scan -> queue of the history. They go together, so that a process that is killed in between
leaves no step without its record, and no open record that the next run knows nothing of. The scan only takes copies
that no later step changes, a tuple each: ten thousand alarms in one scan must not hold up the next. The history's
thread makes events, records and rows of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from runtime.alarm_events import apart, event_of, event_of_several
from runtime.scan import Moment
from runtime.scan.alarms import AlarmDefinition, AlarmEngine, Kept, Occurrence, Transition, row_of
from tagdb import Words
from tagdb.history import AlarmRecord, Deferred, Event, Retained, Together

__all__ = ["RETAINED", "changes_of", "message_of"]

#: what the engine's retained rows are called in the history
RETAINED = "alarm:"
#: alarms in one item of the queue: what is lost at once where it overflows, and made at once by the history's thread
_AT_ONCE = 250


@dataclass(slots=True)
class _Change:
    """What is to be written of one alarm."""

    key: str
    #: of the steps and records
    definition: AlarmDefinition | None
    transitions: list[Transition] = field(default_factory=list)
    #: of each occurrence that changed, as ``Occurrence.values``
    records: list[tuple[Any, ...]] = field(default_factory=list)
    kept: Kept | None = None
    #: what became of it and others at once, told in one line
    shared: list[tuple[tuple[Transition, AlarmDefinition], ...]] = field(default_factory=list)


class _Changes(dict[str, _Change]):
    """By key; one is made where there is none yet."""

    def __init__(self, definitions: Mapping[str, AlarmDefinition]) -> None:
        super().__init__()
        self._definitions = definitions

    def __missing__(self, key: str) -> _Change:
        change = self[key] = _Change(key, self._definitions.get(key))
        return change


def changes_of(
    engine: AlarmEngine, definitions: Mapping[str, AlarmDefinition], transitions: Iterable[Transition], now: Moment
) -> Iterator[Deferred]:
    """All that changed since this was last asked, in the order of the first steps."""
    changes = _Changes(definitions)
    single, groups = apart(transitions, definitions)
    for group in groups:
        changes[group[0][1].key].shared.append(group)
    for transition in single:
        changes[transition.key].transitions.append(transition)
    for occurrence in engine.touched():
        changes[occurrence.key].records.append(occurrence.values())
    for key, kept in engine.changed().items():
        changes[key].kept = kept
    last_id = engine.last_id
    ordered = list(changes.values())
    for start in range(0, len(ordered), _AT_ONCE):
        some = ordered[start : start + _AT_ONCE]
        yield Deferred(partial(_items, some, last_id, now), len(some))


def _items(changes: Sequence[_Change], last_id: int, now: Moment) -> Iterator[Retained | Together]:
    yield Retained(RETAINED, {"key": "", "last_id": last_id})
    for change in changes:
        items: list[Event | AlarmRecord | Retained] = [event_of_several(group) for group in change.shared]
        if change.definition is not None:
            items += [event_of(transition, change.definition) for transition in change.transitions]
            items += [_record(change.definition, Occurrence(*values)) for values in change.records]
        items.append(Retained(f"{RETAINED}{change.key}", row_of(change.key, change.kept, now)))
        yield Together(tuple(items))


def message_of(definition: AlarmDefinition, occurrence: Occurrence) -> Words:
    """The rule's message with the values of its raise, where it has one."""
    told = occurrence.message_values
    if not told:
        return definition.label
    return {language: str(told.get(language) or text) for language, text in definition.label.items()}


def _record(definition: AlarmDefinition, occurrence: Occurrence) -> AlarmRecord:
    return AlarmRecord(
        id=occurrence.id,
        key=definition.key,
        site=definition.site,
        device=definition.device,
        priority=int(definition.priority),
        kind=definition.kind,
        label=message_of(definition, occurrence),
        state=str(occurrence.state),
        raised_at=occurrence.raised_at,
        code=definition.code,
        raised_source_time=occurrence.source_time,
        acknowledged_at=occurrence.acknowledged_at,
        returned_at=occurrence.returned_at,
        cleared_at=occurrence.cleared_at,
        value_raised=occurrence.value_raised,
        value_acknowledged=occurrence.value_acked,
        value_returned=occurrence.value_returned,
        who=occurrence.who,
        comment=occurrence.comment,
        first_out=occurrence.first_out,
        group_id=occurrence.group,
        snapshot=occurrence.snapshot,
        data={
            "present_at_start": occurrence.present_at_start,
            "again": occurrence.again,
            "last_raised_at": occurrence.last_raised_at,
            "message_values": occurrence.message_values,
            "tag": definition.tag,
            "help": definition.help,
            "latched": definition.latched,
        },
    )
