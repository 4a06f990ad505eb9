"""The alarms of maintenance: for each engine and level due soon, due, overdue.

Only the one in force is active: the next step takes its place, so that a service is one line in the list, and each of
them happens once for a due point, since the meter does not run back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    text = f"{_title(state.level, language)}: {_LABELS[state.severity][language]}"
    parts = []
    if state.left_h is not None:
        parts.append(_left(state.left_h, "h" if language == "en" else "ч", language))
    if state.left_days is not None:
        parts.append(_left(state.left_days, "days" if language == "en" else "сут", language))
    if parts:
        text += ", " + ", ".join(parts)
    if state.absorbs:
        included = ", ".join(names.get(name, {}).get(language, name) for name in state.absorbs)
        text += f" (with {included})" if language == "en" else f" (вместе с {included})"
    return text


def _left(amount: float, unit: str, language: str) -> str:
    if language == "en":
        return f"{amount:.0f} {unit} left" if amount > 0 else f"{abs(amount):.0f} {unit} over"
    return f"осталось {amount:.0f} {unit}" if amount > 0 else f"превышение {abs(amount):.0f} {unit}"


def _title(level: Level, language: str) -> str:
    return level.title.get(language) or level.id
