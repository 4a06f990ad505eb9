"""The process that keeps the samples up: passes of the keeper until whoever started it lets go of its input.

Stage: a child of the process that records. It reads one JSON line of what to keep, and writes one of how it goes
whenever that changes. Packing and rolling up are seconds of computing: in a thread they would hold the interpreter's
lock just when a scan is due.
"""

from __future__ import annotations

import json
import logging
import os
import select
import signal
import sys
from dataclasses import asdict, replace
from typing import IO

from tagdb.child import become_child
from tagdb.history.database import ERRORS, sentence
from tagdb.samples.codec import BadData
from tagdb.samples.keeper import Keeper, Upkeep
from tagdb.samples.retention import Keeping

__all__ = ["main", "work"]

#: it steps back for everybody, nice(2); not by so much from where the scan is, which stands before all others
NICE = 10
#: seconds between passes when all is done, and while there is more
PAUSE_S, MORE_S = 2.0, 0.05


def work(keeper: Keeper, inlet: IO[str], outlet: IO[str]) -> None:
    """Passes until ``inlet`` ends; a line to ``outlet`` whenever how it goes has changed."""
    told: Upkeep | None = None
    pause = 0.0
    while not select.select([inlet], [], [], pause)[0]:
        error, more = "", False
        try:
            more = keeper.step()
        except (*ERRORS, BadData) as problem:
            error = sentence(problem)
        except Exception as problem:  # the process's top: a mistake of ours must not end the upkeep
            logging.getLogger("history").exception("upkeep of the recorded values")
            error = sentence(problem)
        if error:
            keeper.close()
        status = replace(keeper.status(), error=error)
        if status != told:
            print(json.dumps(asdict(status)), file=outlet, flush=True)
            told = status
        pause = MORE_S if more else PAUSE_S
    keeper.close()


def main() -> int:
    """0 when it was let go."""
    # Killed with its parent, also in a transaction: nobody else's upkeep may begin while this one is still at work.
    become_child(signal.SIGKILL)
    # A service manager tells all processes to end, and it is the scan that lets go of this one.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    os.setpriority(os.PRIO_PROCESS, 0, max(NICE, os.getpriority(os.PRIO_PROCESS, 0)))
    if not (line := sys.stdin.readline()):  # let go before it had begun
        return 0
    given = json.loads(line)
    work(Keeper(given["url"], Keeping(given["days"], given["limit_bytes"])), sys.stdin, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
