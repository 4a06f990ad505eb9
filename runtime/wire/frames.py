"""Recognises RTU frames of anybody in a stream of bytes: which bytes belong together, not what they are for.

An RTU frame has no mark for its start or end and no length field; on the line silence separates frames, but a
converter, a kernel or a network keeps no silence. What is left is the grammar: the function code tells the
lengths a frame may have, and the CRC tells whether it has one of them.

    01-04   request 8                        answer 5 + bytes ([2])
    05 06   request 8                        answer 8
    15 16   request 9 + bytes ([6])          answer 8
    22      request 10                       answer 10
    23      request 13 + bytes ([10])        answer 5 + bytes ([2])
    07 11   request 4                        answer 5, 8
    08      request 8                        answer 8
    17      request 4                        answer 5 + bytes ([2])
    8x 9x   -                                answer 5
"""

from __future__ import annotations

from runtime.wire.pdu import MAX_COUNTS
from runtime.wire.rtu import FRAME_BYTES_MAX, checksum_ok

__all__ = ["MORE", "NONE", "answer_shape_of_request", "recognise"]

#: no frame starts here
NONE = 0
#: a frame may start here; later bytes will tell
MORE = -1

_FIXED: dict[int, tuple[int, ...]] = {
    1: (8,),
    2: (8,),
    3: (8,),
    4: (8,),
    5: (8,),
    6: (8,),
    7: (4, 5),
    8: (8,),
    11: (4, 8),
    15: (8,),
    16: (8,),
    17: (4,),
    22: (10,),
}
#: function: (where the byte count stands, bytes of the frame beside what it counts)
_COUNTED: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((2, 5),),
    2: ((2, 5),),
    3: ((2, 5),),
    4: ((2, 5),),
    15: ((6, 9),),
    16: ((6, 9),),
    17: ((2, 5),),
    23: ((2, 5), (10, 13)),
}
_EXCEPTION_BYTES = 5


def recognise(buffer: bytearray, at: int) -> int:
    """Length of the good frame that starts at ``at``, or ``NONE``, or ``MORE`` when that cannot be said yet."""
    available = len(buffer) - at
    if available < 2:
        return MORE
    function = buffer[at + 1]
    if function & 0x80:
        lengths: tuple[int, ...] = (_EXCEPTION_BYTES,) if (function & 0x7F) in _FIXED else ()
    else:
        lengths = _FIXED.get(function, ())
    more = False
    for length in lengths:
        if available < length:
            more = True
        elif checksum_ok(bytes(buffer[at : at + length])):
            return length
    for where, beside in _COUNTED.get(function, ()):
        if available <= where:
            more = True
            continue
        length = beside + buffer[at + where]
        if length == beside or length > FRAME_BYTES_MAX:
            continue
        if available < length:
            more = True
        elif checksum_ok(bytes(buffer[at : at + length])):
            return length
    return MORE if more else NONE


def answer_shape_of_request(frame: bytes) -> bytes | None:
    """What the answer to ``frame`` starts with, if ``frame`` is a request that cannot be an answer; else None.

    Requests 05 and 06 look like their answers, and give None.
    """
    function = frame[1]
    if function in (15, 16) and len(frame) > 8:
        return frame[:6]
    if function not in (1, 2, 3, 4) or len(frame) != 8:
        return None
    count = int.from_bytes(frame[4:6], "big")
    if not 1 <= count <= MAX_COUNTS[function]:
        return None
    if function <= 2 and frame[2] == 3:
        return None  # three bytes of coils and a read at 03xx are the same eight bytes; it counts as an answer
    return bytes((frame[0], function, (count + 7) // 8 if function <= 2 else 2 * count))
