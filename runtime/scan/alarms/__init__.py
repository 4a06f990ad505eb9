"""Alarms after ISA-18.2 / IEC 62682: definitions, the state table, the engine that runs in the scan, health figures."""

from runtime.scan.alarms.definitions import definitions_of
from runtime.scan.alarms.engine import AlarmEngine
from runtime.scan.alarms.health import AlarmHealth, HealthFigures
from runtime.scan.alarms.listing import Listed, listing, row_of_alarm
from runtime.scan.alarms.model import (
    AlarmDefinition,
    AlarmState,
    Occurrence,
    Outcome,
    Priority,
    Shelf,
    Test,
    Transition,
    Verdict,
)
from runtime.scan.alarms.retained import Kept, definition_of_row, row_of
from runtime.scan.alarms.table import Event

__all__ = [
    "AlarmDefinition",
    "AlarmEngine",
    "AlarmHealth",
    "AlarmState",
    "Event",
    "HealthFigures",
    "Kept",
    "Listed",
    "Occurrence",
    "Outcome",
    "Priority",
    "Shelf",
    "Test",
    "Transition",
    "Verdict",
    "definition_of_row",
    "definitions_of",
    "listing",
    "row_of",
    "row_of_alarm",
]
