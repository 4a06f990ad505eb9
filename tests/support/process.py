"""A process that does not outlive its test, whatever becomes of that: one left alone would be waited for for ever."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["ended_with_test"]


@contextmanager
def ended_with_test(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """Wait for its end; where the test has failed, kill it first."""
    with process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise
