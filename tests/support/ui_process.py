"""``python -m ui`` without the second that its imports cost: forked from one process that has loaded them.

Everything from the command line on is the same: a process of its own, its arguments, its first line, its signals; but
passwords are hashed at the least cost.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from tagdb.accounts import passwords
from tests.support.accounts import CHEAP
from ui.__main__ import main

__all__ = ["ui_process"]

ROOT = Path(__file__).parents[2]
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["__main__", __name__])


@contextmanager
def ui_process(arguments: list[str]) -> Iterator[tuple[str, BaseProcess]]:
    """The first line that it prints ("" where it ended without one), and the process; ended afterwards."""
    reader, writer = _FORKS.Pipe(duplex=False)
    process = _FORKS.Process(target=_run, args=(arguments, writer), daemon=True)
    process.start()
    writer.close()
    try:
        with os.fdopen(os.dup(reader.fileno()), encoding="utf-8") as printed:
            yield printed.readline().rstrip("\n"), process
    finally:
        reader.close()
        if process.is_alive():
            assert process.pid is not None
            os.kill(process.pid, signal.SIGTERM)
        process.join(30)
        assert process.exitcode is not None, "it does not end"
        process.close()


def _run(arguments: list[str], printed: Connection) -> None:
    os.dup2(printed.fileno(), 1)
    printed.close()
    os.chdir(ROOT)
    passwords.PasswordHasher = lambda: CHEAP  # type: ignore[misc,assignment]
    sys.argv = ["python -m ui", *arguments]
    sys.exit(main())
