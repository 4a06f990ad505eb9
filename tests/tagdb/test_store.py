"""The tag store: what samples, marks, refreshes and time do to a tag."""

import math

import numpy as np
import pytest

from tagdb import Batch, Kind, Mark, Quality, Refresh, Tag, TagStore, allocate
from tagdb.store import TEXT_BYTES, clip_utf8

WORDS = {"en": "x", "ru": "x"}


def tag(name: str, slot: int, kind: Kind = Kind.FLOAT, stale: float = math.inf, row: int = -1) -> Tag:
    return Tag(name, slot, kind, "mkz", "mkz.gpu1", "engine", WORDS, stale_after_s=stale, text_row=row)


def batch(slot: int, value: float, at: float = 100.0, quality: Quality = Quality.GOOD, raw: int = 7) -> Batch:
    return Batch(
        np.array([slot]), np.array([value]), np.array([quality], np.uint16), at, at, np.array([raw], np.uint64)
    )


@pytest.fixture
def store() -> TagStore:
    store = TagStore(capacity=4, texts=1)
    store.install([tag("mkz.gpu1.a", 0, stale=5.0), tag("mkz.gpu1.b", 1)])
    return store


def test_a_new_tag_has_no_value_until_it_is_read(store: TagStore) -> None:
    sample = store.sample("mkz.gpu1.a")
    assert (sample.value, sample.quality, sample.source_time, sample.change_time) == (None, Quality.INITIAL, None, None)


def test_a_sample_sets_value_raw_quality_and_times(store: TagStore) -> None:
    store.apply(batch(0, 23.7, at=100.0), now=100.5)
    sample = store.sample("mkz.gpu1.a")
    assert (sample.value, sample.quality, sample.raw) == (23.7, Quality.GOOD, 7)
    assert (sample.source_time, sample.change_time) == (100.0, 100.5)


def test_the_change_time_moves_only_when_value_or_quality_does(store: TagStore) -> None:
    store.apply(batch(0, 1.0, at=100.0), now=100.5)
    store.apply(batch(0, 1.0, at=101.0), now=101.5)
    assert store.sample("mkz.gpu1.a").change_time == 100.5
    assert store.sample("mkz.gpu1.a").source_time == 101.0
    store.apply(batch(0, 1.0, at=102.0, quality=Quality.OUT_OF_RANGE), now=102.5)
    assert store.sample("mkz.gpu1.a").change_time == 102.5


def test_no_data_read_twice_is_no_change(store: TagStore) -> None:
    store.apply(batch(0, math.nan, quality=Quality.NO_DATA), now=100.5)
    store.apply(batch(0, math.nan, quality=Quality.NO_DATA), now=101.5)
    assert store.sample("mkz.gpu1.a").change_time == 100.5


def test_a_failed_read_keeps_the_value_as_last_known(store: TagStore) -> None:
    store.apply(batch(0, 5.0), now=100.0)
    store.mark(Mark(np.array([0, 1]), Quality.LAST_KNOWN), now=101.0)
    assert store.sample("mkz.gpu1.a").value == 5.0
    assert store.sample("mkz.gpu1.a").quality == Quality.LAST_KNOWN
    assert store.sample("mkz.gpu1.b").quality == Quality.INITIAL, "what was never read has no last known value"


def test_bad_does_not_become_better_by_a_failed_read(store: TagStore) -> None:
    store.apply(batch(0, math.nan, quality=Quality.NO_DATA), now=100.0)
    store.mark(Mark(np.array([0]), Quality.LAST_KNOWN), now=101.0)
    assert store.sample("mkz.gpu1.a").quality == Quality.NO_DATA


def test_offline_overrides_everything(store: TagStore) -> None:
    store.apply(batch(0, math.nan, quality=Quality.NO_DATA), now=100.0)
    store.mark(Mark(np.array([0, 1]), Quality.NOT_CONNECTED), now=101.0)
    assert {store.sample(name).quality for name in store.tags} == {Quality.NOT_CONNECTED}


def test_what_is_older_than_its_period_allows_goes_stale_and_keeps_its_value(store: TagStore) -> None:
    store.apply(batch(0, 5.0, at=100.0), now=100.0)
    assert store.expire(monotonic=105.0, now=105.0) == 0
    assert store.expire(monotonic=105.1, now=105.1) == 1
    sample = store.sample("mkz.gpu1.a")
    assert (sample.value, sample.quality, sample.change_time) == (5.0, Quality.STALE, 105.1)
    assert store.expire(monotonic=200.0, now=200.0) == 0, "only once"


def test_a_jump_of_the_wall_clock_makes_nothing_stale(store: TagStore) -> None:
    store.apply(batch(0, 5.0, at=100.0), now=100.0)
    assert store.expire(monotonic=101.0, now=100.0 + 86400 * 365) == 0
    assert store.expire(monotonic=102.0, now=0.0) == 0


def test_a_refresh_keeps_a_gated_value_fresh_but_heals_nothing(store: TagStore) -> None:
    store.apply(batch(0, 0.0, at=100.0), now=100.0)
    store.refresh(Refresh(np.array([0]), 104.0, 104.0))
    assert store.expire(monotonic=108.0, now=108.0) == 0
    assert store.sample("mkz.gpu1.a").source_time == 104.0
    store.mark(Mark(np.array([0]), Quality.NOT_CONNECTED), now=109.0)
    store.refresh(Refresh(np.array([0]), 110.0, 110.0))
    assert store.sample("mkz.gpu1.a").quality == Quality.NOT_CONNECTED
    assert store.sample("mkz.gpu1.a").source_time == 104.0


