"""RTU frames and the timing of the line that carries them: between PDUs and bytes.

    [unit 1][PDU 1..253: function, data ...][CRC-16 2, low byte first]        4 to 256 bytes

Clauses are those of MODBUS over Serial Line Specification and Implementation Guide V1.02.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fastcrc import crc16

from runtime.wire.pdu import Request

__all__ = ["FRAME_BYTES_MAX", "LineTiming", "checksum_ok", "frame", "frame_request"]

#: the longest frame (clause 2.5.1: 256 bytes)
FRAME_BYTES_MAX = 256

_OVERHEAD = 3  # unit and CRC
_LINE = re.compile(r"(\d+)-([78])([NEO])([12])")
#: above this speed the silence is a fixed time, to keep the load of the timer low (clause 2.5.1.1)
_FIXED_SILENCE_ABOVE_BAUD = 19200
_FIXED_SILENCE_S = 0.00175


def frame(unit: int, pdu: bytes) -> bytes:
    """Unit, PDU and CRC-16 (clause 2.5.1.2 and appendix B; polynomial A001, start FFFF, low byte first)."""
    body = bytes((unit,)) + pdu
    return body + crc16.modbus(body).to_bytes(2, "little")


def frame_request(request: Request) -> bytes:
    """The frame that asks ``request``."""
    return frame(request.unit, request.pdu())


def checksum_ok(candidate: bytes) -> bool:
    """Whether the last two bytes are the CRC of those before: the CRC of a whole good frame is zero."""
    return len(candidate) >= 4 and crc16.modbus(candidate) == 0


@dataclass(frozen=True, slots=True)
class LineTiming:
    """Speed and character format of a serial line, and the times that follow from them.

    start 1 | data 7 or 8 | parity 0 or 1 | stop 1 or 2
    """

    #: bits a second
    baud: int
    data_bits: int = 8
    #: "N", "E" or "O"
    parity: str = "N"
    stop_bits: int = 2

    @classmethod
    def parse(cls, text: str) -> LineTiming:
        """Read a line's format from a text such as ``9600-8N2``.

        Raises:
            ValueError: the text is not of that form, or the speed is 0.
        """
        match = _LINE.fullmatch(text.strip().upper())
        if match is None or int(match[1]) == 0:
            raise ValueError(f"line {text!r} is not of the form 9600-8N2 (speed, data bits, parity, stop bits)")
        return cls(int(match[1]), int(match[2]), match[3], int(match[4]))

    def __str__(self) -> str:
        return f"{self.baud}-{self.data_bits}{self.parity}{self.stop_bits}"

    @property
    def bits_per_char(self) -> int:
        """Start, data, parity and stop bits; 11 for 8N2."""
        return 1 + self.data_bits + (self.parity != "N") + self.stop_bits

    @property
    def char_s(self) -> float:
        """Time of one character, seconds; 1.146 ms at 9600 8N2."""
        return self.bits_per_char / self.baud

    @property
    def silence_s(self) -> float:
        """Silence between two frames, seconds: 3.5 characters, 1.75 ms above 19200 (clause 2.5.1.1)."""
        return _FIXED_SILENCE_S if self.baud > _FIXED_SILENCE_ABOVE_BAUD else 3.5 * self.char_s

    def request_s(self, request: Request) -> float:
        """Line time of the request's frame, seconds."""
        return (len(request.pdu()) + _OVERHEAD) * self.char_s

    def answer_s(self, request: Request) -> float:
        """Line time of the answer's frame, seconds."""
        return (request.answer_bytes + _OVERHEAD) * self.char_s

    def exchange_s(self, request: Request) -> float:
        """The least line time of request, answer and the silence after each, seconds."""
        return self.request_s(request) + self.answer_s(request) + 2 * self.silence_s
