"""A piece of logic that runs in every scan on the frozen tags, and what happens when it fails."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from runtime.scan.clock import Moment
from tagdb import Quality, TagStore

__all__ = ["Logic", "Rule"]


class Logic(Protocol):
    """A part of the scan's logic: one rule, or many of which some are due."""

    def due(self, store: TagStore, now: Moment) -> Iterable[Rule]:
        """The rules to be run in this scan, in order; each has run before the next is asked for."""


@dataclass(slots=True)
class Rule:
    """Logic with a name and declared outputs. A rule that raises is faulted alone: the scan goes on without it."""

    name: str
    run: Callable[[TagStore, Moment], None]
    #: tags that it writes; they go bad when it fails
    outputs: Sequence[str] = field(default_factory=tuple)
    #: told when it fails: what follows from its result, and is no tag
    failed: Callable[[TagStore, Moment], None] | None = None
    #: the traceback of its failure; "" while it works
    fault: str = ""
    #: scans it ran in, seconds that all of them took, and that the longest took
    runs: int = 0
    spent_s: float = 0.0
    worst_s: float = 0.0

    def due(self, store: TagStore, now: Moment) -> Iterable[Rule]:
        """What of it is to be run in this scan: all of it."""
        return (self,)

    def evaluate(self, store: TagStore, now: Moment) -> None:
        """Run once; after a failure do nothing more."""
        if self.fault:
            return
        try:
            self.run(store, now)
        except Exception:  # the guard around foreign code: whatever it raises, the scan goes on
            self.fault = traceback.format_exc()
            for name in self.outputs:
                store.set(name, float(store.cell[store.tags[name].slot]), Quality.FAILURE, now.time)
            if self.failed is not None:
                self.failed(store, now)

    def note_cost(self, took_s: float) -> None:
        """Count one run of so many seconds."""
        self.runs += 1
        self.spent_s += took_s
        if took_s > self.worst_s:
            self.worst_s = took_s
