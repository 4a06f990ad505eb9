"""The PLC: clock, cycle, loop, statistics, watchdog. Knows tags and nothing else."""

from runtime.scan.clock import Clock, Moment, SystemClock, wall_time
from runtime.scan.cycle import Cycle
from runtime.scan.distribution import Distribution
from runtime.scan.loop import ScanLoop
from runtime.scan.rule import Logic, Rule
from runtime.scan.statistics import MEASURES, ScanStatistics
from runtime.scan.watchdog import Watchdog

__all__ = [
    "MEASURES",
    "Clock",
    "Cycle",
    "Distribution",
    "Logic",
    "Moment",
    "Rule",
    "ScanLoop",
    "ScanStatistics",
    "SystemClock",
    "Watchdog",
    "wall_time",
]
