"""The upkeep seen from the process that records: started, started again when it ends, and how it goes.

Stage: beside the recorder and the writer; the passes themselves are the child's.
"""

from __future__ import annotations

import contextlib
import json
import logging
import subprocess
import sys
import threading
import time
from dataclasses import replace

from tagdb.history.database import shown
from tagdb.samples.keeper import Upkeep
from tagdb.samples.retention import Keeping

__all__ = ["UpkeepProcess"]

_log = logging.getLogger("history")

#: pauses before a process that ended is started again, seconds
PAUSES_S = (1.0, 5.0, 30.0)
#: one that ran so long begins with the shortest again, seconds
_WELL_S = 60.0
_MODULE = "tagdb.samples.upkeep"


class UpkeepProcess:
    """One for a database; a thread of its own follows what the process tells."""

    def __init__(self, url: str, keeping: Keeping) -> None:
        """Nothing is started yet. ``url``: of the samples."""
        self._order = json.dumps({"url": url, "days": dict(keeping.days), "limit_bytes": keeping.limit_bytes}) + "\n"
        self._shown = shown(url)
        self._status = Upkeep()
        self._stopping = threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._watch, name="history upkeep", daemon=True)

    def status(self) -> Upkeep:
        """How it goes. Any thread."""
        return self._status

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """End after the pass that is under way; one that takes longer is cut off: each change is one transaction."""
        self._stopping.set()
        process = self._process
        if process is not None:
            _let_go(process)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout_s)
            process.kill()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _watch(self) -> None:
        ended = 0
        while not self._stopping.is_set():
            why, begun = "the upkeep's process has ended", time.monotonic()
            try:
                self._follow()
            except OSError as problem:  # no memory, too many processes
                why = f"the upkeep's process cannot be started: {problem}"
            if self._stopping.is_set():
                return
            ended = 0 if time.monotonic() - begun >= _WELL_S else ended
            pause = PAUSES_S[min(ended, len(PAUSES_S) - 1)]
            ended += 1
            _log.error("%s; starting it again in %g s", why, pause)
            self._tell(replace(self._status, error=why))
            self._stopping.wait(pause)

    def _follow(self) -> None:
        """Run the process to its end."""
        argv = [sys.executable, "-m", _MODULE]
        pipe = subprocess.PIPE
        with subprocess.Popen(argv, stdin=pipe, stdout=pipe, text=True, errors="replace") as process:  # noqa: S603
            self._process = process
            assert process.stdin is not None  # noqa: S101  pipes were asked for
            assert process.stdout is not None  # noqa: S101
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(self._order)
                process.stdin.flush()
            if self._stopping.is_set():  # stop() came before there was a process to let go
                _let_go(process)
            for line in process.stdout:
                self._heard(line)
            _let_go(process)  # here, since what it never read would be an error where Popen closes it

    def _heard(self, line: str) -> None:
        try:
            self._tell(Upkeep(**json.loads(line)))
        except (ValueError, TypeError):  # cut off by the process's end, or of a library that prints
            _log.warning("the upkeep's process said what is no status: %.200r", line)

    def _tell(self, status: Upkeep) -> None:
        before, self._status = self._status, status
        if status.error and not before.error:
            _log.error("upkeep of the recorded values fails: %s: %s", self._shown, status.error)
        if before.error and not status.error:
            _log.warning("the recorded values are kept up again: %s", self._shown)
        if status.thinned_days > before.thinned_days:
            days = status.thinned_days - before.thinned_days
            _log.warning("the recorded values reached their limit on the disk: %d days of single samples deleted", days)


def _let_go(process: subprocess.Popen[str]) -> None:
    """Close its input, which ends it; the thread that reads its output keeps that."""
    with contextlib.suppress(BrokenPipeError, ValueError):
        if process.stdin:
            process.stdin.close()
