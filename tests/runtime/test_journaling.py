"""Which changes of state come into the journal, and which are none."""

from pathlib import Path

import numpy as np
import pytest

from runtime.assembly import Assembly, load
from runtime.journaling import StateJournal
from runtime.scan import Cycle, Moment
from tagdb import Batch, Inbox, Mark, Quality, TagStore
from tagdb.history import Event

ROOT = Path(__file__).parents[2]


class Bench:
    """A scan over the demo's tags; values are posted by name."""

    def __init__(self, assembly: Assembly) -> None:
        self.store, self.inbox = TagStore(), Inbox()
        self.store.install(assembly.directory.tags)
        self.journal = StateJournal(assembly.directory)
        self.events: list[Event] = []
        self.cycle = Cycle(
            self.store, self.inbox, lambda scan, now: None,
            housekeeping=[lambda result: self.events.extend(self.journal.events(self.store, result))],
        )  # fmt: skip
        self.now = 100.0

    def slot(self, name: str) -> int:
        return self.store.tags[name].slot

    def scan(self, **values: float) -> list[tuple[str, str, str]]:
        """Post values of mkz.gpu1 and scan; (category, key, text) of the events."""
        self.now += 0.1
        for name, value in values.items():
            slots, cells = np.array([self.slot(f"mkz.gpu1.{name}")]), np.array([value])
            self.inbox.post(Batch(slots, cells, np.array([192], np.uint16), self.now - 0.05, self.now))
        self.events.clear()
        self.cycle.run(Moment(self.now, self.now))
        return [(event.category, event.key.rpartition(".")[2], event.text["en"]) for event in self.events]

    def mark(self, name: str, quality: Quality) -> None:
        self.inbox.post(Mark(np.array([self.slot(f"mkz.gpu1.{name}")]), quality))


@pytest.fixture(scope="module")
def assembly() -> Assembly:
    return load(ROOT / "scada.ini")


@pytest.fixture
def bench(assembly: Assembly) -> Bench:
    return Bench(assembly)


def test_the_first_reading_is_no_event(bench: Bench) -> None:
    assert bench.scan(gen_status=9, mode_auto=1, gen_switch_status=3) == []


def test_states_breakers_and_modes_are_told_in_words(bench: Bench) -> None:
    bench.scan(gen_status=8, gen_switch_status=0, mode_auto=0, mode_manual=1)
    assert bench.scan(gen_status=9) == [("device", "gen_status", "Genset state: Running")]
    closed = "Generator breaker sequence state: Closed"
    assert bench.scan(gen_switch_status=3) == [("breaker", "gen_switch_status", closed)]
    assert bench.scan(mode_auto=1, mode_manual=0) == [("mode", "mode_auto", "Auto mode")], "not what ceased to be"
    event = bench.events[0]
    assert (event.device, event.before, event.after) == ("mkz.gpu1", "0", "1")
    assert event.source_time == pytest.approx(bench.now - 0.05)


def test_nothing_changed_is_no_event(bench: Bench) -> None:
    bench.scan(gen_status=9)
    assert bench.scan(gen_status=9) == []


def test_a_missed_reading_is_no_event_and_a_change_behind_it_is(bench: Bench) -> None:
    bench.scan(gen_status=9)
    bench.mark("gen_status", Quality.LAST_KNOWN)
    assert bench.scan() == []
    assert bench.scan(gen_status=9) == []
    bench.mark("gen_status", Quality.LAST_KNOWN)
    bench.scan()
    assert bench.scan(gen_status=10) == [("device", "gen_status", "Genset state: Cooling")]


def test_after_a_lost_connection_the_first_reading_is_a_base_line_again(bench: Bench) -> None:
    bench.scan(gen_status=9)
    bench.mark("gen_status", Quality.NOT_CONNECTED)
    assert bench.scan() == []
    assert bench.scan(gen_status=0) == []
    assert bench.scan(gen_status=1) == [("device", "gen_status", "Genset state: Preheat")]


def test_measurements_are_no_events(bench: Bench) -> None:
    bench.scan(coolant_temp=80)
    assert bench.scan(coolant_temp=90) == []


def test_a_reload_forgets_nothing(bench: Bench, assembly: Assembly) -> None:
    bench.scan(gen_status=8)
    bench.journal.install(assembly.directory)
    assert bench.scan(gen_status=9) == [("device", "gen_status", "Genset state: Running")]


OFFLINE, ONLINE, DISTURBED = 3, 1, 2
LOST = ("device", "comm_state", "Connection state: Offline")
FOUND = ("device", "comm_state", "Connection state: Online")


def test_a_connection_is_told_when_it_is_lost_and_when_it_is_back(bench: Bench) -> None:
    bench.scan(comm_state=0)
    assert bench.scan(comm_state=ONLINE) == [], "the base line"
    told = []
    for state in (DISTURBED, ONLINE, DISTURBED, OFFLINE, ONLINE, DISTURBED, ONLINE):
        told += bench.scan(comm_state=state)
    assert told == [LOST, FOUND], "two lines for a loss, none for an answer that went astray"


def test_a_connection_that_comes_and_goes_does_not_fill_the_journal(bench: Bench, assembly: Assembly) -> None:
    bench.scan(comm_state=ONLINE)
    told = []
    for _ in range(100):
        told += bench.scan(comm_state=DISTURBED)
        told += bench.scan(comm_state=OFFLINE)
        told += bench.scan(comm_state=ONLINE)
    assert told == [LOST, FOUND] * 3
    told = bench.scan(comm_state=OFFLINE)
    bench.journal.install(assembly.directory)
    bench.now += 600
    told += bench.scan()
    late = ("device", "comm_state", "Connection state: Offline (changed 195 times)")
    assert told == [late], "how it stands in the end"
    event = bench.events[0]
    assert (event.before, event.after, event.data["count"]) == ("Online", "Offline", 195)
    assert bench.scan() == []
    bench.now += 600
    assert bench.scan(comm_state=ONLINE) == [FOUND], "calm again: told at once"
