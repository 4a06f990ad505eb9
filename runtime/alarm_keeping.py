"""What of the alarms is kept: for each alarm that changed in a scan its steps, its record and its retained state.

Stage: housekeeping of the scan -> queue of the history. They go together, so that a process that is killed in between
leaves no step without its record, and no open record that the next run knows nothing of. Only objects are made here;
the history's thread makes them plain.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from runtime.scan import Moment
from runtime.scan.alarms import AlarmDefinition, AlarmEngine, Occurrence, Transition
from tagdb import Words
from tagdb.history import AlarmRecord, Event, Retained, Together

__all__ = ["RETAINED", "message_of", "rows_of"]

#: what the engine's retained rows are called in the history
RETAINED = "alarm:"


def rows_of(
    engine: AlarmEngine, definitions: Mapping[str, AlarmDefinition], transitions: Iterable[Transition], now: Moment
) -> Iterator[Retained | Together]:
    """All that changed since this was last asked, in the order of the first steps."""
    kept: dict[str, list[Event | AlarmRecord | Retained]] = {}
    for transition in transitions:
        definition = definitions[transition.key]
        kept.setdefault(transition.key, []).append(_event(transition, definition))
    for occurrence in engine.touched():
        kept.setdefault(occurrence.key, []).append(_record(definitions[occurrence.key], occurrence))
    for row in engine.changed_rows(now):
        kept.setdefault(row["key"], []).append(Retained(f"{RETAINED}{row['key']}", row))
    for items in kept.values():
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


def _event(transition: Transition, definition: AlarmDefinition) -> Event:
    return Event(
        time=transition.time,
        source_time=transition.source_time,
        category="alarm",
        site=definition.site,
        device=definition.device,
        key=transition.key,
        event=str(transition.event),
        text=definition.label,
        before=str(transition.before),
        after=str(transition.after),
        who=transition.who,
        comment=transition.comment,
        data={"value": transition.value, "occurrence": transition.occurrence, "priority": int(definition.priority)},
    )
