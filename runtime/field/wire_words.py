"""Errors of the wire as sentences in both languages, for people who gave a command.

Stage: beside the writing of commands; journals, pages and the audit trail get the pair.
"""

from __future__ import annotations

from collections.abc import Mapping

from runtime.wire import AnswerPending, BadFrame, DeviceRefused, LinkLost, NoResponse, WireError, WrongReply
from tagdb import Words

__all__ = ["CLOSED", "NOT_BEGUN", "NO_LINK", "NO_TIME", "wire_words"]

NO_LINK: Words = {"en": "there is no such link", "ru": "такой линии связи нет"}
NOT_BEGUN: Words = {"en": "not begun", "ru": "не начато"}
CLOSED: Words = {"en": "the link was closed", "ru": "линия связи закрыта"}
NO_TIME: Words = {"en": "the line had no time for it", "ru": "линия связи занята"}

#: families that are no refusals of the device
_FAMILIES: Mapping[type[WireError], str] = {
    AnswerPending: "не отправлено: ещё может прийти ответ на прежний запрос",
    NoResponse: "нет ответа вовремя",
    BadFrame: "ответ искажён",
    WrongReply: "пришёл не тот ответ",
    LinkLost: "соединение потеряно",
}
#: Modbus exception -> what it says (MODBUS Application Protocol V1.1b3, clause 7)
_EXCEPTIONS: Mapping[int, str] = {
    0x01: "функция не поддерживается",
    0x02: "такого адреса нет",
    0x03: "значение не принято",
    0x04: "сбой при выполнении",
    0x05: "принято, ещё выполняется",
    0x06: "устройство занято",
    0x07: "выполнить невозможно",
    0x08: "ошибка памяти устройства",
    0x0A: "шлюз не знает пути к устройству",
    0x0B: "устройство за шлюзом не отвечает",
}


def wire_words(error: WireError) -> Words:
    """What happened, and at which request."""
    place = error.place
    where = place.link
    if place.unit is not None:
        what = "катушка" if place.function in (1, 2, 5, 15) else "регистр"
        where = f"{place.link}: адрес {place.unit}, функция {place.function:02d}, {what} {place.address}"
    return {"en": str(error), "ru": f"{where}: {_sentence(error)}"}


def _sentence(error: WireError) -> str:
    if isinstance(error, DeviceRefused):
        return f"{_EXCEPTIONS.get(error.code, 'отказ устройства')} (исключение {error.code:02X})"
    return next(text for family, text in _FAMILIES.items() if isinstance(error, family))
