"""The tags of maintenance: what every device with an engine has beside what its map says."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from runtime.own_tags import OwnTag
from tagdb import Kind

__all__ = ["MAINTENANCE_CLASSES", "MAINTENANCE_ENUMS", "MAINTENANCE_TAGS", "maintenance_rows"]

MAINTENANCE_TAGS: tuple[OwnTag, ...] = (
    OwnTag("maint_state", Kind.ENUM, "", "Maintenance", "Обслуживание"),
    OwnTag("maint_next", Kind.TEXT, "", "Next service", "Следующее ТО"),
    OwnTag("maint_left_h", Kind.FLOAT, "h", "Hours to the next service", "Часов до следующего ТО", 1),
    OwnTag("maint_left_days", Kind.FLOAT, "d", "Days to the next service", "Суток до следующего ТО", 1),
    OwnTag("maint_hours", Kind.FLOAT, "h", "Engine hours", "Моточасы", 2),
    OwnTag("maint_offset_h", Kind.FLOAT, "h", "Hours added by hand", "Поправка моточасов", 2),
    OwnTag("maint_per_day", Kind.FLOAT, "h", "Engine hours a day", "Моточасов в сутки", 1),
    OwnTag("maint_counted_h", Kind.FLOAT, "h", "Running time counted by SCADA", "Наработка по счёту SCADA", 2),
    OwnTag("maint_difference_h", Kind.FLOAT, "h", "Own count less the controller's", "Расхождение с контроллером", 2),
    OwnTag("maint_meter", Kind.ENUM, "", "State of the hour meter", "Состояние счётчика моточасов"),
)

#: values of ``maint_state`` (:class:`tagdb.maintenance.Severity`) and ``maint_meter``
MAINTENANCE_ENUMS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "scada.maint_state": {
        "0": {"en": "No programme", "ru": "Нет программы"},
        "1": {"en": "Last service unknown", "ru": "Последнее ТО неизвестно"},
        "2": {"en": "Not due", "ru": "В норме"},
        "3": {"en": "Due soon", "ru": "Скоро ТО"},
        "4": {"en": "Due", "ru": "Пора ТО"},
        "5": {"en": "Overdue", "ru": "ТО просрочено"},
    },
    "scada.maint_meter": {
        "0": {"en": "Nothing read yet", "ru": "Ещё не прочитан"},
        "1": {"en": "Runs", "ru": "Работает"},
        "2": {"en": "Last known value", "ru": "Последнее известное значение"},
        "3": {"en": "Impossible reading, held", "ru": "Невозможное показание, удерживается"},
        "4": {"en": "Counter changed: check", "ru": "Счётчик изменился: проверьте"},
    },
}
#: class of the alarms
MAINTENANCE_CLASSES: Mapping[str, Mapping[str, str]] = {"maintenance": {"en": "Maintenance", "ru": "Обслуживание"}}


def maintenance_rows(device: str, site: str, points: Collection[str]) -> Iterator[dict[str, Any]]:
    """Rows of the tag directory, for a device that has an engine; none for another."""
    if "run_hours" not in points or "engine_speed" not in points:
        return
    for row in MAINTENANCE_TAGS:
        yield {
            "name": f"{device}.{row.name}",
            "kind": row.kind,
            "site": site,
            "device": device,
            "group": "maintenance",
            "label": {"en": row.en, "ru": row.ru},
            "unit": row.unit,
            "decimals": row.decimals,
            "enum": f"scada.{row.name}" if row.kind is Kind.ENUM else "",
        }
