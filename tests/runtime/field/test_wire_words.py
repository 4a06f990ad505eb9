"""Every error of the wire has its sentence in both languages."""

from __future__ import annotations

import pytest

from runtime.field.wire_words import wire_words
from runtime.wire import AnswerPending, BadFrame, LinkLost, NoResponse, WireError, WrongReply
from runtime.wire.errors import REFUSALS, Place, refusal

PLACE = Place("mkz_line", 1, 5, 4, 1)
AT = "mkz_line: адрес 1, функция 05, катушка 4"


@pytest.mark.parametrize(
    ("error", "ru"),
    [
        (NoResponse(PLACE), f"{AT}: нет ответа вовремя"),
        (AnswerPending(PLACE), f"{AT}: не отправлено: ещё может прийти ответ на прежний запрос"),
        (BadFrame(Place("line", 7, 6, 4352, 1)), "line: адрес 7, функция 06, регистр 4352: ответ искажён"),
        (WrongReply(PLACE), f"{AT}: пришёл не тот ответ"),
        (LinkLost(Place("mkz_line")), "mkz_line: соединение потеряно"),
        (refusal(6, PLACE), f"{AT}: устройство занято (исключение 06)"),
        (refusal(0x55, PLACE), f"{AT}: отказ устройства (исключение 55)"),
    ],
)  # fmt: skip
def test_sentences(error: WireError, ru: str) -> None:
    assert wire_words(error) == {"en": str(error), "ru": ru}


@pytest.mark.parametrize("code", REFUSALS)
def test_no_exception_is_without_words(code: int) -> None:
    assert "отказ устройства" not in wire_words(refusal(code, PLACE))["ru"]
