import pytest

from runtime.simulator import FAULTS, FaultError, faults_help
from runtime.simulator.faults import parse_fault, split_target


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("delay=1.5", 1.5), ("drop=0.1", 0.1), ("drop", 1.0), ("late", 2.0), ("offline", None), ("exception=6", 6),
        ("silent-block=0x2C", 44), ("clients=8", 8), ("set=power_total:75.5", ("power_total", "75.5")),
        ("word=70:0x8000", ("70", "0x8000")), ("alarm=warning_gas_leak", "warning_gas_leak"),
        ("clock-drift=-90", -90.0),
    ],
)  # fmt: skip
def test_faults_and_their_values(text: str, value: object) -> None:
    assert parse_fault(text).value == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dealy=1", "unknown fault 'dealy' (did you mean 'delay'?)"),
        ("delay", "fault 'delay' needs a value: delay=S"),
        ("delay=soon", "fault 'delay': found 'soon', expected seconds from 0 to 3600"),
        ("drop=2", "fault 'drop': found '2', expected a probability from 0 to 1"),
        ("offline=1", "fault 'offline' takes no value, found '1'"),
        ("set=power_total", "fault 'set': found 'power_total', expected NAME:VALUE"),
        ("exception=0", "fault 'exception': found '0', expected an exception code from 1 to 255"),
    ],
)
def test_wrong_faults_are_refused_with_a_sentence(text: str, message: str) -> None:
    with pytest.raises(FaultError) as caught:
        parse_fault(text)
    assert str(caught.value).startswith(message)


def test_targets_stand_before_the_first_colon() -> None:
    assert split_target("mkz.gpu1:set=power_total:75") == ("mkz.gpu1", "set=power_total:75")
    with pytest.raises(FaultError, match="expected TARGET:FAULT"):
        split_target("offline")


def test_the_help_lists_every_fault() -> None:
    listed = {line.split()[0].partition("=")[0] for line in faults_help().splitlines()}
    assert listed == {kind.name for kind in FAULTS}
