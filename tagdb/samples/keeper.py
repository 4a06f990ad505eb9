"""Upkeep of the samples, pass by pass, with a connection of its own: pack, roll up, settle, retire, thin."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tagdb.history.database import ERRORS, connect, database_of
from tagdb.samples.arrays import DAY_MS, HOUR_MS
from tagdb.samples.migrations import LINEAGE
from tagdb.samples.packing import pack, unpacked
from tagdb.samples.partitions import ensure
from tagdb.samples.retention import Keeping, disk_bytes, first_since, give_back, oldest_raw, pressed, retire, thin
from tagdb.samples.rolling import get_state, put_state, redo_dirty, reopen_days, roll_hours, settle_day
from tagdb.samples.series import KEPT
from tagdb.samples.tagset import TagInfo
from tagdb.samples.tape import Hot, known_tags, recorded_until

__all__ = ["Keeper", "Upkeep"]

#: an hour is rolled up when it has been over for so long: what is under way has arrived
GRACE_MS = 30_000
#: samples that are packed before their hour is over
_PACK = 300_000
#: hours rolled up in one transaction, when there is much to catch up with
_HOURS = 24
#: how often sizes are looked at, in passes
_LOOK = 30
#: days that the clock may go ahead before it is taken for wrong, and how long a day of samples is kept then, seconds
_JUMP_DAYS, _CREEP_S = 7, 3600.0


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

    def __init__(
        self, url: str, keeping: Keeping, timeout_s: float = 30.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Nothing is opened yet. ``url``: of the samples. Raises BadUrl."""
        self._database = database_of(url, timeout_s=timeout_s, shrinks=True)
        self._keeping = keeping
        self._status = Upkeep()
        self._hot = Hot()
        self._passes = 0
        self._retired = 0
        self._clock = clock
        self._crept: float | None = None

    def status(self) -> Upkeep:
        """How it goes, as of the last pass that looked."""
        return self._status

    def step(self) -> bool:
        """One pass; True when there is more to do at once. Raises ERRORS, BadData."""
        if self._database.is_closed():
            connect(self._database)
        if LINEAGE.version(self._database) != LINEAGE.newest:
            return False  # the writer makes the tables
        until = recorded_until(self._database)[0] or unpacked(self._database).newest
        if not until:
            return False
        tags = dict(known_tags(self._database).values())
        more = self._pack_and_roll(tags, until)
        now = get_state(self._database, "retired") * DAY_MS or until
        oldest = max(get_state(self._database, "thinned"), now - self._keeping.days["raw"] * DAY_MS)
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
        if rolled > until and (back := self._back(until)) < rolled:  # the clock was set back
            with self._database.atomic():
                put_state(self._database, "redo", max(rolled, get_state(self._database, "redo")))
                rolled = back
                if rolled < get_state(self._database, "settled"):
                    rolled = reopen_days(self._database, rolled)
                put_state(self._database, "rolled", rolled)
        return rolled, rolled < get_state(self._database, "redo")

    def _back(self, until: int) -> int:
        """From where on rollups are made anew when the clock was set back: nowhere before the samples that are left."""
        back = (until // HOUR_MS - 1) * HOUR_MS  # lines lead into the hour that is recorded anew
        first = first_since(self._database, back // DAY_MS * DAY_MS)
        if first is None:
            return 1 << 62
        # The first day that is left lacks what held when it began. What is recorded before it comes late.
        return back if first // DAY_MS == back // DAY_MS else (first // DAY_MS + 1) * DAY_MS

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
        self._retire(tags, until)
        thinned = thin(database, self._keeping.limit_bytes, until)
        if thinned:
            put_state(database, "thinned", oldest_raw(database) or until // DAY_MS * DAY_MS)
        give_back(database)
        oldest = oldest_raw(database)
        self._status = replace(
            self._status,
            disk_bytes=disk_bytes(database),
            oldest_days=0.0 if oldest is None else max(0.0, (until - oldest) / DAY_MS),
            thinned_days=self._status.thinned_days + thinned,
        )

    def _retire(self, tags: Mapping[int, TagInfo], until: int) -> None:
        """Let go of what is too old. A clock that leaps ahead may be wrong: a day goes an hour, not all at once."""
        day, reached = until // DAY_MS, get_state(self._database, "retired")
        if reached and day > reached + _JUMP_DAYS:
            now = self._clock()
            self._crept = now if self._crept is None else self._crept
            day = reached
            if now - self._crept >= _CREEP_S:
                self._crept, day = now, reached + 1
        if day != self._retired and day >= reached:
            for tier, state in KEPT.items():  # before: who asks meanwhile is told a coarser tier rather than nothing
                put_state(self._database, state, (day - self._keeping.days[tier]) * DAY_MS)
            retire(self._database, self._keeping, tags, day * DAY_MS)
            put_state(self._database, "retired", day)
            self._retired = day
