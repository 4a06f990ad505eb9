import pytest

from runtime.simulator.sequence import GensetState, Sequence, Timings

S = GensetState


def run(sequence: Sequence, seconds: float, *, run: bool, rpm: float, loaded: bool = False) -> list[GensetState]:
    """The states it goes through, each once."""
    seen = [sequence.state]
    for _ in range(round(seconds * 10)):
        sequence.step(0.1, run=run, rpm=rpm, loaded=loaded)
        if sequence.state is not seen[-1]:
            seen.append(sequence.state)
    return seen


def test_a_start_goes_through_every_status_in_order() -> None:
    sequence = Sequence()
    assert run(sequence, 5, run=True, rpm=0) == [S.STANDBY, S.PREHEAT, S.FUEL_ON, S.CRANKING]
    assert run(sequence, 30, run=True, rpm=600)[1:] == [S.SAFETY_ON, S.START_IDLE, S.WARMING_UP, S.WAITING_FOR_LOAD]
    assert run(sequence, 1, run=True, rpm=1500, loaded=True)[-1] is S.RUNNING
    assert sequence.starts == 1


def test_a_stop_cools_down_idles_and_waits_for_standstill() -> None:
    sequence = Sequence(state=S.RUNNING)
    assert run(sequence, 0.1, run=False, rpm=1500, loaded=True)[-1] is S.RUNNING, "a loaded set is not stopped"
    seen = run(sequence, 60, run=False, rpm=1500)
    assert seen == [S.RUNNING, S.COOLING, S.STOP_IDLE, S.ETS, S.STANDSTILL]
    assert run(sequence, 20, run=False, rpm=0) == [S.STANDSTILL, S.AFTER_STOP, S.STANDBY]


def test_an_engine_that_does_not_fire_is_cranked_three_times() -> None:
    sequence = Sequence()
    failed = 0
    for _ in range(1000):
        sequence.step(0.1, run=sequence.attempts < 3 or not failed, rpm=190, loaded=False)
        failed += sequence.crank_failed
        if failed:
            break
    assert (sequence.attempts, failed, sequence.state) == (3, 1, S.ETS)


def test_an_engine_that_keeps_turning_fails_to_stop() -> None:
    sequence = Sequence(Timings(standstill_s=5.0), S.STANDSTILL)
    assert run(sequence, 6, run=False, rpm=300)[-1] is S.STOP_FAILURE
    assert run(sequence, 0.1, run=False, rpm=0)[-1] is S.AFTER_STOP


@pytest.mark.parametrize(
    ("state", "expected"),
    [(S.PREHEAT, S.STANDBY), (S.CRANKING, S.ETS), (S.START_IDLE, S.STOP_IDLE), (S.WAITING_FOR_LOAD, S.COOLING)],
)
def test_a_stop_while_starting_gives_up(state: GensetState, expected: GensetState) -> None:
    sequence = Sequence(state=state)
    sequence.left_s = 5.0
    sequence.step(0.1, run=False, rpm=900, loaded=False)
    assert sequence.state is expected


def test_a_set_that_cools_down_is_called_back_without_a_new_start() -> None:
    sequence = Sequence(state=S.RUNNING)
    run(sequence, 5, run=False, rpm=1500)
    assert run(sequence, 0.1, run=True, rpm=1500)[-1] is S.WAITING_FOR_LOAD


def test_shutting_down_skips_cooling() -> None:
    sequence = Sequence(state=S.RUNNING)
    sequence.stop_at_once()
    assert sequence.state is S.ETS
    assert not sequence.fuel or sequence.state is S.ETS
