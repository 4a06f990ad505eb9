"""Distributions against a plain computation, and the tags that show them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.scan import Distribution, Moment, ScanStatistics
from runtime.scan.result import Phase, ScanResult
from tagdb import Kind, Tag, TagStore


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=300), st.integers(1, 50))
def test_quantiles_are_those_of_the_last_values(values: list[float], size: int) -> None:
    distribution = Distribution(size)
    for value in values:
        distribution.add(value)
    last = sorted(values[-size:])
    n = len(last)
    expected = [last[-(-n * share // 100) - 1] for share in (50, 95, 99)]
    assert distribution.quantiles() == (*expected, last[-1])
    assert distribution.worst == max(values)


def test_nothing_measured_is_zero() -> None:
    assert Distribution().quantiles() == (0.0, 0.0, 0.0, 0.0)


def test_tags_are_written_once_a_second() -> None:
    store = TagStore(capacity=4)
    words = {"en": "", "ru": ""}
    names = ["scada.scan.count", "scada.scan.exec_ms_max"]
    store.install(Tag(name, i, Kind.FLOAT, "", "", "scan", words) for i, name in enumerate(names))
    statistics = ScanStatistics(0.1, lambda name, text: None)
    for scan in range(1, 12):
        now = Moment(100 + scan / 10, scan / 10)
        result = ScanResult(scan, now, np.empty(0, np.intp), 0, 0, {Phase.LATCH: 0.002 * scan})
        statistics.finished(result, 0.0)
        statistics.write(store, result)
        if scan == 10:
            assert store.value("scada.scan.count") == 1.0
    assert store.value("scada.scan.count") == 11.0
    assert store.value("scada.scan.exec_ms_max") == pytest.approx(22.0)
