"""Steps of alarms as lines of the journal: one each, and one for all that one cause makes at once.

Stage: steps of a scan -> events of the history. A genset that stops suppresses eight alarms by design, every time, and
none of them is raised; a device that is lost makes all its open alarms uncertain, every time. Eight lines would say one
thing, and push what matters out of sight.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from runtime.scan.alarms import AlarmDefinition, Transition
from tagdb import Words
from tagdb.history import Event

__all__ = ["apart", "event_of", "event_of_several"]

Told = tuple[Transition, AlarmDefinition]

#: a step that several alarms make at once -> what the journal calls it then
_SEVERAL = {
    "suppress": "suppress-several", "unsuppress": "unsuppress-several",
    "unsafe": "unsafe-several", "resolve": "resolve-several", "removed": "removed-several",
}  # fmt: skip
_OF_DEVICE: Words = {"en": "Alarms of the device", "ru": "Аварии устройства"}


def apart(
    transitions: Iterable[Transition], definitions: Mapping[str, AlarmDefinition]
) -> tuple[list[Transition], list[tuple[Told, ...]]]:
    """Those that get a line each, in order, and the groups of one line, two or more of one device in one scan: alarms
    that are not raised and that the same rule or tag suppresses, or suppresses no more; raised ones that turn uncertain
    for the same reason, or certain again; all that the configuration has no more."""
    steps = list(transitions)
    groups: dict[tuple[str, ...], list[Told]] = {}
    for step in steps:
        definition = definitions.get(step.key) if step.event in _SEVERAL else None
        alike = step.event == "removed" or bool(step.cause) != bool(step.occurrence)
        if definition is not None and definition.device and alike:
            cause = (step.event, step.cause, definition.device, step.comment, step.after)
            groups.setdefault(cause, []).append((step, definition))
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
    why = transition.why or _OF_DEVICE
    alarms = [
        {"key": one.key, "label": dict(one.label), "priority": int(one.priority), "occurrence": step.occurrence}
        for step, one in group
    ]
    before = {str(step.before) for step, _ in group}
    return Event(
        time=transition.time,
        category="alarm",
        site=definition.site,
        device=definition.device,
        key=transition.cause or definition.device,
        event=_SEVERAL[transition.event],
        text={language: f"{words}: {len(group)}" for language, words in why.items()},
        before=before.pop() if len(before) == 1 else "",
        after=str(transition.after),
        who=transition.who,
        comment=transition.comment,
        data={"count": len(group), "alarms": alarms},
    )


def _both(why: Words) -> str:
    """For the search and for sheets, which have one column for it."""
    return " / ".join(dict.fromkeys(why.values()))
