"""A progress bar on the terminal; silent where the errors go into a file."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TextIO

__all__ = ["Progress"]

_WIDTH = 30
_EVERY_S = 0.1


class Progress:
    """``with Progress("export") as told: told(0.5)``; the share done is 0 to 1."""

    def __init__(
        self, label: str, out: TextIO | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._label, self._out, self._monotonic = label, out or sys.stderr, monotonic
        self._begun = self._shown = monotonic()
        self._drawn = False

    def __enter__(self) -> Progress:
        return self

    def __call__(self, share: float) -> None:
        """Show how much is done."""
        now = self._monotonic()
        if not self._out.isatty() or (now - self._shown < _EVERY_S and share < 1.0):
            return
        self._shown, self._drawn = now, True
        full = round(_WIDTH * share)
        left = (now - self._begun) * (1 - share) / share if share > 0.01 else None
        rest = "" if left is None else f" {left:.0f} s left"
        self._out.write(f"\r{self._label} [{'#' * full}{'.' * (_WIDTH - full)}] {share * 100:3.0f} %{rest}\x1b[K")
        self._out.flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawn:
            self._out.write("\n")
