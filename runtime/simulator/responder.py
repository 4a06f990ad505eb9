"""A request in, an answer out, as bytes from the function code on: what a unit on a serial line does."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from runtime.simulator.controller import Controller, Verdict
from runtime.simulator.line_faults import LineFaults, intercept

__all__ = ["ask", "request_length"]

#: length of a request from unit id to CRC, by function, where it is fixed
FIXED = {1: 8, 2: 8, 3: 8, 4: 8, 5: 8, 6: 8}
COIL_ON = (0xFF00, 0xFFFF)


def request_length(function: int) -> int | None:
    """Bytes of an RTU request with this function, unit id and CRC included; None where it is not fixed."""
    return FIXED.get(function)


def ask(controller: Controller, pdu: bytes, sources: Sequence[LineFaults] = ()) -> bytes | None:
    """The controller's answer to a request of function 01, 03-06; None = silence.

    Unknown functions and addresses far from known ones get no answer at all (SmartGen facts: limits,
    unknown_command_behaviour).
    """
    if len(pdu) != 5:
        return None
    function, address, last = struct.unpack(">BHH", pdu)
    verdict = intercept(sources, function, address, last if function < 5 else 1)
    if verdict is Verdict.FORCED:
        return bytes((function | 0x80, next(each.exception for each in sources if each.exception)))
    if verdict is Verdict.SILENT or function not in controller.functions:
        return None
    if function in (3, 4):
        return _read(controller, function, address, last)
    if function == 1:
        return _read_coils(controller, address, last)
    if function == 5:
        verdict = controller.take_coil(address, last in COIL_ON)
    else:
        verdict = controller.take_register(address, last)
    if verdict is Verdict.OK:
        controller.publish()
        return pdu
    return None if verdict is Verdict.SILENT else bytes((function | 0x80, verdict))


def _read(controller: Controller, function: int, address: int, count: int) -> bytes | None:
    if not 1 <= count <= 125:
        return bytes((function | 0x80, Verdict.ILLEGAL_VALUE))
    words = controller.read(address, count)
    if words is None or len(words) != count:
        return None
    words.byteswap()
    return bytes((function, 2 * count)) + words.tobytes()


def _read_coils(controller: Controller, address: int, count: int) -> bytes | None:
    coils = controller.read_coils(address, count) if count else None
    if coils is None:
        return None
    packed = sum(1 << place for place, on in enumerate(coils) if on)
    return bytes((1, (count + 7) // 8)) + packed.to_bytes((count + 7) // 8, "little")
