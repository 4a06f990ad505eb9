from runtime.simulator.breaker import Breaker, SwitchState

W = SwitchState


def states(breaker: Breaker, seconds: float, *, in_sync: bool = False, unloaded: bool = False) -> list[SwitchState]:
    seen = [breaker.state]
    for _ in range(round(seconds * 10)):
        breaker.step(0.1, in_sync=in_sync, unloaded=unloaded)
        if breaker.state is not seen[-1]:
            seen.append(breaker.state)
    return seen


def test_closing_waits_for_synchronism_and_opening_for_the_load() -> None:
    breaker = Breaker()
    breaker.close()
    assert states(breaker, 5) == [W.SYNCHRONISING]
    assert states(breaker, 2, in_sync=True) == [W.SYNCHRONISING, W.CLOSE_DELAY, W.WAITING_TO_CLOSE, W.CLOSED]
    breaker.open()
    assert states(breaker, 5) == [W.UNLOADING]
    assert breaker.closed
    assert states(breaker, 2, unloaded=True) == [W.UNLOADING, W.OPEN_DELAY, W.WAITING_TO_OPEN, W.OPEN]
    assert not breaker.closed


def test_orders_are_taken_back() -> None:
    breaker = Breaker()
    breaker.close()
    breaker.open()
    assert breaker.state is W.OPEN
    breaker = Breaker(closed=True)
    breaker.open()
    breaker.close()
    assert breaker.state is W.CLOSED


def test_one_button_for_both() -> None:
    breaker = Breaker()
    breaker.toggle()
    assert breaker.state is W.SYNCHRONISING
    breaker.toggle()
    assert breaker.state is W.OPEN


def test_a_trip_opens_at_once() -> None:
    breaker = Breaker(closed=True)
    breaker.trip()
    assert breaker.state is W.OPEN
