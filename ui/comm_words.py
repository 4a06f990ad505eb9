"""What the links say of a failure, in the reader's language: the runtime tells it in English, in a text tag and a log.

Stage: text of a tag -> page. A phrase that is not known here stays as it is. A test holds the table against the
sentences of ``runtime/wire``.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ui.language import Language

__all__ = ["comm_words", "is_comm_text"]

#: phrase, what it is in Russian; in order, the longer ones first
_RU: tuple[tuple[str, str], ...] = (
    (r"unit (\d+) function (\d+) address (\d+) count (\d+)",
     r"адрес устройства \1, функция \2, регистр \3, количество \4"),
    (r"unit (\d+) function (\d+) answered", r"ответило устройство \1, функция \2"),
    (r"no answer within ([\d.e-]+) s", r"нет ответа за \1 с"),
    (r"no answer in time", "нет ответа в срок"),
    (r"not asked, an older answer of the same size may still come",
     "не опрошено: ещё может прийти старый ответ того же размера"),
    (r"not asked, the line is never silent", "не опрошено: на линии нет тишины"),
    (r"the answer was garbled", "ответ искажён"),
    (r"the answer's checksum was wrong", "неверная контрольная сумма ответа"),
    (r"the answer was cut off after (\d+) of (\d+) bytes", r"ответ оборван: \1 из \2 байт"),
    (r"the answer does not fit the question: wanted (\d+) bytes from ([\da-f ]+), got (\d+) from ([\da-f ]*)",
     r"ответ не подходит к запросу: ожидалось \1 байт, начиная с \2, получено \3, начиная с \4"),
    (r"the frame that came was not the answer", "пришёл кадр, который не является ответом"),
    (r"the answer to another transaction came", "пришёл ответ на другую транзакцию"),
    (r"bytes that are no Modbus TCP came", "пришли байты не по протоколу Modbus TCP"),
    (r"(\S+) refused the connection", r"\1: в соединении отказано"),
    (r"no connection to (\S+) within ([\d.]+) s", r"нет соединения с \1 за \2 с"),
    (r"no connection to (\S+)", r"нет соединения с \1"),
    (r"the host name (\S+) is not known", r"имя узла \1 неизвестно"),
    (r"the other end closed the connection", "соединение закрыто другой стороной"),
    (r"connection lost", "соединение потеряно"),
    (r"not connected", "нет соединения"),
    (r"there is no serial device (\S+)", r"нет последовательного порта \1"),
    (r"no permission to open (\S+): the user must be in the group dialout",
     r"нет прав открыть \1: пользователь должен быть в группе dialout"),
    (r"(\S+) is in use by another program", r"\1 занят другой программой"),
    (r"(\S+) cannot be opened", r"\1 не открывается"),
    (r"(\S+) cannot be written", r"\1 не принимает данных"),
    (r"(\S+) is gone", r"\1 пропал"),
    (r"end of stream", "конец потока"),
    (r"unit (\d+) function (\d+), (\d+) bytes came instead", r"вместо него пришли \3 байт: устройство \1, функция \2"),
    (r"another master asked the same unit at the same time", "то же устройство одновременно опросил другой ведущий"),
    (r"another master asked unit (\d+)", r"другой ведущий опросил устройство \1"),
    (r"a late answer of the same size came", "пришёл запоздалый ответ того же размера"),
    (r"a late answer came", "пришёл запоздалый ответ"),
    (r"it came sooner than the line could carry it \(not a paced line\?\)",
     "он пришёл быстрее, чем позволяет линия (скорость линии указана верно?)"),
    (r"the line repeated an answer", "линия повторила ответ"),
    (r"closed", "закрыто"),
    (r"the device does not know this function", "устройство не знает этой функции"),
    (r"the device has no such address", "у устройства нет такого адреса"),
    (r"the device does not take this value or count", "устройство не принимает это значение или количество"),
    (r"the device failed while carrying it out", "сбой устройства при выполнении"),
    (r"the device is still working on it", "устройство ещё выполняет запрос"),
    (r"the device is busy", "устройство занято"),
    (r"the device cannot do this", "устройство этого не умеет"),
    (r"the device found its memory corrupt", "ошибка памяти устройства"),
    (r"the gateway has no path to this unit", "шлюз не знает пути к устройству"),
    (r"the unit behind the gateway does not answer", "устройство за шлюзом не отвечает"),
    (r"refused by the device", "устройство отказало"),
    (r"the request failed", "запрос не выполнен"),
    (r"exception ([\dA-F]{2})", r"исключение \1"),
    (r"Connection refused", "в соединении отказано"),
    (r"Connection reset by peer", "соединение сброшено другой стороной"),
    (r"Connection timed out", "время ожидания истекло"),
    (r"No route to host", "нет маршрута до узла"),
    (r"Network is unreachable", "сеть недоступна"),
    (r"Host is down", "узел выключен"),
    (r"Broken pipe", "соединение разорвано"),
    (r"Name or service not known", "имя неизвестно"),
    (r"Temporary failure in name resolution", "имя не разрешается"),
    (r"Input/output error", "ошибка ввода-вывода"),
    (r"\[Errno \d+\] ", ""),
    (r", but ", ", но "),
)  # fmt: skip
_COMPILED = tuple((re.compile(phrase), words) for phrase, words in _RU)


def is_comm_text(tag: str) -> bool:
    """Whether a text tag holds such a sentence: the last error of a device or of a link."""
    return tag.endswith(".comm_error") or (tag.startswith("links.") and tag.endswith(".error"))


@lru_cache(1024)
def comm_words(text: str, language: Language) -> str:
    """The sentence in a language."""
    if language is Language.EN:
        return text
    for phrase, words in _COMPILED:
        text = phrase.sub(words, text)
    return text
