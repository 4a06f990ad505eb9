"""One scan as a function of tags, inbox and now."""

import numpy as np
import pytest

from runtime.scan import Cycle, Moment, Rule
from runtime.scan.result import Phase
from tagdb import Batch, Inbox, Mark, Quality, Refresh, TagStore


def batch(slot: int, value: float, at: float, source: str = "mkz.gpu1") -> Batch:
    return Batch(np.array([slot]), np.array([value]), np.array([192], np.uint16), at, at, source=source)


def make(store: TagStore, inbox: Inbox, rules: tuple[Rule, ...] = ()) -> tuple[Cycle, list[tuple[int, float]]]:
    published: list[tuple[int, float]] = []
    return Cycle(store, inbox, lambda scan, now: published.append((scan, store.cell[0])), rules), published


def test_a_scan_latches_publishes_and_tells_what_changed(store: TagStore, inbox: Inbox) -> None:
    cycle, published = make(store, inbox)
    inbox.post(batch(0, 100.0, 10.0))
    inbox.post(batch(1, 1500.0, 10.0))
    result = cycle.run(Moment(10.0, 10.0))
    assert (result.scan, result.items, list(result.changed)) == (1, 2, [0, 1])
    assert published == [(1, 100.0)]
    inbox.post(batch(1, 1500.0, 10.1))
    assert list(cycle.run(Moment(10.1, 10.1)).changed) == []


def test_what_arrives_during_a_scan_belongs_to_the_next(store: TagStore, inbox: Inbox) -> None:
    def late(store: TagStore, now: Moment) -> None:
        inbox.post(batch(0, 7.0, now.time))

    cycle, _ = make(store, inbox, (Rule("late", late),))
    assert cycle.run(Moment(1.0, 1.0)).items == 0
    assert store.value("mkz.gpu1.power") is None
    assert cycle.run(Moment(1.1, 1.1)).items == 1
    assert store.value("mkz.gpu1.power") == 7.0


def test_the_same_inbox_and_clock_give_the_same_tags() -> None:
    def replay() -> bytes:
        store, inbox = TagStore(capacity=16), Inbox()
        cycle = Cycle(store, inbox, lambda scan, now: None)
        rng = np.random.default_rng(7)
        for scan in range(200):
            now = 100 + scan * 0.1
            for _ in range(int(rng.integers(0, 4))):
                slots = rng.choice(16, 4, replace=False)
                kind = int(rng.integers(0, 3))
                if kind == 0:
                    cells, quality = rng.normal(size=4), np.full(4, 192, np.uint16)
                    inbox.post(Batch(slots, cells, quality, now, now))
                elif kind == 1:
                    inbox.post(Mark(slots, Quality.LAST_KNOWN))
                else:
                    inbox.post(Refresh(slots, now, now))
            cycle.run(Moment(now, now))
        return b"".join(a.tobytes() for a in (store.cell, store.quality, store.source_time, store.change_time))

    assert replay() == replay()


def test_stale_values_keep_their_value_and_lose_their_quality(store: TagStore, inbox: Inbox) -> None:
    cycle, _ = make(store, inbox)
    inbox.post(batch(0, 100.0, 10.0))
    cycle.run(Moment(10.0, 10.0))
    assert cycle.run(Moment(13.0, 13.0)).expired == 0
    result = cycle.run(Moment(13.1, 13.1))
    assert (result.expired, list(result.changed)) == (1, [0])
    assert store.sample("mkz.gpu1.power").value == 100.0
    assert store.sample("mkz.gpu1.power").quality == Quality.STALE


def test_rules_run_in_order_on_what_was_latched(store: TagStore, inbox: Inbox) -> None:
    def double(store: TagStore, now: Moment) -> None:
        store.set("mkz.gpu1.total", 2 * float(store.cell[0]), Quality.GOOD, now.time)

    def increment(store: TagStore, now: Moment) -> None:
        store.set("mkz.gpu1.total", float(store.cell[2]) + 1, Quality.GOOD, now.time)

    cycle, _ = make(store, inbox, (Rule("double", double), Rule("increment", increment)))
    inbox.post(batch(0, 10.0, 1.0))
    cycle.run(Moment(1.0, 1.0))
    assert store.value("mkz.gpu1.total") == 21.0


def test_a_rule_that_fails_is_faulted_alone(store: TagStore, inbox: Inbox) -> None:
    runs = []

    def broken(store: TagStore, now: Moment) -> None:
        runs.append(now)
        raise ZeroDivisionError("no load")

    def working(store: TagStore, now: Moment) -> None:
        store.set("mkz.gpu1.speed", now.monotonic, Quality.GOOD, now.time)

    rules = (Rule("broken", broken, ["mkz.gpu1.total"]), Rule("working", working))
    cycle, published = make(store, inbox, rules)
    cycle.run(Moment(1.0, 1.0))
    cycle.run(Moment(2.0, 2.0))
    assert len(runs) == 1
    assert "ZeroDivisionError: no load" in rules[0].fault
    assert store.sample("mkz.gpu1.total").quality == Quality.FAILURE
    assert store.value("mkz.gpu1.speed") == 2.0
    assert len(published) == 2


def test_the_slowest_device_of_a_latch_is_named(store: TagStore, inbox: Inbox) -> None:
    ticks = iter([0.0, 0.0, 0.001, 0.051, *([0.051] * 20)])
    cycle = Cycle(store, inbox, lambda scan, now: None, stopwatch=lambda: next(ticks))
    inbox.post(batch(0, 1.0, 1.0, source="mkz.gpu1"))
    inbox.post(batch(1, 1.0, 1.0, source="yakz.gpu2"))
    result = cycle.run(Moment(1.0, 1.0))
    assert result.slowest[Phase.LATCH] == ("yakz.gpu2", pytest.approx(0.05))
