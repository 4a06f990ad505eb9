"""Shift, day and month reports of a site: periods, figures, forms, the folder they are kept in, the timetable."""

from reports.compute import make_report
from reports.facts import AlarmCount, GensetFacts, MaintenanceFacts, Report
from reports.files import FORMATS, file_of
from reports.page import STYLE, html_of
from reports.period import Kind, Period, ended, parse_period, zone_of
from reports.settings import ReportSettings
from reports.shelf import Kept, Shelf
from reports.timetable import Timetable

__all__ = [
    "FORMATS", "STYLE", "AlarmCount", "GensetFacts", "Kept", "Kind", "MaintenanceFacts", "Period", "Report",
    "ReportSettings", "Shelf", "Timetable", "ended", "file_of", "html_of", "make_report", "parse_period", "zone_of",
]  # fmt: skip
