"""Whatever fails and whenever: what was posted is in the journal once and in order, or is counted as dropped."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import peewee
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tagdb.history import HistoryWriter
from tagdb.history.ledger import Ledger, Taken
from tagdb.history.records import Record
from tagdb.history.spool import Spool
from tests.support.clock import ManualClock
from tests.tagdb.history.samples import event, keys_at, record


class FaultyLedger(Ledger):
    """Fails before or after the transaction as it is told."""

    fault = ""

    def write(self, records: Sequence[Record], durable: bool = False) -> Taken:
        if self.fault == "before":
            raise peewee.OperationalError("down")
        taken = super().write(records, durable)
        if self.fault == "after":
            # the commit arrived, its answer did not
            raise peewee.OperationalError("lost")
        return taken


class Journey(RuleBasedStateMachine):
    """Posts, faults, crashes and restarts in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.url = f"sqlite:///{self.folder.name}/history.sqlite3"
        self.clock = ManualClock()
        self.posted = 0
        self.dropped_before = 0
        self.lost = 0
        self.begin()

    def begin(self) -> None:
        place = Path(self.folder.name, "spool")
        self.ledger = FaultyLedger(self.url, "place")
        self.writer = HistoryWriter(
            self.url,
            place,
            queue_limit=20,
            spool_limit_bytes=20_000,
            batch=4,
            period_s=30.0,  # how long a call to the database is waited for here: a loaded machine changes nothing
            monotonic=self.clock.monotonic,
            ledger=self.ledger,
        )
        self.spool_takes = 1_000_000
        spool = self.writer._spool
        append = spool.append

        def limited(records: Sequence[Record]) -> int:
            stored = append(records[: self.spool_takes])
            self.spool_takes -= stored
            return stored

        spool.append = limited  # type: ignore[method-assign]

    @rule(count=st.integers(1, 25))
    def post(self, count: int) -> None:
        for _ in range(count):
            self.writer.post(event(self.posted))
            self.posted += 1

    @rule()
    def step(self) -> None:
        self.clock.now += 100
        self.writer.step()

    @rule(fault=st.sampled_from(["", "before", "after"]))
    def break_database(self, fault: str) -> None:
        self.ledger.fault = fault

    @rule(takes=st.sampled_from([0, 3, 1_000_000]))
    def break_spool(self, takes: int) -> None:
        self.spool_takes = takes

    @rule()
    def crash(self) -> None:
        # what a killed process had in memory is gone, and nobody counts it
        self.lost += self.writer.status()["queued"]
        self.leave()

    @rule()
    def restart(self) -> None:
        self.clock.now += 100
        self.writer.step()
        self.writer._spill()
        self.lost += self.writer.status()["queued"]
        self.leave()

    def leave(self) -> None:
        self.dropped_before += self.writer.status()["dropped"]
        self.writer._lane.call(self.writer._close_ledger, 10)
        self.writer._lane.stop(10)
        self.writer._spool.close()
        self.begin()

    @invariant()
    def what_is_there_is_in_order_and_once(self) -> None:
        if self.posted:
            keys = keys_at(self.url)
            assert keys == sorted(set(keys))

    def teardown(self) -> None:
        self.ledger.fault = ""
        self.spool_takes = 1_000_000
        self.clock.now += 100
        self.writer.step()
        keys = keys_at(self.url)
        dropped = self.dropped_before + self.writer.status()["dropped"]
        assert keys == sorted(set(keys))
        missing = self.posted - len(keys)
        # less than lost, where a commit arrived and its answer did not
        assert missing <= self.lost + dropped
        assert self.writer.status()["queued"] == self.writer.status()["spooled"] == 0
        self.writer.close()
        self.folder.cleanup()


def test_whatever_fails_the_journal_is_whole_and_in_order() -> None:
    run_state_machine_as_test(Journey, settings=settings(max_examples=40, stateful_step_count=25, deadline=None))


@given(
    data=st.data(),
    batches=st.lists(st.integers(1, 6), min_size=1, max_size=8),
)
@settings(max_examples=60, deadline=None)
def test_a_spool_cut_at_any_byte_gives_back_all_whole_lines(data: st.DataObject, batches: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        spool = Spool(place)
        spool.open()
        total = 0
        for size in batches:
            assert spool.append([record(total + n + 1) for n in range(size)]) == size
            total += size
        spool.close()
        (segment,) = place.glob("*.spool")
        whole = segment.read_bytes()
        cut = data.draw(st.integers(0, len(whole)))
        segment.write_bytes(whole[:cut])
        # a line that lacks nothing but its end is whole
        lines = (whole[:cut] + b"\n" if whole[cut : cut + 1] == b"\n" else whole[:cut]).count(b"\n")
        assert everything(Spool(place)) == list(range(1, lines + 1))


def everything(spool: Spool) -> list[Any]:
    spool.open()
    found = []
    while batch := spool.peek(3):
        found += [one.number for one in batch]
        spool.advance()
    spool.close()
    return found
