"""Reports by the clock: which periods are over and not reported yet, looked at every minute with ``schedule``.

What was missed while the program stood still is made up for, as far back as a few periods of each kind.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence

import schedule

from reports.facts import Report
from reports.period import Kind, Period, ended
from reports.settings import ReportSettings
from reports.shelf import Shelf

__all__ = ["Timetable"]

log = logging.getLogger("scada.reports")

#: periods of each kind that are made up for
_BACK = {Kind.SHIFT: 6, Kind.DAY: 7, Kind.MONTH: 2}
_DAY_S = 86400.0


class Timetable:
    """Makes what is due and tidies the folder up; ``run_pending`` is called often, on a clock of the caller's."""

    def __init__(
        self, settings: ReportSettings, sites: Sequence[str], make: Callable[[str, Period], Report],
        now: Callable[[], float],
    ) -> None:  # fmt: skip
        """``make`` raises HistoryGone for what has to wait. ``now``: Unix seconds."""
        self._settings, self._sites, self._make = settings, sites, make
        self._now = now
        #: periods of which nothing was recorded: not kept, and not looked at again in this run
        self._empty: set[tuple[str, Kind, str]] = set()
        self.shelf = Shelf(settings.folder)
        self._scheduler = schedule.Scheduler()
        self._scheduler.every(1).minutes.do(self.make_due)
        self._scheduler.every(6).hours.do(self.thin)

    def run_pending(self) -> None:
        """Do what ``schedule`` finds due."""
        self._scheduler.run_pending()

    def due(self) -> Iterator[tuple[str, Period]]:
        """Sites and periods that are over and not on the shelf, oldest first."""
        now = self._now()
        for kind in self._settings.kinds:
            for site in self._sites:
                zone = self._settings.zone_at(site)
                for period in ended(kind, now - self._settings.delay_s, zone, self._settings.shifts, _BACK[kind]):
                    known = (site, kind, period.name) in self._empty or self.shelf.has(kind, period.name, site)
                    if not known:
                        yield site, period

    def make_due(self) -> int:
        """Make all that is due; how many were made. Raises what ``make`` raises, and OSError of the folder."""
        made = 0
        for site, period in list(self.due()):
            report = self._make(site, period)
            if report.empty:
                self._empty.add((site, period.kind, period.name))
                continue
            path = self.shelf.put(report, self._settings.language)
            log.info("report: %s", path)
            made += 1
        return made

    def thin(self) -> None:
        """Delete what is older than it is to be kept."""
        if self._settings.keep_days:
            self.shelf.thin(self._now() - self._settings.keep_days * _DAY_S)
