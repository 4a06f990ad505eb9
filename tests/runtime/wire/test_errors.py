"""The tree of what can go wrong: one sentence each, and a class for each exception code."""

from __future__ import annotations

import pytest

from runtime.wire import errors
from runtime.wire.errors import REFUSALS, DeviceRefused, LinkLost, NoResponse, Place, WireError, refusal

PLACE = Place("mkz.shpr", 1, 3, 0, 10)


def test_the_sentence_names_the_place():
    error = NoResponse(PLACE, "no answer within 1 s")
    assert str(error) == "mkz.shpr: unit 1 function 03 address 0 count 10: no answer within 1 s"
    assert error.place == PLACE
    assert str(LinkLost(Place("mkz.shpr"))) == "mkz.shpr: not connected"


def test_the_family_itself_is_not_raised():
    with pytest.raises(TypeError, match="raise one of its children"):
        raise WireError(PLACE)


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5, 6, 7, 8, 10, 11])
def test_each_code_has_a_class(code):
    error = refusal(code, PLACE)
    assert type(error) is REFUSALS[code]
    assert error.code == code
    assert str(error).endswith(f"(exception {code:02X})")


def test_an_unknown_code_is_a_plain_refusal():
    error = refusal(0x63, PLACE)
    assert type(error) is DeviceRefused
    assert error.code == 0x63
    assert error.reason == "refused by the device (exception 63)"


def test_the_drawing_shows_every_class():
    drawn = errors.__doc__ or ""
    names = [name for name in errors.__all__ if isinstance(getattr(errors, name), type) and name != "Place"]
    assert [name for name in names if name not in drawn] == []
