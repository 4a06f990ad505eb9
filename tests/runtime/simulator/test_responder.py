"""Transcripts: > what is asked, < what is answered, from the function code on."""

import pytest

from runtime.simulator import Plant
from runtime.simulator.responder import ask


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("03 10 FF 00 04", "03 08 00 01 00 96 00 00 00 C8"),
        ("06 10 FF 00 02", "06 10 FF 00 02"),
        ("05 00 0C FF 00", "05 00 0C FF 00"),
        ("05 00 0C FF FF", "05 00 0C FF FF"),
        ("06 11 00 03 E9", "86 03"),
        ("03 00 28 00 00", "83 03"),
        ("03 00 28 00 7E", "83 03"),
        ("03 07 D0 00 01", None),
        ("06 07 D0 00 01", None),
        ("05 00 63 FF 00", None),
        ("04 00 28 00 01", None),
        ("10 10 FF 00 01", None),
        ("03 00 28", None),
    ],
)
def test_answers(plant: Plant, asked: str, answered: str | None) -> None:
    answer = ask(plant.controllers["mkz.shpr"], bytes.fromhex(asked))
    assert answer == (None if answered is None else bytes.fromhex(answered))
