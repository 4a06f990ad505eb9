"""Whatever happens in whatever order: one open occurrence per alarm, none lost, none doubled, times in order, and a
restart at any point makes no difference to what follows."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.scan.alarms import AlarmDefinition, AlarmEngine, AlarmState, Event, Priority, Transition
from tagdb import Quality
from tests.runtime.scan.alarms.plant import Plant

RULE = "rule:hot:mkz.gpu1"
KEYS = ("mkz.gpu1.stop", "mkz.gpu1.warn", "mkz.gpu1.unknown", "mkz.gpu2.stop")
MAINTENANCE = "mkz.gpu1.maintenance"
QUALITIES = (Quality.GOOD, Quality.GOOD, Quality.LAST_KNOWN, Quality.STALE, Quality.NOT_CONNECTED)

key = st.sampled_from(KEYS)
readings = st.tuples(
    st.just("read"),
    st.dictionaries(st.sampled_from((*KEYS, MAINTENANCE)), st.sampled_from((0.0, 1.0, 1.0, 3.0, 4.0)), min_size=1),
    st.sampled_from(QUALITIES),
)
orders = st.one_of(
    st.tuples(st.just("acknowledge"), key),
    st.tuples(st.just("acknowledge all"), st.none()),
    st.tuples(st.just("reset"), key),
    st.tuples(st.just("shelve"), key),
    st.tuples(st.just("unshelve"), key),
    st.tuples(st.just("take out"), key),
    st.tuples(st.just("put back"), key),
)
times = st.one_of(
    st.tuples(st.just("scan"), st.sampled_from((0.1, 1.0, 5.0, 40.0))),
    st.tuples(st.just("wall clock"), st.sampled_from((-86400.0, -1.0, 3600.0))),
)
script = st.lists(st.one_of(readings, readings, readings, times, orders), max_size=40)
changes = st.one_of(
    st.tuples(st.just("reload"), st.sets(key)),
    st.tuples(st.just("report"), st.booleans(), st.sampled_from(QUALITIES)),
    st.tuples(st.just("read"), st.just({"mkz.gpu1.comm_state": 3.0}), st.just(Quality.GOOD)),
    st.tuples(st.just("read"), st.just({"mkz.gpu1.comm_state": 1.0}), st.just(Quality.GOOD)),
)
wild = st.lists(st.one_of(readings, readings, readings, times, orders, changes), max_size=40)


def rows_of(plant: Plant, delay_s: float) -> list[AlarmDefinition]:
    """One alarm latched, one suppressible, one of words, one plain with delays."""
    changes: dict[str, dict[str, Any]] = {
        "mkz.gpu1.stop": {"latched": True},
        "mkz.gpu1.warn": {"suppressed_by": MAINTENANCE},
        "mkz.gpu2.stop": {"on_delay_s": delay_s, "off_delay_s": delay_s},
    }
    rule = AlarmDefinition(RULE, "mkz", "mkz.gpu1", {}, Priority.HIGH, "rule", on_delay_s=delay_s)
    return [*(replace(row, **changes.get(row.key, {})) for row in plant.definitions), rule]


def do(plant: Plant, engine: AlarmEngine, step: tuple[Any, ...]) -> None:
    """One order; readings and times are the plant's, for all engines that look at it."""
    what, argument = step[:2]
    now, orders_of = plant.now, engine.orders
    if what == "acknowledge":
        orders_of.acknowledge([argument], "anna", "", now)
    elif what == "acknowledge all":
        orders_of.acknowledge_all("anna", "", now)
    elif what == "reset":
        orders_of.reset(argument, "anna", now)
    elif what == "shelve":
        orders_of.shelve(argument, 30.05, "noise", "anna", now)
    elif what == "unshelve":
        orders_of.unshelve(argument, "anna", now)
    elif what == "take out":
        orders_of.take_out(argument, "maintenance", "anna", now)
    elif what == "put back":
        orders_of.put_back(argument, "anna", now)
    elif what == "report":
        engine.report(RULE, argument, step[2], now)


