import pytest

from runtime.simulator.wobble import Wobble, approach, ramp, seeded


def test_a_lag_has_gone_two_thirds_of_the_way_after_its_time_constant() -> None:
    assert approach(0.0, 100.0, 5.0, 5.0) == pytest.approx(63.2, abs=0.1)


@pytest.mark.parametrize(
    ("value", "target", "expected"), [(0.0, 100.0, 16.0), (0.0, -100.0, -16.0), (95.0, 100.0, 100.0)]
)
def test_a_ramp_never_overshoots(value: float, target: float, expected: float) -> None:
    assert ramp(value, target, 2.0, 8.0) == expected


def test_noise_repeats_with_its_seed_and_keeps_its_size() -> None:
    first, second = (Wobble(seeded(1, "a"), 2.0, 5.0) for _ in range(2))
    run = [first.step(0.1) for _ in range(20000)]
    assert run[:50] == [second.step(0.1) for _ in range(50)]
    assert 1.5 < (sum(value * value for value in run) / len(run)) ** 0.5 < 2.5


def test_parts_of_the_plant_have_numbers_of_their_own() -> None:
    assert seeded(1, "a").random() != seeded(1, "b").random()
    assert seeded(1, "a").random() != seeded(2, "a").random()
