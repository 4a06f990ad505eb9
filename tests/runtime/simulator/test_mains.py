import pytest

from runtime.simulator.mains import Mains, MainsState
from runtime.simulator.wobble import seeded

M = MainsState


@pytest.fixture
def mains() -> Mains:
    return Mains(seeded(1, "mains"))


def states(mains: Mains, seconds: float) -> list[MainsState]:
    seen = [mains.state]
    for _ in range(round(seconds * 10)):
        mains.step(0.1)
        if mains.state is not seen[-1]:
            seen.append(mains.state)
    return seen


def test_a_healthy_mains_stays_in_its_limits(mains: Mains) -> None:
    for _ in range(3000):
        mains.step(1.0)
        assert mains.healthy
        assert 385 < mains.phase_volts(0) < 420
    assert mains.state is M.NORMAL


def test_a_failure_and_its_end_pass_through_the_delays(mains: Mains) -> None:
    mains.failed = True
    assert states(mains, 3) == [M.NORMAL, M.ABNORMAL_DELAY, M.ABNORMAL]
    assert mains.phase_volts(1) == 0.0
    assert mains.hertz == 0.0
    mains.failed = False
    assert states(mains, 15) == [M.ABNORMAL, M.NORMAL_DELAY, M.NORMAL]


def test_a_dip_within_the_delay_is_no_failure(mains: Mains) -> None:
    mains.failed = True
    states(mains, 0.3)
    mains.failed = False
    assert M.ABNORMAL not in states(mains, 5)
    assert mains.state is M.NORMAL


@pytest.mark.parametrize(
    ("volts", "reasons"),
    [
        (300.0, {"mains_abnormal", "mains_undervolt"}),
        (480.0, {"mains_abnormal", "mains_overvolt"}),
        (0.0, {"mains_abnormal", "mains_undervolt", "mains_blackout"}),
    ],
)
def test_reasons(mains: Mains, volts: float, reasons: set[str]) -> None:
    assert mains.reasons() == set()
    mains.state, mains.volts = M.ABNORMAL, volts
    assert mains.reasons() == reasons
