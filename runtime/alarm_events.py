"""Steps of alarms as lines of the journal: one each, and one for all that the same cause suppressed at once.

Stage: steps of a scan -> events of the history. A genset that stops suppresses eight alarms by design, every time, and
none of them is raised: eight lines would say one thing, and push what matters out of sight.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from runtime.scan.alarms import AlarmDefinition, Transition
from tagdb import Words
from tagdb.history import Event

__all__ = ["apart", "event_of", "event_of_several"]

Told = tuple[Transition, AlarmDefinition]

#: a step that several alarms make at once -> what the journal calls it then
_SEVERAL = {"suppress": "suppress-several", "unsuppress": "unsuppress-several"}


def apart(
    transitions: Iterable[Transition], definitions: Mapping[str, AlarmDefinition]
) -> tuple[list[Transition], list[tuple[Told, ...]]]:
    """Those that get a line each, in order, and the groups of one line: alarms that are not raised, two or more, which
    the same rule or tag suppresses, or suppresses no more, in one scan at one device."""
    steps = list(transitions)
    groups: dict[tuple[str, str, str], list[Told]] = {}
    for step in steps:
        definition = definitions.get(step.key) if step.event in _SEVERAL else None
        if definition is not None and step.cause and not step.occurrence:
            groups.setdefault((step.event, step.cause, definition.device), []).append((step, definition))
    several = [tuple(group) for group in groups.values() if len(group) > 1]
    shared = {id(step) for group in several for step, _ in group}
    return [step for step in steps if id(step) not in shared] if shared else steps, several


def event_of(transition: Transition, definition: AlarmDefinition) -> Event:
    """One step of one alarm."""
    data = {"value": transition.value, "occurrence": transition.occurrence, "priority": int(definition.priority)}
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
        comment=transition.comment or _both(transition.why),
        data=data | ({"why": dict(transition.why)} if transition.why else {}),
    )


def event_of_several(group: Sequence[Told]) -> Event:
    """One line for all of a group; the alarms are in its data, as they were called then."""
    transition, definition = group[0]
    alarms = [{"key": one.key, "label": dict(one.label), "priority": int(one.priority)} for _, one in group]
    return Event(
        time=transition.time,
        category="alarm",
        site=definition.site,
        device=definition.device,
        key=transition.cause,
        event=_SEVERAL[transition.event],
        text={language: f"{why}: {len(group)}" for language, why in transition.why.items()},
        before=str(transition.before),
        after=str(transition.after),
        who=transition.who,
        data={"count": len(group), "alarms": alarms},
    )


def _both(why: Words) -> str:
    """For the search and for sheets, which have one column for it."""
    return " / ".join(dict.fromkeys(why.values()))
