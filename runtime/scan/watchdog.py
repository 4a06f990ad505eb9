"""Tells when the scan is stuck, from a thread of its own: the stuck scan cannot."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable

from runtime.scan.clock import Clock

__all__ = ["Watchdog"]


class Watchdog:
    """Looks at the loop's last sign of life. ``check`` is called regularly by a thread; tests call it by hand."""

    def __init__(self, clock: Clock, alive_at: Callable[[], float], limit_s: float, thread_id: int | None) -> None:
        """``limit_s``: silence after which the scan counts as stuck; ``thread_id``: the scan's, for its stack."""
        self._clock = clock
        self._alive_at = alive_at
        #: silence after which the scan counts as stuck, seconds; follows the scan's period
        self.limit_s = limit_s
        self._thread_id = thread_id
        #: how often the scan got stuck
        self.count = 0
        self.stuck = False
        #: seconds of silence at the last check
        self.age_s = 0.0
        self._done = threading.Event()

    def check(self) -> str | None:
        """What to report, once each time the scan gets stuck: for how long, and where it stands."""
        self.age_s = self._clock.monotonic() - self._alive_at()
        if self.age_s <= self.limit_s:
            self.stuck = False
            return None
        if self.stuck:
            return None
        self.stuck = True
        self.count += 1
        return f"the scan has not finished for {self.age_s:.1f} s; it stands at:\n{self._stack()}"

    def watch(self, every_s: float, report: Callable[[str], None]) -> threading.Thread:
        """Check in a thread of its own until ``stop``."""

        def work() -> None:
            while not self._done.wait(every_s):
                if message := self.check():
                    report(message)

        thread = threading.Thread(target=work, name="watchdog", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """End the thread."""
        self._done.set()

    def _stack(self) -> str:
        frame = sys._current_frames().get(self._thread_id or 0)  # noqa: SLF001  the documented way to a thread's stack
        return "".join(traceback.format_stack(frame)) if frame else "(unknown)"
