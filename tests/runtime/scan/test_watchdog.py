"""The watchdog reports a stuck scan once, with the place where it stands."""

import threading

from runtime.scan import Watchdog
from tests.support.clock import ManualClock


def test_a_stuck_scan_is_reported_once_until_it_moves_again(clock: ManualClock) -> None:
    alive = [clock.now]
    watchdog = Watchdog(clock, lambda: alive[0], 2.0, threading.get_ident())
    clock.now += 2.0
    assert watchdog.check() is None
    clock.now += 0.5
    message = watchdog.check()
    assert message is not None
    assert "has not finished for 2.5 s" in message
    assert "test_a_stuck_scan_is_reported_once" in message, "the stack of the scan's thread"
    assert watchdog.stuck
    assert watchdog.check() is None, "once"
    alive[0] = clock.now
    assert watchdog.check() is None
    assert not watchdog.stuck
    clock.now += 3.0
    assert watchdog.check() is not None
    assert watchdog.count == 2