def play(plant: Plant, steps: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Move the plant; yields every step after its readings or time, for the engines to follow."""
    for step in steps:
        if step[0] == "read":
            plant.write(step[1], step[2])
        elif step[0] == "wall clock":
            plant.clock.wall_offset += step[1]
        plant.clock.now += step[1] if step[0] == "scan" else 0.1
        yield step


class Ledger:
    """What the transitions say, kept independently of the engine."""

    def __init__(self) -> None:
        self.state: dict[str, AlarmState] = {}
        self.open: dict[str, int] = {}
        self.ended: set[int] = set()

    def take(self, step: Transition) -> None:
        assert step.before == self.state.get(step.key, AlarmState.NORMAL)
        self.state[step.key] = step.after
        if step.event in (Event.RAISE, Event.PRESENT):
            assert step.key not in self.open
            assert step.occurrence not in self.ended
            self.open[step.key] = step.occurrence
        elif step.occurrence:
            assert self.open[step.key] == step.occurrence
        if step.after is AlarmState.NORMAL and step.occurrence:
            self.ended.add(self.open.pop(step.key))

    def check(self, engine: AlarmEngine) -> None:
        found = [(definition.key, occurrence) for definition, occurrence in engine.open()]
        assert {name: occurrence.id for name, occurrence in found} == self.open
        assert len(found) == len(self.open)
        for name, occurrence in found:
            assert occurrence.state == self.state[name]
        for occurrence in engine.touched():
            assert (occurrence.cleared_at is not None) == (occurrence.id in self.ended)
            later = (occurrence.acknowledged_at, occurrence.returned_at, occurrence.cleared_at)
            assert all(stamp >= occurrence.raised_at for stamp in later if stamp is not None)
            if occurrence.cleared_at is not None:
                assert all(stamp <= occurrence.cleared_at for stamp in later if stamp is not None)


@settings(max_examples=150, deadline=None)
@given(wild, st.sampled_from((0.0, 2.0)), st.sets(st.integers(0, 40)))
def test_nothing_is_doubled_and_nothing_is_lost(
    steps: list[tuple[Any, ...]], delay_s: float, restarts: set[int]
) -> None:
    plant = Plant()
    rows = rows_of(plant, delay_s)
    engine = AlarmEngine(rows, plant.store.tags, plant.now)
    ledger = Ledger()
    for number, step in enumerate(play(plant, steps)):
        do(plant, engine, step)
        if step[0] == "reload":
            rows = [row for row in rows_of(plant, delay_s) if row.key not in step[1]]
            engine.install(rows, plant.store.tags, plant.now)
        for transition in engine.evaluate(plant.store, plant.now):
            ledger.take(transition)
        ledger.check(engine)
        if number in restarts:
            engine = AlarmEngine(rows, plant.store.tags, plant.now, engine.dump(plant.now))
            ledger.check(engine)


@settings(max_examples=150, deadline=None)
@given(script)
def test_an_open_alarm_says_what_its_tag_says(steps: list[tuple[Any, ...]]) -> None:
    plant = Plant()
    engine = AlarmEngine(rows_of(plant, 0.0), plant.store.tags, plant.now)
    for step in play(plant, steps):
        do(plant, engine, step)
        engine.evaluate(plant.store, plant.now)
        for name in KEYS:
            sample = plant.store.sample(name)
            alarm = engine.alarm(name)
            assert alarm is not None
            if sample.quality is Quality.GOOD:
                assert alarm.holds == bool(sample.value)
                assert alarm.state is not AlarmState.UNSAFE
            elif sample.quality >= Quality.BAD and alarm.holds:
                hidden = (AlarmState.SHELVED, AlarmState.SUPPRESSED, AlarmState.OUT_OF_SERVICE)
                assert alarm.state in (AlarmState.UNSAFE, *hidden)


@settings(max_examples=150, deadline=None)
@given(script, script)
def test_a_restart_at_any_point_makes_no_difference(
    before: list[tuple[Any, ...]], after: list[tuple[Any, ...]]
) -> None:
    plant = Plant()
    rows = rows_of(plant, 0.0)
    whole = AlarmEngine(rows, plant.store.tags, plant.now)
    for step in play(plant, before):
        do(plant, whole, step)
        whole.evaluate(plant.store, plant.now)
    restarted = AlarmEngine(rows, plant.store.tags, plant.now, whole.dump(plant.now))
    assert plainly(restarted) == plainly(whole)
    for step in play(plant, after):
        seen = []
        for engine in (whole, restarted):
            do(plant, engine, step)
            seen.append([told(item) for item in engine.evaluate(plant.store, plant.now)])
        assert seen[0] == seen[1]
        assert plainly(restarted) == plainly(whole)
        assert shelves(restarted, plant) == shelves(whole, plant)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(readings, readings, times), max_size=30))
def test_a_burst_that_takes_several_scans_ends_where_one_scan_would(steps: list[tuple[Any, ...]]) -> None:
    plant = Plant()
    rows = rows_of(plant, 0.0)
    whole, slow = (AlarmEngine(rows, plant.store.tags, plant.now) for _ in range(2))
    slow.at_once = 1
    ledger = Ledger()
    for _ in play(plant, steps):
        whole.evaluate(plant.store, plant.now)
        for step in slow.evaluate(plant.store, plant.now):
            ledger.take(step)
    for _ in range(len(steps) * len(KEYS)):
        plant.clock.now += 0.1
        for step in slow.evaluate(plant.store, plant.now):
            ledger.take(step)
    ledger.check(slow)
    assert states(slow) == states(whole)


def states(engine: AlarmEngine) -> dict[str, tuple[AlarmState, bool, Any]]:
    """What is open, whether it holds, and with which value it was raised last."""
    return {o.key: (o.state, o.active, o.value_raised) for _, o in engine.open()}


def plainly(engine: AlarmEngine) -> dict[str, dict[str, Any]]:
    """The open occurrences, without what only a witness of the moments before can know: what came first."""
    found = {}
    for _, occurrence in engine.open():
        row = occurrence.to_json()
        del row["first_out"], row["group"], row["present_at_start"]
        found[occurrence.key] = row
    return found


def shelves(engine: AlarmEngine, plant: Plant) -> list[Any]:
    """What is hidden; the end is kept by the wall clock, whose numbers are good for a microsecond."""
    return [replace(row, until=row.until and round(row.until, 3)) for row in engine.orders.shelves(plant.now)]


def told(step: Transition) -> Transition:
    """A first reading is told differently after a restart."""
    return step._replace(event=Event.RAISE) if step.event == Event.PRESENT else step
