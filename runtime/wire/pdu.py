"""A Modbus request and its reply, without framing: the first stage from bytes to words.

Clauses are those of MODBUS Application Protocol Specification V1.1b3.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from runtime.wire.errors import Place, WrongReply, refusal

__all__ = ["MAX_COUNTS", "Reply", "Request", "pack_bits", "unpack_bits"]

#: the most registers or coils one request may carry, by function (clauses 6.1-6.6, 6.11, 6.12)
MAX_COUNTS = {1: 2000, 2: 2000, 3: 125, 4: 125, 5: 1, 6: 1, 15: 1968, 16: 123}

_READS_OF_BITS = (1, 2)
_READS = (1, 2, 3, 4)
_HEAD = struct.Struct(">BHH")
_COUNTED_HEAD = struct.Struct(">BHHB")
_COIL_ON = 0xFF00


@dataclass(frozen=True, slots=True)
class Reply:
    """What a device answered."""

    #: registers as on the wire, two bytes each, high byte first; or coils, eight to a byte, lowest first;
    #: empty for a write
    data: bytes
    #: monotonic time at which the last byte of the answer arrived, seconds
    received: float
    #: from the first byte of the request handed over to the last byte of the answer, seconds
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class Request:
    """One question to one unit; build it with ``read``, ``write_coil`` or ``write_register``.

        read 01-04     [function][address 2][count 2]
        write 05, 06   [function][address 2][value 2]
        write 15, 16   [function][address 2][count 2][bytes 1][values ...]

    Addresses are protocol addresses, counted from 0.
    """

    #: unit id, 0 to 255
    unit: int
    #: function code: 1-6, 15 or 16
    function: int
    #: first register or coil
    address: int
    #: registers or coils
    count: int
    #: what to write: registers 0-65535, or coils 0/1; empty for a read
    values: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        most = MAX_COUNTS.get(self.function)
        if most is None:
            raise ValueError(f"function {self.function} is not one of {', '.join(map(str, MAX_COUNTS))}")
        if not 0 <= self.unit <= 255:
            raise ValueError(f"unit {self.unit} is not within 0 to 255")
        if not 1 <= self.count <= most:
            raise ValueError(f"count {self.count} is not within 1 to {most} (function {self.function})")
        if not 0 <= self.address <= 0x10000 - self.count:
            raise ValueError(f"address {self.address} with count {self.count} is not within 0 to 65535")
        if len(self.values) != (0 if self.reads else self.count):
            raise ValueError(f"function {self.function} cannot carry {len(self.values)} values")
        if any(not 0 <= value <= (1 if self.of_bits else 0xFFFF) for value in self.values):
            raise ValueError(f"a value of {self.values} does not fit function {self.function}")

    @classmethod
    def read(cls, unit: int, function: int, address: int, count: int) -> Request:
        """Read coils (1), inputs (2), holding registers (3) or input registers (4): clauses 6.1-6.4."""
        if function not in _READS:
            raise ValueError(f"function {function} does not read")
        return cls(unit, function, address, count)

    @classmethod
    def write_coil(cls, unit: int, address: int, on: bool) -> Request:
        """Switch one coil (5), FF00 for on: clause 6.5."""
        return cls(unit, 5, address, 1, (int(on),))

    @classmethod
    def write_register(cls, unit: int, address: int, value: int) -> Request:
        """Write one register (6), ``value`` as it is on the wire, 0 to 65535: clause 6.6."""
        return cls(unit, 6, address, 1, (value,))

    @classmethod
    def write_coils(cls, unit: int, address: int, values: Sequence[bool]) -> Request:
        """Switch several coils (15): clause 6.11."""
        return cls(unit, 15, address, len(values), tuple(map(int, values)))

    @classmethod
    def write_registers(cls, unit: int, address: int, values: Sequence[int]) -> Request:
        """Write several registers (16): clause 6.12."""
        return cls(unit, 16, address, len(values), tuple(values))

    @property
    def reads(self) -> bool:
        """Whether it asks for data rather than changing something."""
        return self.function in _READS

    @property
    def of_bits(self) -> bool:
        """Whether it is about coils or inputs rather than registers."""
        return self.function in (1, 2, 5, 15)

    def pdu(self) -> bytes:
        """The request as it is sent, from the function code on."""
        if self.reads:
            return _HEAD.pack(self.function, self.address, self.count)
        if self.function == 5:
            return _HEAD.pack(5, self.address, _COIL_ON if self.values[0] else 0)
        if self.function == 6:
            return _HEAD.pack(6, self.address, self.values[0])
        body = pack_bits(self.values) if self.of_bits else struct.pack(f">{self.count}H", *self.values)
        return _COUNTED_HEAD.pack(self.function, self.address, self.count, len(body)) + body

    @property
    def data_bytes(self) -> int:
        """Bytes of data in the answer; 0 for a write."""
        if self.function in _READS_OF_BITS:
            return (self.count + 7) // 8
        return 2 * self.count if self.reads else 0

    @property
    def answer_bytes(self) -> int:
        """Length of the answer from the function code on: a write is answered with its first five bytes."""
        return 2 + self.data_bytes if self.reads else 5

    @property
    def shape(self) -> bytes:
        """Unit and all bytes of the answer that are known beforehand.

        Of a read these are unit, function and byte count: the answer carries no address, so two reads of the same
        shape have answers that cannot be told apart. Of a write they are the whole answer.
        """
        if self.reads:
            return bytes((self.unit, self.function, self.data_bytes))
        return bytes((self.unit,)) + self.pdu()[:5]

    def place(self, link: str) -> Place:
        """Where an error of this request on ``link`` happened."""
        return Place(link, self.unit, self.function, self.address, self.count)

    def parse(self, pdu: bytes, *, received: float = 0.0, elapsed_s: float = 0.0, link: str = "") -> Reply:
        """Take the answer apart; ``pdu`` is the answer from the function code on.

        Raises:
            DeviceRefused: it is an exception answer to this function (clause 7).
            WrongReply: it is not an answer to this request.
        """
        if len(pdu) == 2 and pdu[0] == self.function | 0x80:
            raise refusal(pdu[1], self.place(link))
        shape = self.shape[1:]
        if len(pdu) != self.answer_bytes or not pdu.startswith(shape):
            raise WrongReply(
                self.place(link),
                f"the answer does not fit the question: wanted {self.answer_bytes} bytes"
                f" from {shape.hex(' ')}, got {len(pdu)} from {pdu[: len(shape)].hex(' ')}",
            )
        return Reply(pdu[2:] if self.reads else b"", received, elapsed_s)


def pack_bits(values: Sequence[int]) -> bytes:
    """Coils, eight to a byte, the first in the lowest bit (clause 6.11)."""
    packed = bytearray((len(values) + 7) // 8)
    for index, value in enumerate(values):
        if value:
            packed[index >> 3] |= 1 << (index & 7)
    return bytes(packed)


def unpack_bits(data: bytes, count: int) -> tuple[int, ...]:
    """The first ``count`` coils of ``data`` as 0 and 1 (clause 6.1)."""
    return tuple(data[index >> 3] >> (index & 7) & 1 for index in range(count))
