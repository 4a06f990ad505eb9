"""Maintenance in the scan: the engine-hours meters, and the rule that says what is due."""

from runtime.scan.maintenance.alarms import MAINTENANCE, ORDERED
from runtime.scan.maintenance.meter import Meter, MeterEvent, MeterState, Reading
from runtime.scan.maintenance.rule import MaintenanceRule, engines_of, meters_of

__all__ = [
    "MAINTENANCE", "ORDERED", "MaintenanceRule", "Meter", "MeterEvent", "MeterState", "Reading", "engines_of",
    "meters_of",
]  # fmt: skip
