"""Upkeep of the samples, in a thread of its own with a connection of its own: pack, roll up, settle, retire, thin."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tagdb.history.database import ERRORS, connect, database_of, sentence, shown
from tagdb.samples.arrays import DAY_MS, HOUR_MS
from tagdb.samples.codec import BadData
from tagdb.samples.migrations import NEWEST, version_of
from tagdb.samples.packing import pack, unpacked
from tagdb.samples.partitions import ensure
from tagdb.samples.retention import Keeping, disk_bytes, give_back, oldest_raw, pressed, retire, thin
from tagdb.samples.rolling import get_state, put_state, redo_dirty, reopen_days, roll_hours, settle_day
from tagdb.samples.tagset import TagInfo
from tagdb.samples.tape import Hot, known_tags, recorded_until

__all__ = ["Keeper", "Upkeep"]

_log = logging.getLogger("history")

#: an hour is rolled up when it has been over for so long: what is under way has arrived
GRACE_MS = 30_000
#: samples that are packed before their hour is over
_PACK = 300_000
#: hours rolled up in one transaction, when there is much to catch up with
_HOURS = 24
#: how often sizes are looked at, in passes
_LOOK = 30
_PAUSE_S = 2.0


@dataclass(frozen=True, slots=True)
class Upkeep:
    """How it goes, for tags."""

    #: why the last pass failed; "" when it did not
    error: str = ""
    unpacked: int = 0
    disk_bytes: int = 0
    oldest_days: float = 0.0
    thinned_days: int = 0


class Keeper:
    """One for a database. Passes may be cut off anywhere: each change is one transaction."""

    def __init__(self, url: str, keeping: Keeping, timeout_s: float = 30.0) -> None:
        """Nothing is opened yet. ``url``: of the samples. Raises BadUrl."""
        self._database = database_of(url, timeout_s=timeout_s, shrinks=True)
        self._shown = shown(url)
        self._keeping = keeping
        self._status = Upkeep()
        self._hot = Hot()
        self._passes = 0
        self._retired = 0
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def status(self) -> Upkeep:
        """How it goes. Any thread."""
        return self._status

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread = threading.Thread(target=self._work, name="history upkeep", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """End after the step that is under way; a daemon thread does not keep the process."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout_s)
            self._thread = None

    def step(self) -> bool:
        """One pass; True when there is more to do at once. Raises ERRORS, BadData."""
        if self._database.is_closed():
            connect(self._database)
        if version_of(self._database) != NEWEST:
            return False  # the writer makes the tables
        until = recorded_until(self._database)[0] or unpacked(self._database).newest
        if not until:
            return False
        tags = dict(known_tags(self._database).values())
        more = self._pack_and_roll(tags, until)
        oldest = max(get_state(self._database, "thinned"), until - self._keeping.days["raw"] * DAY_MS)
        more |= redo_dirty(self._database, tags, oldest) > 0
        more |= self._settle(tags)
        if self._passes % _LOOK == 0:
            self._look(tags, until)
        self._passes += 1
        return more

    def finish(self) -> None:
        """Passes until nothing is left to do. Raises ERRORS, BadData."""
        while self.step():
            pass

    def close(self) -> None:
        """Drop the connection."""
        with contextlib.suppress(*ERRORS):
            self._database.close()

    def _work(self) -> None:
        while not self._stopping.is_set():
            more = False
            try:
                more = self.step()
            except (*ERRORS, BadData) as problem:
                self._fail(problem)
            except Exception as problem:  # the thread's top: a mistake of ours must not end the upkeep
                _log.exception("upkeep of the recorded values")
                self._fail(problem)
            else:
                if self._status.error:
                    _log.warning("the recorded values are kept up again: %s", self._shown)
                self._status = replace(self._status, error="")
            self._stopping.wait(0.05 if more else _PAUSE_S)
        self.close()

    def _fail(self, problem: Exception) -> None:
        if not self._status.error:
            _log.error("upkeep of the recorded values fails: %s: %s", self._shown, sentence(problem))
        self._status = replace(self._status, error=sentence(problem))
        self.close()

    def _pack_and_roll(self, tags: Mapping[int, TagInfo], until: int) -> bool:
        database = self._database
        waiting = unpacked(database)
        self._status = replace(self._status, unpacked=waiting.samples)
        rolled, redo = self._rolled(until, waiting.oldest)
        target = (until - GRACE_MS) // HOUR_MS * HOUR_MS
        due = rolled < target
        if waiting.samples and (due or waiting.samples >= _PACK):
            # All of it before the hour is rolled up: what is packed later with times of that hour came late.
            pack(database, tags, rolled)
            if unpacked(database).samples >= _PACK:
                return True
        if due:
            day_end = (rolled // DAY_MS + 1) * DAY_MS
            end = min(target, rolled + _HOURS * HOUR_MS, day_end)
            roll_hours(database, tags, rolled, end, self._hot.load(database), redo)
            return end < target
        return False

    def _rolled(self, until: int, oldest: int) -> tuple[int, bool]:
        """How far rollups are complete, and whether what follows may have rows already."""
        rolled = get_state(self._database, "rolled")
        if not rolled:
            begin = min(filter(None, (oldest, oldest_raw(self._database), until))) // HOUR_MS * HOUR_MS
            with self._database.atomic():
                put_state(self._database, "rolled", begin)
                put_state(self._database, "settled", begin // DAY_MS * DAY_MS)
            return begin, False
        if rolled > until:  # the clock was set back
            with self._database.atomic():
                put_state(self._database, "redo", max(rolled, get_state(self._database, "redo")))
                rolled = (until // HOUR_MS - 1) * HOUR_MS  # lines lead into the hour that is recorded anew
                if rolled < get_state(self._database, "settled"):
                    rolled = reopen_days(self._database, rolled)
                put_state(self._database, "rolled", rolled)
        return rolled, rolled < get_state(self._database, "redo")

    def _settle(self, tags: Mapping[int, TagInfo]) -> bool:
        rolled, settled = (get_state(self._database, name) for name in ("rolled", "settled"))
        if settled + DAY_MS > rolled:
            return False
        if settle_day(self._database, tags, settled):
            pressed(self._database, settled)
        self._passes = 0
        return True

    def _look(self, tags: Mapping[int, TagInfo], until: int) -> None:
        database = self._database
        for tier in ("raw", "minute", "minutes", "hour", "day"):
            ensure(database, tier, (until, until + DAY_MS, until + 2 * DAY_MS))
        if until // DAY_MS != self._retired:
            retire(database, self._keeping, tags, until)
            self._retired = until // DAY_MS
        thinned = thin(database, self._keeping.limit_bytes, until)
        if thinned:
            put_state(database, "thinned", oldest_raw(database) or until // DAY_MS * DAY_MS)
            _log.warning(
                "the recorded values reached their limit on the disk: %d days of single samples deleted", thinned
            )
        give_back(database)
        oldest = oldest_raw(database)
        self._status = replace(
            self._status,
            disk_bytes=disk_bytes(database),
            oldest_days=0.0 if oldest is None else max(0.0, (until - oldest) / DAY_MS),
            thinned_days=self._status.thinned_days + thinned,
        )
