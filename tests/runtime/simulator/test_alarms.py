import pytest

from runtime.simulator.alarms import AlarmBook

CLASSES = ["shutdown", "trip", "trip_and_stop", "safety_trip", "warning"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("trip_reverse_power", "trip"),
        ("trip_and_stop_gen_overvolt", "trip_and_stop"),
        ("safety_trip_gas_leak", "safety_trip"),
        ("boredom", ""),
    ],
)
def test_the_class_is_the_longest_beginning_of_a_name(name: str, kind: str) -> None:
    assert AlarmBook(CLASSES).class_of(name) == kind


def test_a_reset_takes_back_what_was_raised_and_not_what_was_injected() -> None:
    book = AlarmBook(CLASSES)
    book.raise_alarm("shutdown_overspeed")
    book.inject("warning_gas_leak")
    assert book.has("shutdown")
    book.reset()
    assert book.all == {"warning_gas_leak"}
    book.clear_injected()
    assert book.all == set()


def test_a_new_alarm_ends_the_muting() -> None:
    book = AlarmBook(CLASSES)
    book.muted = True
    book.follow("warning_gas_leak", False)
    assert book.muted
    book.follow("warning_gas_leak", True)
    assert not book.muted
