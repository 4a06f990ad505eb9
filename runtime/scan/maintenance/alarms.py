"""The alarms of maintenance: for each engine and level due soon, due, overdue.

Only the one in force is active: the next step takes its place, so that a service is one line in the list, and each of
them happens once for a due point, since the meter does not run back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from runtime.scan.alarms import AlarmDefinition, Priority
from tagdb import Words
from tagdb.maintenance import DevicePlan, Level, LevelState, Severity

__all__ = ["MAINTENANCE", "ORDERED", "STEPS", "definitions", "key_of", "message"]

#: the class of these alarms
MAINTENANCE = "maintenance"

#: severities that are told, and how urgent each is
STEPS: Mapping[Severity, Priority] = MappingProxyType(
    {Severity.WARNING: Priority.LOW, Severity.CRITICAL: Priority.MEDIUM, Severity.OVERDUE: Priority.HIGH}
)
#: (before engine hours, before a date) of what is to come and of what has passed
_AT = {"en": ("at", "by"), "ru": ("при", "до")}
_SINCE = {"en": ("since", "since"), "ru": ("с", "с")}
_HOURS = {"en": "h", "ru": "ч"}
#: as patterns of the ini name them: maintenance.overdue
ORDERED = tuple(step.word for step in STEPS)
_LABELS: Mapping[Severity, Words] = {
    Severity.WARNING: {"en": "due soon", "ru": "скоро срок"},
    Severity.CRITICAL: {"en": "due", "ru": "подходит срок"},
    Severity.OVERDUE: {"en": "overdue", "ru": "просрочено"},
}
_HELP: Words = {
    "en": "Plan the service; start its checklist on the device's maintenance page. The alarm ends when the service is "
    "signed.",
    "ru": "Запланируйте обслуживание и начните его на странице обслуживания устройства. Сообщение снимется, когда "
    "работы будут подписаны.",
}


def key_of(device: str, level: str, severity: Severity) -> str:
    """The alarm's key: ``maintenance:mkz.gpu1:to1:overdue``."""
    return f"maintenance:{device}:{level}:{severity.word}"


def definitions(plans: Iterable[DevicePlan], tags: Mapping[str, object]) -> list[AlarmDefinition]:
    """All alarms of these engines; ``tags``: those that exist, for the snapshot."""
    return [
        _definition(plan.device, level, severity, tags)
        for plan in plans
        for level in (plan.programme.levels if plan.programme else ())
        for severity in STEPS
    ]


def message(state: LevelState, names: Mapping[str, Words]) -> dict[str, str]:
    """What the alarm says of this moment, in both languages; what is not known is left out."""
    return {language: _sentence(state, names, language) for language in ("en", "ru")}


def _definition(device: str, level: Level, severity: Severity, tags: Mapping[str, object]) -> AlarmDefinition:
    snapshot = tuple(name for point in ("maint_hours", "run_hours") if (name := f"{device}.{point}") in tags)
    return AlarmDefinition(
        key=key_of(device, level.id, severity),
        site=device.partition(".")[0],
        device=device,
        label={language: f"{_title(level, language)}: {words}" for language, words in _LABELS[severity].items()},
        priority=STEPS[severity],
        kind=MAINTENANCE,
        code=f"{level.id}.{severity.word}",
        help=_HELP,
        snapshot=snapshot,
    )


def _sentence(state: LevelState, names: Mapping[str, Words], language: str) -> str:
    """It is kept as it was when the alarm was raised: so it says when the level is due, and not what is left."""
    text = f"{_title(state.level, language)}: {_LABELS[state.severity][language]}"
    over, by = _SINCE[language] if state.severity is Severity.OVERDUE else _AT[language]
    late = state.severity is Severity.OVERDUE
    parts = []
    if state.due_h is not None and state.left_h is not None and (state.left_h <= 0 or not late):
        parts.append(f"{over} {state.due_h:.0f} {_HOURS[language]}")
    if state.due_time is not None and state.left_days is not None and (state.left_days <= 0 or not late):
        day = datetime.fromtimestamp(state.due_time, UTC)
        parts.append(f"{by} {day:%d.%m.%Y}")
    text += (" " if late else ", ") + ", ".join(parts) if parts else ""
    if state.absorbs:
        included = ", ".join(names.get(name, {}).get(language, name) for name in state.absorbs)
        text += f" (with {included})" if language == "en" else f" (вместе с {included})"
    return text


def _title(level: Level, language: str) -> str:
    return level.title.get(language) or level.id
