"""The arithmetic of a serial line: when each character has arrived."""

from __future__ import annotations

import re

__all__ = ["SerialLine"]

PATTERN = re.compile(r"(\d+)-([5-8])([NEO])([12])\Z")
#: above this rate the silence between frames no longer shrinks (MODBUS over Serial Line V1.02, clause 2.5.1.1)
FAST_BAUD = 19200
FAST_SILENCE_S = 0.00175


class SerialLine:
    """A half-duplex line; times are seconds of the clock that the caller uses.

    9600-8N2: start bit + 8 data bits + 2 stop bits = 11 bits = 1.146 ms a character
    """

    def __init__(self, line: str) -> None:
        match = PATTERN.match(line.upper())
        if match is None:
            raise ValueError(f"found '{line}', expected baud, data bits, parity and stop bits like 9600-8N2")
        baud, data, parity, stop = match.groups()
        bits = 1 + int(data) + (parity != "N") + int(stop)
        #: seconds a character takes
        self.character_s = bits / int(baud)
        #: 3.5 characters: the silence that ends a frame
        self.silence_s = FAST_SILENCE_S if int(baud) > FAST_BAUD else 3.5 * self.character_s
        #: when the last character that was put on it has left
        self.free_at = 0.0

    def carry(self, earliest: float, count: int) -> tuple[float, float]:
        """Put ``count`` characters on the line, as soon as it is free; returns when they begin and end."""
        begin = max(earliest, self.free_at)
        self.free_at = begin + count * self.character_s
        return begin, self.free_at
