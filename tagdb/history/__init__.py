"""What was: the journal, alarm occurrences and retained state, in SQLite or PostgreSQL; written beside the scan."""

from tagdb.history.database import BadUrl
from tagdb.history.events import CATEGORIES, Event
from tagdb.history.history import History, HistoryGone, open_history
from tagdb.history.lineage import SchemaTooNew, SchemaTooOld
from tagdb.history.queries import AlarmFilter, Entry, JournalFilter
from tagdb.history.records import AlarmRecord, Deferred, Item, Retained, Together
from tagdb.history.writer import HistoryWriter

__all__ = [
    "CATEGORIES",
    "AlarmFilter",
    "AlarmRecord",
    "BadUrl",
    "Deferred",
    "Entry",
    "Event",
    "History",
    "HistoryGone",
    "HistoryWriter",
    "Item",
    "JournalFilter",
    "Retained",
    "SchemaTooNew",
    "SchemaTooOld",
    "Together",
    "open_history",
]
