"""Which read to ask so that no older answer of a unit can follow: the candidates for a fence, best first."""

from __future__ import annotations

from runtime.wire.pdu import MAX_COUNTS, Request

__all__ = ["probes"]


def probes(request: Request, known: Request | None) -> list[Request]:
    """Reads of ``request.unit`` that it will most likely answer, in an answer of another shape.

    Args:
        request: what is to be asked after the fence.
        known: a read that this unit has answered before, or None.

    Returns:
        For a read, first its own beginning, then what worked before, last one register (or eight coils) more,
        which may reach past what the device has. For a write, what worked before, last a read of what is written.
    """
    before = [] if known is None else [*_beginnings(known), known]
    if request.reads:
        return [*_beginnings(request), *before, *_longer(request)]
    function = 1 if request.of_bits else 3
    return [*before, Request.read(request.unit, function, request.address, 1)]


def _beginnings(request: Request) -> list[Request]:
    step = 8 if request.of_bits else 1
    return [
        Request.read(request.unit, request.function, request.address, count) for count in range(1, request.count, step)
    ]


def _longer(request: Request) -> list[Request]:
    count = request.count + (8 if request.of_bits else 1)
    if count > MAX_COUNTS[request.function]:
        return []
    return [Request.read(request.unit, request.function, min(request.address, 0x10000 - count), count)]
