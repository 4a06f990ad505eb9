"""Reports wired to a site: the histories opened, the directory of the ini, the timetable on the wall clock."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from registermaps import ConfigError
from reports import Kind, Period, Report, Shelf, Timetable, make_report, parse_period
from runtime.accepted import load_stamped, stamps
from runtime.assembly import Assembly
from runtime.scan import wall_time
from tagdb import Words
from tagdb.history import HistoryGone, SchemaTooNew, SchemaTooOld, open_history
from tagdb.maintenance import MaintenanceStore, Refused, StoreGone
from tagdb.samples import open_samples, samples_url

__all__ = ["Reporting"]

log = logging.getLogger("scada.reports")

#: what passes by itself: the database is away, or the scan has not made it yet
WAITS = (HistoryGone, SchemaTooOld, SchemaTooNew, OSError)
_TURN_S = 5.0


class Reporting:
    """Makes reports of one configuration."""

    def __init__(self, assembly: Assembly) -> None:
        self._seen = self._looked = stamps(assembly.settings)
        self._take(assembly)

    def _take(self, assembly: Assembly) -> None:
        self._assembly = assembly
        self.settings = assembly.settings.reports
        self.shelf = Shelf(self.settings.folder)
        self._url = assembly.settings.history.url

    @property
    def sites(self) -> list[str]:
        """Names of the sites."""
        return [site.name for site in self._assembly.directory.sites]

    def period(self, kind: Kind, text: str, site: str) -> Period:
        """A period of a site by its name. Raises ValueError."""
        return parse_period(kind, text, self.settings.zone_at(site), self.settings.shifts)

    def make(self, site: str, period: Period) -> Report:
        """Raises HistoryGone, SchemaTooOld, SchemaTooNew, BadUrl."""
        samples = open_samples(samples_url(self._url))
        history = open_history(self._url, read_only=True)
        directory = self._assembly.directory
        return make_report(directory, samples, history, site, period, wall_time(), self._services())

    def _services(self) -> dict[str, dict[str, Words]]:
        try:
            return MaintenanceStore(self._url, self._assembly.directory.demo).level_titles()
        except (StoreGone, Refused) as problem:  # the names alone are missing then
            log.debug("maintenance: %s", problem)
            return {}

    def look(self) -> bool:
        """Take a changed ini or map over once it stands still; whether that was done. A faulty one is left alone."""
        now = stamps(self._assembly.settings)
        before, self._looked = self._looked, now
        if now == self._seen or now != before:
            return False
        self._seen = now
        try:
            assembly, self._seen = load_stamped(Path(self._assembly.settings.file))
        except ConfigError:
            return False  # the scan tells of it
        self._take(assembly)
        return True

    def run(self, stop: threading.Event) -> None:
        """The timetable until stopped. What cannot be made now is tried again a minute later; a changed configuration
        is taken over, as the scan does."""
        timetable = Timetable(self.settings, self.sites, self.make, wall_time)
        told = ""
        while not stop.is_set():
            if self.look():
                timetable = Timetable(self.settings, self.sites, self.make, wall_time)
            try:
                timetable.run_pending()
                told = ""
            except WAITS as problem:
                if str(problem) != told:
                    log.warning("reports wait: %s", problem)
                told = str(problem)
            stop.wait(_TURN_S)
