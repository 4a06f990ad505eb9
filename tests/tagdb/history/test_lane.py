"""One call at a time in another thread, for which nobody has to wait to the end."""

from __future__ import annotations

import threading

import pytest

from tagdb.history.lane import Lane, StillBusy


def test_a_call_gives_its_result_or_its_error() -> None:
    lane: Lane[int] = Lane("lane")
    assert lane.call(lambda: 7, 10) == 7
    with pytest.raises(ZeroDivisionError):
        lane.call(lambda: 1 // 0, 10)
    assert lane.call(lambda: 8, 10) == 8
    assert not lane.pending
    lane.stop(10)


def test_a_late_result_is_collected_afterwards() -> None:
    lane: Lane[int] = Lane("lane")
    go = threading.Event()
    with pytest.raises(StillBusy):
        lane.call(lambda: 5 if go.wait(60) else 0, 0.0)
    assert lane.pending
    with pytest.raises(StillBusy):
        lane.collect()
    go.set()
    assert lane.collect(10) == 5
    lane.stop(10)


def test_a_lane_that_was_never_used_stops() -> None:
    Lane[int]("lane").stop(0)
