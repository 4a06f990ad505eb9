"""Decoding speed: our compiled block decoder against pymodbus's conversion, one call a point, on the same blocks.

Ours does the whole work (scale, sign, valid range, no-data markers, quality, raw words); theirs converts and scales.
Blocks are those of the plan over Modbus TCP for all measurements of both real maps, in three states of the plant: every
value plausible; some of them negative, which needs a second look; some sensors missing, which needs the exact one.
Prints microseconds a block for each and the ratio; the target is 20 on blocks of many points (16 and more), where the
fixed cost of an operation is shared. Run: python benchmarks/bench_decode.py
"""

from __future__ import annotations

import struct
import timeit
from collections.abc import Callable

from pymodbus.client import ModbusTcpClient

from registermaps import (
    Block,
    BlockDecoder,
    LinkCost,
    RegisterMap,
    encode_into,
    load_map,
    maps_folder,
    plan,
    select_points,
)

TARGET = 20.0
MANY = 16
STATES = ("plausible", "negative", "missing")
_TYPES = {"u16": "UINT16", "s16": "INT16", "u32": "UINT32", "s32": "INT32", "enum": "UINT16"}


def _words(block: Block, state: str) -> list[int]:
    """Registers of a plant: every point in the middle of its range, but for every fifth one as the state says."""
    words = [0] * block.count
    for index, point in enumerate(block.points):
        if point.low is None or point.high is None:
            continue
        value: float | None = int((point.low + point.high) / 2)
        if state == "negative" and point.low < 0 and index % 5 == 0:
            value = int(point.low / 2)
        if state == "missing" and point.no_data and index % 5 == 0:
            value = None
        encode_into(words, block.start, point, value)
    return words


def _pymodbus(block: Block) -> Callable[[list[int]], list[float]]:
    convert = ModbusTcpClient.convert_from_registers
    rows = []
    for point in block.points:
        at = point.address - block.start
        kind = ModbusTcpClient.DATATYPE[_TYPES.get(point.type.value, "UINT16")]
        rows.append((at, at + point.count, kind, "little" if point.word_order == "low" else "big", point.scale))

    def decode(registers: list[int]) -> list[float]:
        return [convert(registers[at:end], kind, order) * scale for at, end, kind, order, scale in rows]  # type: ignore

    return decode


def _pymodbus_bits(block: Block) -> Callable[[list[int]], list[float]]:
    """For flags and alarm bits: the words by pymodbus once each, the bits by shift and mask."""
    convert = ModbusTcpClient.convert_from_registers
    rows = [(point.address - block.start, point.bit) for point in block.points]

    def decode(registers: list[int]) -> list[float]:
        words = [convert([register], ModbusTcpClient.DATATYPE.UINT16) for register in registers]
        return [words[at] >> bit & 1 for at, bit in rows]  # type: ignore[operator]

    return decode


def _time_us(calls: tuple[Callable[[], object], Callable[[], object]]) -> tuple[float, float]:
    """Microseconds a call: the best of many short rounds, in turn, so that a busy machine disturbs both alike."""
    loops = [max(1, int(0.008 / max(timeit.timeit(call, number=20) / 20, 1e-7))) for call in calls]
    best = [1.0, 1.0]
    for _ in range(15):
        for which, (call, count) in enumerate(zip(calls, loops, strict=True)):
            best[which] = min(best[which], timeit.timeit(call, number=count) / count)
    return best[0] * 1e6, best[1] * 1e6


Convert = Callable[[list[int]], list[float]]


def _measure(block: Block, register_map: RegisterMap, theirs: Convert, state: str = "plausible") -> tuple[float, float]:
    words = _words(block, state)
    data = struct.pack(f">{block.count}H", *words)
    decoder = BlockDecoder(block, register_map.enums)
    return _time_us((lambda: decoder.decode(data), lambda: theirs(words)))


def main() -> None:
    """Measure and print."""
    measurements, flags = _blocks()
    totals = dict.fromkeys(STATES, (0.0, 0.0))
    print(f"{'state':<11}{'map':<10}{'block':<10}{'points':>7}{'ours us':>10}{'pymodbus us':>13}{'ratio':>8}")
    for state in STATES:
        for block, register_map in measurements:
            ours, theirs = _measure(block, register_map, _pymodbus(block), state)
            _print(state, register_map, block, ours, theirs)
            if len(block.points) >= MANY:
                totals[state] = (totals[state][0] + ours, totals[state][1] + theirs)
    print("\nflags and alarm words (pymodbus converts each word once, then shift and mask):")
    for block, register_map in flags:
        _print("", register_map, block, *_measure(block, register_map, _pymodbus_bits(block)))
    print(f"\nblocks of {MANY} and more measurements together:")
    for state, (ours, theirs) in totals.items():
        print(f"  {state:<10} {ours:6.2f} us against {theirs:6.1f} us, ratio {theirs / ours:5.1f}")
    ours, theirs = totals["plausible"]
    print(f"ratio {theirs / ours:.1f} (target {TARGET:g})")


def _blocks() -> tuple[list[tuple[Block, RegisterMap]], list[tuple[Block, RegisterMap]]]:
    measurements: list[tuple[Block, RegisterMap]] = []
    flags: list[tuple[Block, RegisterMap]] = []
    for name in ("hgm9520n", "hgm9560"):
        register_map = load_map(maps_folder() / "smartgen" / f"{name}.yaml")
        points = select_points(register_map, enable=["*"])
        cost = LinkCost.tcp(register_map.max_registers["tcp"])
        bits = [point for point in points if point.type.value == "bit" or point.alarm]
        numbers = [point for point in points if not (point.type.value == "bit" or point.alarm)]
        measurements += [(block, register_map) for block in plan(numbers, cost) if len(block.points) >= MANY // 2]
        flags += [(block, register_map) for block in plan(bits, cost) if len(block.points) >= MANY // 2]
    return measurements, flags


def _print(state: str, register_map: RegisterMap, block: Block, ours: float, theirs: float) -> None:
    where = f"{block.start}+{block.count}"
    numbers = f"{len(block.points):>7}{ours:>10.2f}{theirs:>13.1f}{theirs / ours:>8.1f}"
    print(f"{state:<11}{register_map.name:<10}{where:<10}{numbers}")


if __name__ == "__main__":
    main()