def test_u64_keeps_all_its_bits() -> None:
    store = TagStore(capacity=1)
    store.install([tag("mkz.gpu1.serial", 0, Kind.U64)])
    number = 2**64 - 3
    store.apply(batch(0, float(np.array([number], np.uint64).view(np.float64)[0])), now=1.0)
    assert store.value("mkz.gpu1.serial") == number


def test_texts_are_kept_beside_and_change_like_values() -> None:
    store = TagStore(capacity=1, texts=1)
    store.install([tag("mkz.gpu1.name", 0, Kind.TEXT, row=0)])
    for moment, text in ((1.0, "ГПУ"), (2.0, "ГПУ"), (3.0, "другая")):
        one = Batch(np.array([0]), np.zeros(1), np.array([192], np.uint16), moment, moment, texts=[(0, text)])
        store.apply(one, now=moment)
    assert store.value("mkz.gpu1.name") == "другая"
    assert store.sample("mkz.gpu1.name").change_time == 3.0


def test_a_long_text_is_cut_between_characters() -> None:
    cut = clip_utf8("a" + "ж" * TEXT_BYTES)
    assert TEXT_BYTES - 2 < len(cut) <= TEXT_BYTES
    assert cut.decode() == "a" + "ж" * ((TEXT_BYTES - 1) // 2)


def test_a_new_tag_set_touches_only_what_changed(store: TagStore) -> None:
    store.apply(batch(0, 1.0), now=100.0)
    store.apply(batch(1, 2.0), now=100.0)
    store.install([tag("mkz.gpu1.a", 0), tag("mkz.gpu1.c", 1), tag("mkz.gpu1.d", 9)])
    assert store.value("mkz.gpu1.a") == 1.0
    assert store.value("mkz.gpu1.c") is None, "another tag in the slot starts anew"
    assert store.capacity >= 10
    assert "mkz.gpu1.b" not in store


def test_a_tag_of_another_kind_starts_anew(store: TagStore) -> None:
    store.apply(batch(0, 1.0), now=100.0)
    store.install([tag("mkz.gpu1.a", 0, Kind.BOOL)])
    assert store.value("mkz.gpu1.a") is None


def test_slots_stay_and_gaps_are_filled() -> None:
    assert allocate(["a", "b", "c"], {}) == {"a": 0, "b": 1, "c": 2}
    assert allocate(["x", "a", "c", "y"], {"a": 0, "c": 2}) == {"x": 1, "a": 0, "c": 2, "y": 3}


def test_the_slot_of_a_removed_tag_rests_for_one_generation() -> None:
    assert allocate(["a", "x"], {"a": 0, "b": 1}) == {"a": 0, "x": 2}


def test_a_tag_that_was_never_read_has_no_value_whatever_its_kind() -> None:
    store = TagStore(capacity=1)
    store.install([tag("mkz.gpu1.serial", 0, Kind.U64)])
    store.mark(Mark(np.array([0]), Quality.NOT_CONNECTED), now=1.0)
    assert store.sample("mkz.gpu1.serial").value is None


def test_a_forced_tag_keeps_its_value_whatever_comes_and_is_true_again_when_released(store: TagStore) -> None:
    store.apply(batch(0, 5.0), now=100.0)
    store.force(0, 9.0, now=101.0)
    both = Batch(
        np.array([0, 1]), np.array([6.0, 7.0]), np.full(2, Quality.GOOD, np.uint16), 102.0, 102.0,
        np.array([60, 70], np.uint64),
    )  # fmt: skip
    store.apply(both, now=102.5)
    assert (store.value("mkz.gpu1.a"), store.value("mkz.gpu1.b")) == (9.0, 7.0)
    assert store.sample("mkz.gpu1.a").quality is Quality.FORCED
    store.mark(Mark(np.array([0, 1]), Quality.NOT_CONNECTED), now=103.0)
    assert store.sample("mkz.gpu1.a").quality is Quality.FORCED
    assert store.sample("mkz.gpu1.b").quality is Quality.NOT_CONNECTED
    assert store.expire(1000.0, now=103.5) == 0, "a forced tag does not go stale"
    assert store.seen(0) == -math.inf, "a forced value was read from nobody"
    store.release(0, now=104.0)
    sample = store.sample("mkz.gpu1.a")
    assert (sample.value, sample.quality, sample.raw) == (6.0, Quality.NOT_CONNECTED, 60)
    assert sample.change_time == 104.0
    assert store.seen(0) == 102.0


def test_a_computed_tag_can_be_forced_over(store: TagStore) -> None:
    store.set("mkz.gpu1.b", 1.0, Quality.GOOD, now=100.0)
    store.force(1, 2.0, now=100.5)
    store.set("mkz.gpu1.b", 3.0, Quality.GOOD, now=101.0)
    assert store.value("mkz.gpu1.b") == 2.0
    assert store.forced == {1}
    store.release(1, now=102.0)
    assert store.value("mkz.gpu1.b") == 3.0
    assert store.forced == frozenset()


def test_texts_beside_a_forced_tag_arrive(store: TagStore) -> None:
    store.install([tag("mkz.gpu1.a", 0), tag("mkz.gpu1.t", 1, Kind.TEXT, row=0)])
    store.force(0, 1.0, now=100.0)
    good = np.full(2, Quality.GOOD, np.uint16)
    store.apply(Batch(np.array([0, 1]), np.zeros(2), good, 1.0, 1.0, texts=[(1, "words")]), now=2.0)
    assert store.value("mkz.gpu1.t") == "words"
    store.set_text("mkz.gpu1.t", "more", Quality.GOOD, now=3.0)
    assert store.value("mkz.gpu1.t") == "more"


def test_a_tag_that_goes_takes_its_force_along(store: TagStore) -> None:
    store.force(0, 1.0, now=100.0)
    store.install([tag("mkz.gpu1.c", 0)])
    assert store.forced == frozenset()
