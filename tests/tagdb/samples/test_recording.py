"""From the scan into the database and back, on both databases."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tagdb import Kind, Quality
from tagdb.samples import TagSet
from tests.tagdb.samples.bench import NOON, Bench, tag

Make = Callable[..., Bench]
MS = round(NOON * 1000)


def stored(
    bench: Bench, name: str, start: float = NOON - 3600, end: float = NOON + 86400
) -> list[tuple[float, object, int]]:
    """Seconds after noon, value, quality."""
    curve = bench.samples().curves([name], round(start * 1000), round(end * 1000))[name]
    return [((int(t) - MS) / 1000, curve.plain(i), int(curve.quality[i])) for i, t in enumerate(curve.time)]


def test_changes_are_kept_with_their_source_time(bench: Make) -> None:
    one = bench([tag("a.b.power", 0, deadband=1.0)])
    for at, value in ((0, 10.0), (1, 10.4), (2, 10.9), (3, 11.0), (4, 11.5), (5, 9.9)):
        one.scan(NOON + at, {"a.b.power": value}, source=NOON + at - 0.25)
    one.write()
    assert stored(one, "a.b.power") == [(-0.25, 10.0, 192), (2.75, 11.0, 192), (4.75, 9.9, 192)]


def test_every_kind_comes_back(bench: Make) -> None:
    kinds = [Kind.FLOAT, Kind.INT, Kind.BOOL, Kind.ENUM, Kind.U64, Kind.TEXT]
    one = bench([tag(f"a.b.{kind}", slot, kind) for slot, kind in enumerate(kinds)])
    values = [0.1, -7, True, 3, 2**64 - 1, "Нет связи"]
    one.scan(NOON, {f"a.b.{kind}": value for kind, value in zip(kinds, values, strict=True)})
    one.scan(NOON + 1, {"a.b.text": "", "a.b.u64": 0})
    one.write()
    assert [stored(one, f"a.b.{kind}")[0][1] for kind in kinds] == values
    assert stored(one, "a.b.text") == [(0, "Нет связи", 192), (1, "", 192)]
    one.keep()
    assert stored(one, "a.b.text") == [(0, "Нет связи", 192), (1, "", 192)]


def test_a_quality_is_kept_at_the_time_of_the_scan(bench: Make) -> None:
    one = bench([tag("a.b.power", 0, deadband=100.0)])
    one.scan(NOON, {"a.b.power": 10.0}, source=NOON - 0.5)
    one.mark(NOON + 7, "a.b.power", Quality.NOT_CONNECTED)
    one.scan(NOON + 9, {"a.b.power": 10.1})
    one.write()
    assert stored(one, "a.b.power") == [(-0.5, 10.0, 192), (7, 10.0, 522), (9, 10.1, 192)]


def test_what_was_never_read_is_not_kept(bench: Make) -> None:
    one = bench([tag("a.b.power", 0)])
    one.scan(NOON)
    one.scan(NOON + 5000)
    one.write()
    assert stored(one, "a.b.power") == []


def test_what_does_not_change_is_kept_now_and_then(bench: Make) -> None:
    one = bench([tag("a.b.power", 0)], longest_gap_s=60.0)
    for second in range(0, 200, 5):
        one.scan(NOON + second, {"a.b.power": 10.0})
    one.write()
    assert [at for at, *_ in stored(one, "a.b.power")] == [0, 60, 120, 180]


def test_a_start_marks_the_gap_before_it(bench: Make) -> None:
    first = bench([tag("a.b.power", 0)])
    first.scan(NOON, {"a.b.power": 10.0})
    first.write(NOON + 10)
    first.close()
    second = bench([tag("a.b.power", 0)], now=NOON + 600)
    second.scan(NOON + 601, {"a.b.power": 12.0})
    second.write()
    assert stored(second, "a.b.power") == [(0, 10.0, 192), (10.001, None, 258), (601, 12.0, 192)]


def test_a_start_with_a_clock_far_behind_marks_the_gap_where_it_will_be(bench: Make) -> None:
    """The clock is set right when a time server is found: what the last run held must not lead into that."""
    first = bench([tag("a.b.power", 0)])
    first.scan(NOON, {"a.b.power": 10.0})
    first.write(NOON + 10)
    first.close()
    second = bench([tag("a.b.power", 0)], now=NOON - 30 * 86400)
    second.scan(NOON + 601, {"a.b.power": 12.0})
    second.write()
    assert stored(second, "a.b.power") == [(0, 10.0, 192), (10.001, None, 258), (601, 12.0, 192)]


def test_tags_that_go_end_at_the_reload(bench: Make) -> None:
    one = bench([tag("a.b.power", 0), tag("a.b.speed", 1)])
    one.scan(NOON, {"a.b.power": 10.0, "a.b.speed": 1500.0})
    one.store.install([tag("a.b.power", 0)])
    one.recorder.install(TagSet([tag("a.b.power", 0)]), NOON + 30)
    one.scan(NOON + 31, {"a.b.power": 11.0})
    one.write()
    assert stored(one, "a.b.speed") == [(0, 1500.0, 192), (30, None, 258)]
    assert stored(one, "a.b.power") == [(0, 10.0, 192), (31, 11.0, 192)]


def test_packing_changes_nothing(bench: Make) -> None:
    one = bench([tag("a.b.power", 0), tag("a.b.mode", 1, Kind.ENUM)])
    noise = np.random.default_rng(3)
    for second in range(0, 3 * 3600, 20):
        one.scan(
            NOON + second, {"a.b.power": float(noise.integers(0, 900)) / 10, "a.b.mode": int(noise.integers(0, 3))}
        )
    one.write()
    before = stored(one, "a.b.power"), stored(one, "a.b.mode")
    one.keep()
    one.scan(NOON + 3 * 3600, {"a.b.power": 1.0})
    one.write()
    after = stored(one, "a.b.power"), stored(one, "a.b.mode")
    assert (after[0][:-1], after[1]) == before
    assert (
        one.samples().ask(lambda database: database.execute_sql("SELECT count(*) FROM sample_block").fetchone()[0]) == 2
    )


def test_many_flushes_are_read_like_few(bench: Make) -> None:
    one = bench([tag("a.b.power", 0), tag("a.b.words", 1, Kind.TEXT)])
    one.write()
    samples = one.samples()
    expected: list[tuple[float, str]] = []
    for number in range(150):
        words = f"w{number % 7}"
        one.scan(NOON + number, {"a.b.power": float(number), "a.b.words": words})
        one.write()
        expected.append((float(number), words))
        if number % 20 == 0 or number == 149:
            curves = samples.curves(["a.b.power", "a.b.words"], MS, MS + 3_600_000)
            power, texts = (curves[name] for name in ("a.b.power", "a.b.words"))
            assert power.value.tolist() == [value for value, _ in expected]
            assert [texts.plain(index) for index in range(len(texts))] == [words for _, words in expected]
    one.write(NOON + 3700)
    one.keep()
    assert len(samples.curves(["a.b.power"], MS, MS + 3_600_000)["a.b.power"]) == 150


def test_a_reader_that_stays_sees_what_comes_after_packing(bench: Make) -> None:
    """SQLite gives the numbers of packed batches again."""
    one = bench([tag("a.b.power", 0)])
    one.scan(NOON, {"a.b.power": 1.0})
    one.write()
    samples = one.samples()
    assert samples.curves(["a.b.power"], MS, MS + 10_000_000)["a.b.power"].value.tolist() == [1.0]
    one.write(NOON + 3700)
    one.keep()
    one.scan(NOON + 3701, {"a.b.power": 2.0})
    one.write()
    assert samples.curves(["a.b.power"], MS, MS + 10_000_000)["a.b.power"].value.tolist() == [1.0, 2.0]
