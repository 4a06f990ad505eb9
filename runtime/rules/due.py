"""Which rules can find something new in a scan: those whose inputs changed, whose delays run, or that look at time.

Stage: between the scan's cycle and the rules. What a rule finds follows from its inputs' values and qualities, so a
rule whose inputs stand still is not asked again; with most tags read once a second that is nine rules out of ten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from runtime.scan import Moment, Rule
from tagdb import TagStore

__all__ = ["DueRules", "Step"]


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Step:
    """One rule with what decides whether it is due."""

    rule: Rule
    #: slots of the tags it reads
    reads: Sequence[int]
    #: slots of the tags it writes
    writes: Sequence[int] = ()
    #: asked in every scan: it looks at time, or at what values and qualities do not show
    always: bool = False
    #: whether it must be asked in the next scan although nothing changed: a delay runs
    waits: Callable[[], bool] = _never


class DueRules:
    """All rules of one configuration in the order they run in: those that write tags first."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._steps = tuple(steps)
        self._slots = np.array(sorted({slot for step in self._steps for slot in step.reads}), np.intp)
        place = {int(slot): index for index, slot in enumerate(self._slots)}
        # Pairs of (input, rule that reads it), so that changed inputs become rules in one look.
        pairs = [(place[slot], index) for index, step in enumerate(self._steps) for slot in step.reads]
        self._inputs = np.array([pair[0] for pair in pairs], np.intp)
        self._readers = np.array([pair[1] for pair in pairs], np.intp)
        self._always = np.array([step.always for step in self._steps], bool)
        written = {slot: index for index, step in enumerate(self._steps) for slot in step.writes}
        followers: dict[int, list[int]] = {}
        for index, step in enumerate(self._steps):
            for slot in step.reads:
                if slot in written and written[slot] != index:
                    followers.setdefault(written[slot], []).append(index)
        self._followers = followers
        self._writers = sum(1 for step in self._steps if step.writes)
        self._own = np.array([place[slot] for slot in written if slot in place], np.intp)
        self._computed = np.array([s for step in self._steps if not step.always for s in step.writes], np.intp)
        self._waiting: set[int] = set()
        self.forget()

    def forget(self) -> None:
        """Ask every rule in the next scan."""
        self._cell = np.zeros(self._slots.size, np.int64)
        self._quality = np.full(self._slots.size, 65535, np.uint16)  # no quality has this number
        self._fresh = True

    def due(self, store: TagStore, now: Moment) -> Iterator[Rule]:
        """The rules to be run in this scan, one by one: whether the next is due may follow from what the last wrote."""
        dirty = self._always | self._read_anew(store)
        if self._fresh:
            dirty[:] = True
            self._fresh = False
        asked = dirty[: self._writers].tolist()
        late: set[int] = set()
        for index in range(self._writers):
            if asked[index] or index in late:
                yield from self._write(index, store, late)
        if self._computed.size:
            # Asked or not, what it says holds as of now; a rule that failed says nothing any more.
            store.source_time[self._computed] = now.time
        own = self._slots[self._own]
        self._cell[self._own] = store.cell[own].view(np.int64)
        self._quality[self._own] = store.quality[own]
        waiting = self._waiting
        found = (np.flatnonzero(dirty[self._writers :]) + self._writers).tolist()
        for index in sorted({*found, *waiting, *(one for one in late if one >= self._writers)}):
            step = self._steps[index]
            yield step.rule
            if step.waits():
                waiting.add(index)
            else:
                waiting.discard(index)

    def _read_anew(self, store: TagStore) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        cell = store.cell.take(self._slots).view(np.int64)
        quality = store.quality.take(self._slots)
        changed = (cell != self._cell) | (quality != self._quality)
        self._cell, self._quality = cell, quality
        dirty = np.zeros(len(self._steps), bool)
        dirty[self._readers[changed[self._inputs]]] = True
        return dirty

    def _write(self, index: int, store: TagStore, late: set[int]) -> Iterator[Rule]:
        """``late``: rules that turn out to be due since what they read has just been written."""
        step = self._steps[index]
        followers = self._followers.get(index)
        before = _image(step.writes, store) if followers else None
        yield step.rule
        if step.rule.fault and not step.always:
            self._computed = np.setdiff1d(self._computed, np.array(step.writes, np.intp))
        if followers and _image(step.writes, store) != before:
            late.update(followers)


def _image(slots: Sequence[int], store: TagStore) -> list[tuple[bytes, int]]:
    """Values as bits, so that "no value" equals itself."""
    return [(store.cell[slot].tobytes(), int(store.quality[slot])) for slot in slots]
