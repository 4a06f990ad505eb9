"""What the line does to answers: loss, delay, damage, foreign frames; as bytes with their delays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from fastcrc import crc16

from runtime.simulator.controller import Verdict

__all__ = [
    "ECHO_FAULTS", "Chunk", "Framing", "LineFaults", "MbapFraming", "RtuFraming", "intercept", "rtu_frame",
    "spend_echo_fault", "treat", "wrong_echo",
]  # fmt: skip

#: faults of the answer to one write that switches: what a command's echo can do wrong
ECHO_FAULTS = ("lost-echo", "wrong-echo", "late-echo", "cut-echo", "refuse-write")
_COIL_ON = (0xFF00, 0xFFFF)


def rtu_frame(unit: int, pdu: bytes) -> bytes:
    """Unit, function, data, CRC-16 low byte first (MODBUS over Serial Line V1.02, clause 2.5.1)."""
    body = bytes((unit,)) + pdu
    return body + crc16.modbus(body).to_bytes(2, "little")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some bytes of an answer."""

    #: how much later than the answer's due time they begin, seconds
    delay_s: float
    data: bytes


@dataclass(slots=True)
class LineFaults:
    """The faults switched on for one device or one link."""

    delay_s: float = 0.0
    drop: float = 0.0
    corrupt: float = 0.0
    duplicate: float = 0.0
    foreign: float = 0.0
    garbage: float = 0.0
    #: for the next answer only
    late_s: float = 0.0
    offline: bool = False
    #: for the next answer only
    close: bool = False
    exception: int = 0
    #: for the next write that switches only: one of ``ECHO_FAULTS``, and its value
    echo: tuple[str, float] | None = None
    silent: set[int] = field(default_factory=set)

    def set(self, name: str, value: object) -> None:
        """Switch one on, by its name in the table of faults."""
        if name == "silent-block":
            assert isinstance(value, int)  # noqa: S101  parsed by the table
            self.silent.add(value)
        elif name in ECHO_FAULTS:
            self.echo = (name, float(value) if isinstance(value, int | float) else 0.0)
        elif name in ("offline", "close"):
            setattr(self, name, True)
        else:
            setattr(self, {"delay": "delay_s", "late": "late_s"}.get(name, name), value)


class Framing(Protocol):
    """What damage looks like in one of the two framings."""

    def damage(self, answer: bytes, rng: Random) -> bytes:
        """The answer as a disturbed line would deliver it."""

    def alien(self, answer: bytes, rng: Random) -> bytes:
        """A well-formed answer of the same shape that is not ours."""


class RtuFraming:
    """``[unit][function][data ...][CRC 2]``"""

    def damage(self, answer: bytes, rng: Random) -> bytes:
        """One bit turned over, anywhere."""
        place = rng.randrange(len(answer))
        return answer[:place] + bytes((answer[place] ^ 1 << rng.randrange(8),)) + answer[place + 1 :]

    def alien(self, answer: bytes, rng: Random) -> bytes:
        """The next unit's answer with other data and a good CRC: only the unit id tells it."""
        head = 3 if answer[1] < 5 else 2
        return rtu_frame(answer[0] % 247 + 1, answer[1:head] + rng.randbytes(len(answer) - head - 2))


class MbapFraming:
    """``[transaction 2][protocol 2][length 2][unit][function][data ...]``"""

    def damage(self, answer: bytes, rng: Random) -> bytes:
        """Another transaction id: TCP itself guards the bytes, so only a mixed-up answer is possible."""
        return bytes((answer[0] ^ 1 + rng.randrange(255),)) + answer[1:]

    def alien(self, answer: bytes, rng: Random) -> bytes:
        """An answer to a transaction that was never asked."""
        return (int.from_bytes(answer[:2], "big") ^ 0x4000).to_bytes(2, "big") + answer[2:6] + bytes(
            (answer[6] % 247 + 1, answer[7])) + rng.randbytes(len(answer) - 8)  # fmt: skip


def intercept(sources: Iterable[LineFaults], function: int, address: int, count: int) -> Verdict | None:
    """What the faults say to a request before any controller sees it; None = go on."""
    for faults in sources:
        if faults.offline or (function in (3, 4) and any(address <= one < address + count for one in faults.silent)):
            return Verdict.SILENT
        if faults.exception:
            return Verdict.FORCED
    return None


def spend_echo_fault(sources: Iterable[LineFaults], function: int, value: int) -> tuple[str, float]:
    """The fault that waits for this write, which is spent; ("", 0) where it switches nothing or none waits."""
    if function == 6 or (function == 5 and value in _COIL_ON):
        for faults in sources:
            if faults.echo is not None:
                fault, faults.echo = faults.echo, None
                return fault
    return "", 0.0


def wrong_echo(pdu: bytes) -> bytes:
    """The answer to a write with another value in it: well formed, and not what was asked for."""
    return pdu[:3] + bytes((pdu[3] ^ 0xFF,)) + pdu[4:]


def treat(sources: Iterable[LineFaults], answer: bytes, framing: Framing, rng: Random) -> list[Chunk]:
    """The answer as the client gets it: nothing, itself, or more and later than it should be.

    The random numbers are drawn in a fixed order, so a run repeats with its seed.
    """
    delay, before, own, twice = 0.0, [], answer, False
    for faults in sources:
        delay += faults.delay_s + faults.late_s
        faults.late_s = 0.0
        if faults.drop and rng.random() < faults.drop:
            own = b""
        if faults.corrupt and rng.random() < faults.corrupt and own:
            own = framing.damage(own, rng)
        if faults.duplicate and rng.random() < faults.duplicate:
            twice = True
        if faults.foreign and rng.random() < faults.foreign:
            before.append(framing.alien(answer, rng))
        if faults.garbage and rng.random() < faults.garbage:
            before.append(rng.randbytes(rng.randint(1, 12)))
    own_copies = [] if not own else [own, own] if twice else [own]
    return [Chunk(delay, data) for data in (*before, *own_copies)]
