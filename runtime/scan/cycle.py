"""One scan: latch the inbox, run the logic, publish the image, hand on what changed.

A scan is a function of (tags, inbox, now): the same items at the same moments give the same tags. Only the durations in
its result come from a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from runtime.scan.clock import Moment
from runtime.scan.result import Phase, ScanResult
from runtime.scan.rule import Logic
from tagdb import Batch, Inbox, Mark, Refresh, TagStore

__all__ = ["Cycle"]


class Cycle:
    """The PLC's program: state and the four phases over it."""

    def __init__(
        self,
        store: TagStore,
        inbox: Inbox,
        publish: Callable[[int, Moment], None],
        rules: Sequence[Logic] = (),
        housekeeping: Sequence[Callable[[ScanResult], None]] = (),
        stopwatch: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """``publish`` writes the image as of (scan, now); ``stopwatch`` gives seconds for the durations."""
        self.store = store
        self.inbox = inbox
        self.rules: Sequence[Logic] = list(rules)
        self._publish = publish
        self._housekeeping = housekeeping
        self._stopwatch = stopwatch
        #: scans done
        self.scan = 0

    def run(self, now: Moment) -> ScanResult:
        """Do one scan."""
        self.scan += 1
        clock = self._stopwatch
        result = ScanResult(self.scan, now, np.empty(0, np.intp), 0, 0)
        started = clock()
        self._latch(now, result)
        latched = clock()
        self._logic(now, result)
        done = clock()
        self._publish(self.scan, now)
        published = clock()
        result.took = {Phase.LATCH: latched - started, Phase.LOGIC: done - latched, Phase.OUTPUTS: published - done}
        result.changed = np.flatnonzero(self.store.change_time == now.time)
        for sink in self._housekeeping:
            sink(result)
        result.took[Phase.HOUSEKEEPING] = clock() - published
        return result

    def _latch(self, now: Moment, result: ScanResult) -> None:
        store, clock = self.store, self._stopwatch
        spent: dict[str, float] = {}
        before = clock()
        items = self.inbox.drain()
        for item in items:
            if isinstance(item, Batch):
                store.apply(item, now.time)
            elif isinstance(item, Mark):
                store.mark(item, now.time)
            elif isinstance(item, Refresh):
                store.refresh(item)
            after = clock()
            spent[item.source] = spent.get(item.source, 0.0) + after - before
            before = after
        result.items = len(items)
        result.expired = store.expire(now.monotonic, now.time)
        if spent:
            result.slowest[Phase.LATCH] = max(spent.items(), key=lambda pair: pair[1])

    def _logic(self, now: Moment, result: ScanResult) -> None:
        clock = self._stopwatch
        before = clock()
        slowest, longest = "", -1.0
        for logic in self.rules:
            for rule in logic.due(self.store, now):
                rule.evaluate(self.store, now)
                after = clock()
                rule.note_cost(after - before)
                if after - before >= longest:
                    slowest, longest = rule.name, after - before
                before = after
        if slowest:
            result.slowest[Phase.LOGIC] = (slowest, longest)
