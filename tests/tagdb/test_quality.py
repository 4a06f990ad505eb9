"""Quality codes keep their ranges and all have words."""

import pytest

from tagdb import Quality


@pytest.mark.parametrize("quality", list(Quality))
def test_level_follows_the_range(quality: Quality) -> None:
    assert quality.level == ("good" if quality < 256 else "uncertain" if quality < 512 else "bad")
    assert quality.reason or quality is Quality.GOOD


def test_codes_are_those_of_ignition() -> None:
    codes = {"GOOD": 192, "LAST_KNOWN": 257, "STALE": 516, "NOT_CONNECTED": 522, "OUT_OF_RANGE": 524}
    assert {name: int(Quality[name]) for name in codes} == codes


def test_the_worst_of_several_is_the_largest() -> None:
    assert max(Quality.GOOD, Quality.LAST_KNOWN) is Quality.LAST_KNOWN
    assert max(Quality.LAST_KNOWN, Quality.STALE) is Quality.STALE
