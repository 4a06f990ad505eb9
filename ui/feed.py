"""The live feed's core: finds what changed from scan to scan, and writes each message once for all who want it.

Stage: one thread follows the process image; WebSocket connections (``live.py``) ask for what is new since their last
message. Nothing is queued: a slow client gets the newest state of everything that changed while it was away.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fnmatch import translate

import numpy as np
import numpy.typing as npt

from tagdb import Kind, Tag
from ui.encode import Encoder
from ui.frame import Frame
from ui.language import Language
from ui.memory import Memory
from ui.plant import NoRuntime, Plant, View

__all__ = ["Cursor", "Feed", "Subscription", "Trouble"]

_POLL_S = 0.01


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the data are not live."""

    #: "no-runtime" or "scan-stalled"
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Cursor:
    """What a client has got so far."""

    epoch: int = 0
    #: 0: whatever generation the feed knows (a client that resumes does not know it)
    generation: int = 0
    scan: int = -1
    trouble: str | None = None


class Subscription:
    """A set of patterns in one language, shared by all clients that ask for the same."""

    def __init__(self, patterns: Sequence[str], language: Language, ages: bool) -> None:
        self.patterns = tuple(patterns)
        self.language = language
        #: the snapshot also tells how long ago each tag changed
        self.ages = ages
        self.users = 0
        self.key = (0, 0)
        self.tags: tuple[Tag, ...] = ()
        self.slots: npt.NDArray[np.intp] = np.empty(0, np.intp)
        #: since -> message; for one scan
        self.frames: dict[int, Frame | None] = {}
        self.frames_scan = -1

    def bind(self, view: View) -> None:
        """Find the tags, when the directory is a new one."""
        if self.key == view.key:
            return
        import_all = "*" in self.patterns
        matches = [_matcher(pattern) for pattern in self.patterns]
        self.tags = tuple(tag for tag in view.tags.values() if import_all or any(m(tag.name) for m in matches))
        self.slots = np.array([tag.slot for tag in self.tags], np.intp)
        self.key = view.key
        self.frames.clear()


