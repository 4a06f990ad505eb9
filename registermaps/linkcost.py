"""What a read costs on a link: seconds for one more request against seconds for the registers of a gap."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["LinkCost", "SerialLine"]

_SERIAL = re.compile(r"([1-9][0-9]*)-([78])([NEO])([12])")
#: Modbus over serial line 1.02, 2.5.1.1: above 19200 baud the silence is fixed
_FAST_BAUD = 19200
_FAST_SILENCE_S = 0.00175
#: request: unit, function, address 2, count 2, CRC 2
_REQUEST_CHARS = 8
#: answer without data: unit, function, byte count, CRC 2
_ANSWER_CHARS = 5


@dataclass(frozen=True, slots=True)
class SerialLine:
    """Speed and character format of a serial line, as in "9600-8N2"."""

    baud: int
    data_bits: int
    parity: str
    stop_bits: int

    @classmethod
    def parse(cls, text: str) -> SerialLine:
        """From "9600-8N2".

        Raises:
            ValueError: with what was found and expected.
        """
        match = _SERIAL.fullmatch(text.strip().upper())
        if match is None:
            raise ValueError(f"found '{text}', expected BAUD-BITS PARITY STOP such as 9600-8N2 or 19200-8E1")
        return cls(int(match[1]), int(match[2]), match[3], int(match[4]))

    @property
    def bits_per_char(self) -> int:
        """Start bit, data, parity, stop bits: 11 for 8N2 and 8E1, 10 for 8N1."""
        return 1 + self.data_bits + (self.parity != "N") + self.stop_bits

    @property
    def char_s(self) -> float:
        """Seconds a character takes: 1.146 ms at 9600 8N2."""
        return self.bits_per_char / self.baud

    @property
    def silence_s(self) -> float:
        """The 3.5 characters of silence that end a frame, in seconds."""
        return _FAST_SILENCE_S if self.baud > _FAST_BAUD else 3.5 * self.char_s


@dataclass(frozen=True, slots=True)
class LinkCost:
    """The cost of reads on one link, linear in the bytes of the answer."""

    name: str
    #: largest read of functions 3 and 4
    max_registers: int
    #: seconds a request costs whatever it reads
    request_s: float
    #: seconds for each data byte of the answer
    byte_s: float
    #: largest read of functions 1 and 2; Modbus allows 2000 (application protocol 1.1b3, 6.1)
    max_bits: int = 2000

    @classmethod
    def tcp(cls, max_registers: int = 125, round_trip_s: float = 0.005, byte_s: float = 1e-6) -> LinkCost:
        """Modbus TCP: a round trip for each request (5 ms on a plant's network), and next to nothing for a byte."""
        return cls("tcp", max_registers, round_trip_s, byte_s)

    @classmethod
    def serial(
        cls, baud: int, bits_per_char: int, max_registers: int = 125, turnaround_s: float = 0.0, name: str = ""
    ) -> LinkCost:
        """Modbus RTU on a serial line, or behind a converter before one.

        A read of n registers costs 8 + 5 + 2n characters, two silences of 3.5 characters, and the device's turnaround.

        Args:
            baud: of the line.
            bits_per_char: 11 for 8N2.
            max_registers: largest read.
            turnaround_s: from the end of the request to the start of the answer, beyond the silence.
            name: for display.
        """
        char_s = bits_per_char / baud
        silence_s = _FAST_SILENCE_S if baud > _FAST_BAUD else 3.5 * char_s
        request_s = (_REQUEST_CHARS + _ANSWER_CHARS) * char_s + 2 * silence_s + turnaround_s
        return cls(name or f"{baud} baud", max_registers, request_s, char_s)

    @classmethod
    def parse(
        cls, text: str, tcp_registers: int = 125, rtu_registers: int = 125, turnaround_s: float = 0.0
    ) -> LinkCost:
        """From "tcp" or "9600-8N2", with the largest reads of the map.

        Raises:
            ValueError: with what was found and expected.
        """
        if text.strip().lower() == "tcp":
            return cls.tcp(tcp_registers)
        line = SerialLine.parse(text)
        return cls.serial(line.baud, line.bits_per_char, rtu_registers, turnaround_s, text.strip().upper())

    def largest(self, function: int) -> int:
        """The largest count of one read by a function."""
        return self.max_bits if function in (1, 2) else self.max_registers

    def read_s(self, function: int, count: int) -> float:
        """Seconds for one read of ``count`` registers (or bits, for functions 1 and 2)."""
        data = (count + 7) // 8 if function in (1, 2) else 2 * count
        return self.request_s + data * self.byte_s
