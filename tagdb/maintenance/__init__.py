"""Maintenance by engine hours: programmes, when their levels are due, and the log of what was done."""

from tagdb.maintenance.due import (
    DAY_S,
    Assessment,
    Done,
    LevelState,
    LogEntry,
    Severity,
    assess,
    hours_per_day,
    last_done,
)
from tagdb.maintenance.plan import DevicePlan
from tagdb.maintenance.programme import Consumable, Level, Programme, Task, Thresholds
from tagdb.maintenance.records import (
    ANSWERS,
    Answer,
    Conflict,
    DeviceRecord,
    ItemRecord,
    OffsetRecord,
    PhotoRecord,
    Refused,
    ServiceRecord,
    UnknownRecord,
    Version,
)
from tagdb.maintenance.store import MaintenanceStore, StoreGone

# fmt: off
__all__ = [
    "ANSWERS", "DAY_S", "Answer", "Assessment", "Conflict", "Consumable", "DevicePlan", "DeviceRecord", "Done",
    "ItemRecord", "Level", "LevelState", "LogEntry", "MaintenanceStore", "OffsetRecord", "PhotoRecord", "Programme",
    "Refused", "ServiceRecord", "Severity", "StoreGone", "Task", "Thresholds", "UnknownRecord", "Version", "assess",
    "hours_per_day", "last_done",
]