class Feed:
    """Follows the image. ``step`` is called by its thread; tests call it by hand."""

    def __init__(self, plant: Plant, memory: Memory, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._plant = plant
        self._memory = memory
        self._monotonic = monotonic
        self._news = threading.Condition()
        self._version = 0
        self._view: View | None = None
        self._trouble: Trouble | None = Trouble("no-runtime", "nothing has been read yet")
        #: scan in which each slot last changed
        self._changed: npt.NDArray[np.int64] = np.empty(0, np.int64)
        #: first scan of this directory that the feed saw: resuming from before it is not possible
        self._first_scan = 0
        self._subscriptions: dict[tuple[tuple[str, ...], Language, bool], Subscription] = {}
        self._encoders: dict[Language, Encoder] = {}
        self._encoded: dict[tuple[Language, int], str] = {}
        #: read by many threads, set from a signal handler: a plain flag on purpose
        self.stopping = False

    def start(self) -> threading.Thread:
        """Follow the image in a thread of its own until ``stop``."""
        thread = threading.Thread(target=self._run, name="feed", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """End the thread and wake everybody who waits. Takes no lock: a signal handler calls it."""
        self.stopping = True

    def step(self) -> None:
        """Look at the image once."""
        try:
            view = self._plant.view()
        except NoRuntime as error:
            self._tell(None, Trouble("no-runtime", str(error)))
            return
        trouble = None
        if self._plant.stale(view):
            trouble = Trouble("scan-stalled", "the runtime does not scan any more")
            self._plant.look_again()
        self._tell(view, trouble)
        self._memory.take(view, self._monotonic())

    def attach(self, patterns: Sequence[str], language: Language, ages: bool) -> Subscription:
        """Join a subscription; every ``attach`` needs its ``detach``."""
        key = (tuple(sorted(set(patterns))), language, ages)
        with self._news:
            subscription = self._subscriptions.setdefault(key, Subscription(*key))
            subscription.users += 1
            return subscription

    def detach(self, subscription: Subscription) -> None:
        """Leave it."""
        with self._news:
            subscription.users -= 1
            if subscription.users == 0:
                self._subscriptions.pop((subscription.patterns, subscription.language, subscription.ages), None)

    def wait(self, version: int, timeout_s: float) -> int:
        """Sleep until there is news after this version, or until the timeout; the version now."""
        with self._news:
            self._news.wait_for(lambda: self._version != version or self.stopping, timeout_s)
            return self._version

    def next(self, subscription: Subscription, cursor: Cursor) -> tuple[Frame | None, Cursor]:
        """The message that brings a client up to date (None: it is), and where it then stands."""
        with self._news:
            view, trouble = self._view, self._trouble
            code = trouble.code if trouble else None
            if code != cursor.trouble:
                return self._stale_frame(trouble), replace(cursor, trouble=code)
            if view is None:
                return None, cursor
            subscription.bind(view)
            scan = view.snapshot.scan
            here = Cursor(view.epoch, view.snapshot.generation, scan, code)
            if not self._continues(cursor, view):
                return self._snapshot_frame(subscription, view), here
            if scan <= cursor.scan:
                return None, here
            return self._change_frame(subscription, view, cursor.scan), here

    def heartbeat(self) -> tuple[int, int] | None:
        """(scan, its age in milliseconds); None without a runtime."""
        with self._news:
            view = self._view
        return None if view is None else (view.snapshot.scan, round(self._plant.age_s(view) * 1000))

    @property
    def clients(self) -> int:
        """How many subscriptions are in use now, over all connections."""
        with self._news:
            return sum(subscription.users for subscription in self._subscriptions.values())

    def _run(self) -> None:
        seen, checked = (-1, -1), 0.0
        while not self.stopping:
            now = self._monotonic()
            if (scan := self._plant.scan()) != seen or now - checked > 0.25:
                seen, checked = scan, now
                self.step()
            time.sleep(_POLL_S)
        with self._news:
            self._news.notify_all()

    def _tell(self, view: View | None, trouble: Trouble | None) -> None:
        with self._news:
            before = self._view
            news = False
            if view is not None and view is not before:
                news = self._compare(before, view)
                self._view = view
            if news or trouble != self._trouble:
                self._trouble = trouble
                self._version += 1
                self._news.notify_all()

    def _compare(self, before: View | None, view: View) -> bool:
        """Note which slots changed; True if any did."""
        new, scan = view.snapshot, view.snapshot.scan
        if before is None or before.key != view.key:
            self._changed = np.full(new.cell.size, scan, np.int64)
            self._first_scan = scan
            if before is None or before.directory is not view.directory:
                self._encoders = {language: Encoder(view.directory, language) for language in Language}
            self._encoded.clear()
            return True
        old = before.snapshot
        changed = old.cell.view(np.int64) != new.cell.view(np.int64)
        changed |= old.quality != new.quality
        if (rows := np.flatnonzero(old.text != new.text)).size:
            texts = set(rows.tolist())
            slots = [t.slot for t in view.directory.tags if t.kind is Kind.TEXT and t.text_row in texts]
            changed[slots] = True
        self._changed[changed] = scan
        self._encoded.clear()
        return bool(changed.any())

    def _continues(self, cursor: Cursor, view: View) -> bool:
        if cursor.epoch != view.epoch or cursor.scan > view.snapshot.scan or cursor.scan < self._first_scan:
            return False
        return cursor.generation in (0, view.snapshot.generation)

    def _change_frame(self, subscription: Subscription, view: View, since: int) -> Frame | None:
        scan = view.snapshot.scan
        if subscription.frames_scan != scan:
            subscription.frames.clear()
            subscription.frames_scan = scan
        if since not in subscription.frames:
            fresh = np.flatnonzero(self._changed[subscription.slots] > since)
            rows = [self._tag(subscription.language, view, subscription.tags[i]) for i in fresh.tolist()]
            text = f'{{"changes":[{",".join(rows)}],"scan":{scan}}}' if rows else ""
            subscription.frames[since] = Frame(text) if text else None
        return subscription.frames[since]

    def _snapshot_frame(self, subscription: Subscription, view: View) -> Frame:
        snapshot = view.snapshot
        rows = [self._tag(subscription.language, view, tag) for tag in subscription.tags]
        ages = ""
        if subscription.ages:
            seconds = snapshot.time - snapshot.change_time[subscription.slots]
            ages = f',"ages_s":{json.dumps([None if s != s else round(s, 1) for s in seconds.tolist()])}'
        return Frame(
            f'{{"snapshot":[{",".join(rows)}],"scan":{snapshot.scan},"epoch":{view.epoch},'
            f'"generation":{snapshot.generation}{ages}}}'
        )

    def _stale_frame(self, trouble: Trouble | None) -> Frame:
        scan = self._view.snapshot.scan if self._view else None
        if trouble is None:
            return Frame(json.dumps({"stale": False, "scan": scan}))
        age = round(self._plant.age_s(self._view) * 1000) if self._view else None
        return Frame(
            json.dumps({"stale": True, "reason": trouble.code, "message": trouble.message, "scan": scan, "age_ms": age})
        )

    def _tag(self, language: Language, view: View, tag: Tag) -> str:
        key = (language, tag.slot)
        text = self._encoded.get(key)
        if text is None:
            text = self._encoded[key] = self._encoders[language].tag(view, tag)
        return text


def _matcher(pattern: str) -> Callable[[str], object]:
    return re.compile(translate(pattern)).match
