"""Upkeep on both databases: rollups are what raw samples say, also when these came late; old days go, others stay."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tagdb import Kind, Quality, Tag
from tagdb.samples import COLUMNS, Keeper, Keeping, import_file, wide_rows
from tagdb.samples.arrays import DAY_MS, HOUR_MS
from tagdb.samples.export import iso_times
from tagdb.samples.rollup import Buckets, roll
from tagdb.samples.series import TIERS, Series, tier_buckets
from tagdb.samples.tape import known_tags
from tests.tagdb.samples.bench import DAY, HOUR, KEEPING, NOON, Bench, tag
from tests.tagdb.samples.test_rollup import same

Make = Callable[..., Bench]
MS = round(NOON * 1000)
TAGS = [
    tag("a.b.power", 0, deadband=0.5),
    tag("a.b.mode", 1, Kind.ENUM),
    tag("a.b.temp", 2, deadband=0.5, compression="swinging-door"),
    tag("a.b.words", 3, Kind.TEXT),
    tag("a.b.still", 4),
]


def run(one: Bench, start: float, end: float, seed: int = 1, step_s: float = 97.0) -> None:
    """Scan what wanders; qualities come and go."""
    noise = np.random.default_rng(seed)
    power = 400.0
    now = start
    while now < end:
        power += float(noise.normal(0, 3))
        one.scan(now, {"a.b.power": round(power, 1), "a.b.temp": round(80 + power / 50, 2), "a.b.still": 7.0})
        if noise.random() < 0.1:
            one.scan(now + 1, {"a.b.mode": int(noise.integers(0, 4)), "a.b.words": str(noise.integers(0, 3))})
        if noise.random() < 0.02:
            one.mark(now + 2, "a.b.power", Quality.NOT_CONNECTED)
            one.mark(now + 3, "a.b.temp", Quality.STALE)
        now += step_s
    one.write()


def rollups_equal_raw(one: Bench, start: float, end: float, tiers: tuple[str, ...] = ("minute", "hour", "day")) -> None:
    """Every bucket that the database tells, against the one made of all raw samples at once."""
    samples = one.samples()
    low, high = (round(at * 1000) // DAY_MS * DAY_MS for at in (start, end + DAY))
    names = [name for name, info in samples.tags().items() if info.kind is not Kind.TEXT]
    curves = samples.curves(names, low - DAY_MS, high)
    for tier in (tier for tier in TIERS if tier.name in tiers):

        def stored(database: object, tier: object = tier) -> dict[str, Buckets]:
            known = known_tags(database, names)  # type: ignore[arg-type]
            found = tier_buckets(database, dict(known.values()), tier, low, high, samples.hot(database))  # type: ignore[arg-type]
            return {name: found[key] for name, (key, _) in known.items()}

        for name, buckets in samples.ask(stored).items():
            same(buckets, roll(curves[name], low, high, tier.width))


def test_rollups_equal_recomputation(bench: Make) -> None:
    one = bench(TAGS)
    run(one, NOON, NOON + 14 * HOUR)
    one.keep()
    assert one.samples().ask(lambda db: db.execute_sql("SELECT count(*) FROM sample_hour").fetchone()[0]) > 20
    rollups_equal_raw(one, NOON, NOON + 14 * HOUR)
    run(one, NOON + 14 * HOUR, NOON + 15 * HOUR, seed=2)
    rollups_equal_raw(one, NOON, NOON + 15 * HOUR)
    one.keep()
    rollups_equal_raw(one, NOON, NOON + 15 * HOUR)


def test_a_day_is_settled_into_few_blocks(bench: Make) -> None:
    one = bench(TAGS)
    for hour in range(0, 14, 2):
        run(one, NOON + hour * HOUR, NOON + (hour + 2) * HOUR, seed=hour)
        one.keep()
    count = f"SELECT count(*) FROM sample_block WHERE first < {MS + 12 * HOUR_MS}"
    assert one.samples().ask(lambda db: db.execute_sql(count).fetchone()[0]) == len(TAGS)
    rollups_equal_raw(one, NOON, NOON + 14 * HOUR)


def test_late_samples_repair_the_rollups(bench: Make) -> None:
    one = bench(TAGS)
    run(one, NOON, NOON + 26 * HOUR, step_s=311.0)
    one.keep()
    late = bench(TAGS, now=NOON + 26 * HOUR + 5)
    late.scan(NOON + 26 * HOUR + 6, {"a.b.power": 999.0}, source=NOON + 3 * HOUR + 100.5)
    late.scan(NOON + 26 * HOUR + 7, {"a.b.temp": 20.0}, source=NOON + 5 * HOUR - 0.5)
    late.scan(NOON + 26 * HOUR + 8, {"a.b.power": 500.0, "a.b.temp": 85.0})
    late.write()
    run(late, NOON + 26 * HOUR + 10, NOON + 28 * HOUR)
    late.keep()
    curve = late.samples().curves(["a.b.power"], MS, MS + 4 * HOUR_MS)["a.b.power"]
    assert 999.0 in curve.value
    rollups_equal_raw(late, NOON, NOON + 28 * HOUR)


def test_a_clock_set_back_over_midnight_opens_the_day_again(bench: Make) -> None:
    one = bench(TAGS)
    run(one, NOON, NOON + 15 * HOUR, step_s=211.0)
    one.keep()
    run(one, NOON + 11 * HOUR, NOON + 20 * HOUR, seed=6, step_s=211.0)
    one.keep()
    rollups_equal_raw(one, NOON, NOON + 20 * HOUR)


def test_what_comes_later_than_samples_are_kept_leaves_the_rollups_alone(five_days: Bench, bench: Make) -> None:
    keeper = Keeper(five_days.url, Keeping(KEEPING.days | {"raw": 1}, 1 << 40))
    keeper.finish()
    span = (["a.b.power"], MS + DAY_MS, MS + 3 * DAY_MS, 100)
    before = five_days.samples().series(*span)["a.b.power"].buckets
    late = bench(TAGS, now=NOON + 5 * DAY + 5)
    late.scan(NOON + 5 * DAY + 6, {"a.b.power": 9999.0}, source=NOON + 2 * DAY)
    late.write(NOON + 5 * DAY + 2 * HOUR)
    keeper.finish()
    keeper.close()
    after = five_days.samples().series(*span)["a.b.power"].buckets
    assert before is not None
    assert after is not None
    same(after, before)


def test_of_two_samples_of_a_moment_the_later_counts(bench: Make) -> None:
    one = bench(TAGS)
    one.scan(NOON, {"a.b.power": 1.0})
    one.write(NOON + HOUR)
    one.keep()
    second = bench(TAGS, now=NOON + HOUR)
    second.scan(NOON + HOUR + 1, {"a.b.power": 2.0}, source=NOON)
    second.write(NOON + 2 * HOUR + 100)
    assert second.samples().curves(["a.b.power"], MS, MS + 1)["a.b.power"].value.tolist() == [2.0]
    second.keep()
    assert second.samples().curves(["a.b.power"], MS, MS + 1)["a.b.power"].value.tolist() == [2.0]


def test_a_clock_set_back_an_hour_loses_nothing(bench: Make) -> None:
    one = bench(TAGS)
    run(one, NOON, NOON + 3 * HOUR, step_s=60.0)
    one.keep()
    run(one, NOON + 2 * HOUR, NOON + 5 * HOUR, seed=5, step_s=60.0)
    one.keep()
    rollups_equal_raw(one, NOON, NOON + 5 * HOUR)
    # both passes are there
    curve = one.samples().curves(["a.b.still"], MS, MS + 6 * HOUR_MS)["a.b.still"]
    assert set(curve.value.tolist()) == {7.0}


def days_of(one: Bench) -> list[int]:
    rows = one.samples().ask(lambda db: db.execute_sql("SELECT DISTINCT first FROM sample_block").fetchall())
    return sorted({(first - MS) // DAY_MS for (first,) in rows})


@pytest.fixture
def five_days(bench: Make) -> Bench:
    one = bench(TAGS, longest_gap_s=6 * HOUR)
    run(one, NOON, NOON + 5 * DAY, step_s=1801.0)
    one.keep()
    return one


def test_each_tier_is_kept_as_long_as_the_ini_says(five_days: Bench) -> None:
    keeper = Keeper(five_days.url, Keeping({"raw": 2, "minute": 3, "hour": 4, "day": 5}, 1 << 40))
    before = days_of(five_days)
    keeper.finish()
    keeper.close()
    assert before[0] == 0
    assert days_of(five_days)[0] >= 2
    for table, column, unit, days in (("sample_minutes", "day", DAY_MS, 3), ("sample_hour", "bucket", HOUR_MS, 4)):
        query = f"SELECT min({column}) FROM {table}"
        oldest = five_days.samples().ask(lambda db, query=query: db.execute_sql(query).fetchone()[0])
        if five_days.url.startswith("sqlite"):
            assert oldest * unit >= (MS + 5 * DAY_MS - days * DAY_MS) // DAY_MS * DAY_MS - DAY_MS
    rollups_equal_raw(five_days, NOON + 4 * DAY, NOON + 5 * DAY)


def test_where_samples_are_gone_rollups_are_told(five_days: Bench) -> None:
    start, end, names = MS + DAY_MS, MS + DAY_MS + HOUR_MS, ["a.b.still"]
    samples = five_days.samples()
    assert samples.series(names, start, end, 1000)["a.b.still"].tier == "raw"
    keeper = Keeper(five_days.url, Keeping(KEEPING.days | {"raw": 1}, 1 << 40))
    keeper.finish()
    keeper.close()
    series = samples.series(names, start, end, 1000)["a.b.still"]
    assert series.tier == "minute"
    assert set(_buckets(series).mean.tolist()) == {7.0}
    assert samples.statistics(names, start, end)["a.b.still"].good.tolist() == [1.0]
    assert samples.totals(names, start, end)["a.b.still"].good == 1.0
    table = list(wide_rows(samples, names, start, end, 600_000))
    assert [row[1] for row in table[1:]] == [7.0] * 6
    keeper = Keeper(five_days.url, Keeping({"raw": 1, "minute": 1, "hour": 10, "day": 10}, 1 << 40))
    keeper.finish()
    keeper.close()
    assert samples.series(names, start, end, 1000)["a.b.still"].tier == "hour"


def test_the_limit_thins_the_oldest_raw_days_alone(five_days: Bench) -> None:
    counts = "SELECT (SELECT count(*) FROM sample_hour) + (SELECT sum(count) FROM sample_minutes)"
    rollups = five_days.samples().ask(lambda db: db.execute_sql(counts).fetchone()[0])
    keeper = Keeper(five_days.url, Keeping(KEEPING.days, 1))
    keeper.finish()
    status = keeper.status()
    keeper.close()
    assert status.thinned_days >= 4
    assert len(days_of(five_days)) <= 1
    assert five_days.samples().ask(lambda db: db.execute_sql(counts).fetchone()[0]) == rollups
    series = five_days.samples().series(["a.b.power"], MS, MS + 4 * DAY_MS, 50)["a.b.power"]
    assert series.tier == "hour"
    assert series.buckets is not None
    assert series.buckets.good.min() > 0.5


def test_tags_may_change_what_they_are(bench: Make) -> None:
    one = bench([tag("a.b.power", 0)])
    one.scan(NOON, {"a.b.power": 1.5})
    one.write()
    changed: list[Tag] = [tag("a.b.power", 0, Kind.INT, unit="kW")]
    second = bench(changed, now=NOON + 60)
    second.scan(NOON + 61, {"a.b.power": 2})
    second.write()
    info = second.samples().tags()["a.b.power"]
    assert (info.kind, info.unit) == (Kind.INT, "kW")


def test_a_clock_that_falls_far_back_costs_no_rollups(five_days: Bench, bench: Make) -> None:
    """A computer without a clock of its own starts long ago, and is set right when it finds a time server."""
    keeper = Keeper(five_days.url, Keeping(KEEPING.days | {"raw": 1}, 1 << 40))
    keeper.finish()
    old = ("a.b.power", "a.b.still", "a.b.temp")
    spans = [(MS, MS + 4 * DAY_MS, points) for points in (4, 90, 4000)]
    before = [five_days.samples().series(old, *span) for span in spans]
    past = NOON - 30 * DAY
    later = bench(TAGS, now=past)
    run(later, past + 1, past + 3 * HOUR, step_s=1801.0)
    keeper.finish()
    run(later, NOON + 5 * DAY + 3 * HOUR, NOON + 5 * DAY + 9 * HOUR, step_s=1801.0)
    keeper.finish()
    keeper.close()
    for span, known in zip(spans, before, strict=True):
        now = later.samples().series(old, *span)
        assert [now[name].tier for name in old] == [known[name].tier for name in old]
        for name in old:
            same(_buckets(now[name]), _buckets(known[name]))
    rollups_equal_raw(later, NOON + 5 * DAY, NOON + 5 * DAY + 9 * HOUR, ("minute", "hour"))


def _buckets(series: Series) -> Buckets:
    assert series.buckets is not None
    return series.buckets


def test_a_clock_that_leaps_ahead_lets_go_of_a_day_an_hour(five_days: Bench) -> None:
    clock = [0.0]
    keeper = Keeper(five_days.url, Keeping(KEEPING.days | {"raw": 3}, 1 << 40), clock=lambda: clock[0])
    keeper.finish()
    days = days_of(five_days)
    five_days.scan(NOON + 40 * DAY, {"a.b.power": 1.0})
    five_days.write(NOON + 40 * DAY + HOUR)
    keeper.finish()
    assert set(days) <= set(days_of(five_days))
    for hour in (1, 2):
        clock[0] = 3600.0 * hour
        for _ in range(40):
            keeper.step()
        assert set(days) - set(days_of(five_days)) == set(days[:hour])
    keeper.close()


def test_a_backfill_from_before_the_samples_that_are_kept_repairs_the_others(bench: Make, tmp_path: Path) -> None:
    one = bench(TAGS, longest_gap_s=6 * HOUR)
    run(one, NOON, NOON + 3 * DAY, step_s=1801.0)
    one.keep()
    hours = MS + 250 + HOUR_MS * np.arange(48, dtype=np.int64)  # without a gap, so that they are redone as one piece
    rows = [f"{time},a.b.power,9000,192,float,,0,step" for time in iso_times(hours)]
    (tmp_path / "late.csv").write_text("\n".join((",".join(COLUMNS), *rows)))
    assert import_file(one.url, tmp_path / "late.csv") == 48
    run(one, NOON + 3 * DAY, NOON + 3 * DAY + 2 * HOUR, step_s=1801.0)
    keeper = Keeper(one.url, Keeping(KEEPING.days | {"raw": 2}, 1 << 40))
    keeper.finish()
    keeper.close()
    rollups_equal_raw(one, NOON + 2 * DAY, NOON + 3 * DAY)
