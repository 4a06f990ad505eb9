"""Decoding: signs, orders, markers, ranges; against pymodbus; and any words at all."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.client import ModbusTcpClient

from registermaps import (
    Alarm,
    Block,
    BlockDecoder,
    Decoded,
    Label,
    LinkCost,
    Point,
    RegisterMap,
    encode_into,
    plan,
    select_points,
)
from tagdb import Quality

Make = Callable[..., Point]
MARKERS_S16 = frozenset({32766, 32767, -32768})
MARKERS_U16 = frozenset({32766, 32767, 65535})


def _block(points: Sequence[Point]) -> Block:
    start = min(point.address for point in points)
    end = max(point.address + point.count for point in points)
    return Block(points[0].function, start, end - start, tuple(points))


def _decode(points: Sequence[Point], words: Sequence[int], enums: Any = None) -> Decoded:
    return BlockDecoder(_block(points), enums).decode(struct.pack(f">{len(words)}H", *words))


def _one(point: Point, *words: int, enums: Any = None) -> tuple[float, int, Quality]:
    cells, raw, quality, _texts = _decode([point], words, enums)
    return float(cells[0]), int(raw[0]), Quality(quality[0])


@pytest.mark.parametrize(
    ("word", "value", "quality"),
    [
        (0xFFF6, -1.0, Quality.GOOD),
        (0xFFFB, -0.5, Quality.GOOD),
        (0x8001, -3276.7, Quality.OUT_OF_RANGE),
        (1999, 199.9, Quality.GOOD),
        (2001, 200.1, Quality.OUT_OF_RANGE),
        (0xFE0B, -50.1, Quality.OUT_OF_RANGE),
        (0xFE0C, -50.0, Quality.GOOD),
        (32000, 3200.0, Quality.OUT_OF_RANGE),
        (32766, math.nan, Quality.NO_DATA),
        (32767, math.nan, Quality.NO_DATA),
        (0x8000, math.nan, Quality.NO_DATA),
    ],
)
def test_negative_temperatures_are_kept_and_markers_are_not(
    make_point: Make, word: int, value: float, quality: Quality
) -> None:
    point = make_point("t", "s16", scale=0.1, low=-50.0, high=200.0, no_data=MARKERS_S16)
    cell, raw, found = _one(point, word)
    assert found is quality
    assert raw == word, "the word is kept whatever it is worth"
    assert cell == value or (math.isnan(cell) and math.isnan(value))


@pytest.mark.parametrize("word", [32766, 32767, 65535])
def test_unsigned_markers(make_point: Make, word: int) -> None:
    assert _one(make_point("v", "u16", no_data=MARKERS_U16), word)[2] is Quality.NO_DATA
    assert _one(make_point("v", "u16"), word) == (float(word), word, Quality.GOOD)
    assert _one(make_point("v", "u16", no_data=MARKERS_U16), word - 2)[2] is Quality.GOOD


def test_32_bit_values_low_word_first(make_point: Make) -> None:
    low = make_point("p", "s32", scale=0.1, word_order="low", no_data=frozenset({0x7FFFFFFE, 0x7FFFFFFF}))
    assert _one(low, 0xFFFF, 0xFFFF) == (-0.1, 0xFFFFFFFF, Quality.GOOD)
    assert _one(low, 0x86A0, 0x0001) == (10000.0, 100000, Quality.GOOD)
    assert _one(low, 0xFFFE, 0x7FFF)[2] is Quality.NO_DATA
    assert _one(low, 0x7FFF, 0xFFFE)[2] is Quality.GOOD
    high = make_point("p", "s32", scale=0.1, word_order="high")
    assert _one(high, 0x0001, 0x86A0) == (10000.0, 100000, Quality.GOOD)


@pytest.mark.parametrize(
    ("raw", "scale", "value"), [(237, 0.1, 23.7), (5001, 0.01, 50.01), (7, 0.3, 2.1), (3, 2.5, 7.5)]
)
def test_scaled_values_are_exact(make_point: Make, raw: int, scale: float, value: float) -> None:
    assert _one(make_point("v", "u16", scale=scale), raw)[0] == value


def test_limits_belong_to_the_range(make_point: Make) -> None:
    point = make_point("f", "u16", scale=0.01, low=0.0, high=70.0)
    assert _one(point, 7000)[2] is Quality.GOOD
    assert _one(point, 7001)[2] is Quality.OUT_OF_RANGE
    falling = make_point("g", "s16", scale=-0.1, offset=5.0, low=0.0, high=10.0)
    assert [_one(falling, word & 0xFFFF)[2] for word in (50, 51, -50, -51)] == [
        Quality.GOOD,
        Quality.OUT_OF_RANGE,
        Quality.GOOD,
        Quality.OUT_OF_RANGE,
    ]


@pytest.mark.parametrize(
    ("word", "value", "quality"),
    [
        (3598, -0.2, Quality.GOOD),
        (1800, 180.0, Quality.GOOD),
        (1801, -179.9, Quality.GOOD),
        (0xFFFE, -0.2, Quality.GOOD),
        (5401, 540.1, Quality.OUT_OF_RANGE),
        (0x10000 - 1801, -180.1, Quality.OUT_OF_RANGE),
    ],
)
def test_a_phase_difference_wraps(make_point: Make, word: int, value: float, quality: Quality) -> None:
    point = make_point("d", "s16", scale=0.1, low=-180.0, high=180.0, wrap=360.0, no_data=MARKERS_S16)
    assert _one(point, word) == (value, word, quality)


def test_bits_flags_and_unknown_bits_of_one_word(make_point: Make) -> None:
    points = [
        make_point("b0", "bit", bit=0),
        make_point("b15", "bit", bit=15),
        make_point("field", "bits", bit=4, width=3),
        make_point("unknown", "u16", mask=0x7F0E, alarm=Alarm("stop", "SD0", unknown=True)),
        make_point("none", "u16", mask=0),
    ]
    cells, raw, quality, _texts = _decode(points, [0x8452])
    assert cells.tolist() == [0.0, 1.0, 5.0, float(0x0402), 0.0]
    assert raw.tolist() == [0, 1, 5, 0x8452, 0x8452]
    assert (quality == Quality.GOOD).all()


def test_bits_beside_signed_words(make_point: Make) -> None:
    points = [make_point("s", "s16", address=0), make_point("b", "bit", address=1, bit=3), make_point("u", address=2)]
    cells, raw, _quality, _texts = _decode(points, [0xFFFF, 8, 0xFFFF])
    assert cells.tolist() == [-1.0, 1.0, 65535.0]
    assert raw.tolist() == [0xFFFF, 1, 0xFFFF]


ENUMS = {"state": {0: Label("Off", "Выкл"), 1: Label("On", "Вкл"), 7: Label("Fault", "Сбой")}}


def test_numbers_without_a_text_are_out_of_range(make_point: Make) -> None:
    point = make_point("e", "enum", enum="state", no_data=MARKERS_U16)
    qualities = [_one(point, word, enums=ENUMS)[2] for word in (0, 1, 2, 7, 8, 32766)]
    good, out = Quality.GOOD, Quality.OUT_OF_RANGE
    assert qualities == [good, good, out, good, out, Quality.NO_DATA]
    ranged = make_point("e", "enum", enum="state", low=0.0, high=3.0)
    assert [_one(ranged, word, enums=ENUMS)[2] for word in (2, 3, 4, 7)] == [good, good, out, good]


def test_byte_order_within_a_register(make_point: Make) -> None:
    points = [
        make_point("a", "u16", byte_order="little"),
        make_point("b", "s32", address=1, byte_order="little", word_order="low"),
        make_point("c", "u16", address=3),
    ]
    assert _decode(points, [0x3412, 0xFEFF, 0xFFFF, 0x3412]).cells.tolist() == [0x1234, -2.0, 0x3412]


def test_floats(make_point: Make) -> None:
    point = make_point("f", "f32", word_order="low", low=0.0, high=10.0, scale=2.0)
    high, low = struct.unpack(">HH", struct.pack(">f", 1.25))
    assert _one(point, low, high) == (2.5, high << 16 | low, Quality.GOOD)
    high, low = struct.unpack(">HH", struct.pack(">f", 6.0))
    assert _one(point, low, high) == (12.0, high << 16 | low, Quality.OUT_OF_RANGE)
    for pattern in (0x7FC00000, 0x7F800000, 0xFF800000, 0x7F800001, 0xFFFFFFFF):
        cell, raw, quality = _one(make_point("f", "f32"), pattern >> 16, pattern & 0xFFFF)
        assert math.isnan(cell)
        assert (raw, quality) == (pattern, Quality.NO_DATA)


def test_64_bits_keep_every_bit(make_point: Make) -> None:
    words = [0x8000, 0x0000, 0x0000, 0x0001]
    cells, raw, quality, _texts = _decode([make_point("n", "u64")], words)
    assert cells.view(np.uint64).tolist() == raw.tolist() == [0x8000000000000001]
    assert quality.tolist() == [Quality.GOOD]
    scaled = make_point("n", "u64", scale=0.5, low=0.0, high=1e19)
    assert _one(scaled, *words)[0] == 2.0**62
    marked = make_point("n", "u64", no_data=frozenset({2**64 - 1}))
    assert _one(marked, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF)[2] is Quality.NO_DATA


def test_bcd_digits(make_point: Make) -> None:
    point = make_point("d", "bcd", count=2, scale=0.1, no_data=frozenset({0x99999999, 0xFFFFFFFF}))
    assert _one(point, 0x1234, 0x5678) == (1234567.8, 0x12345678, Quality.GOOD)
    cell, raw, quality = _one(point, 0x12A4, 0x5678)
    assert math.isnan(cell)
    assert (raw, quality) == (0x12A45678, Quality.OUT_OF_RANGE)
    assert _one(point, 0x9999, 0x9999)[2] is Quality.NO_DATA
    assert _one(point, 0xFFFF, 0xFFFF)[2] is Quality.NO_DATA


def test_texts(make_point: Make) -> None:
    points = [
        make_point("n", "u16", address=0),
        make_point("a", "ascii", address=1, count=3),
        make_point("b", "ascii", address=4, count=2, byte_order="little"),
        make_point("c", "ascii", address=6, count=2),
    ]
    words = [7, 0x4142, 0x4300, 0x5858, 0x4241, 0x2020, 0x41FF, 0x0742]
    cells, _raw, quality, texts = _decode(points, words)
    assert texts == ((1, "ABC"), (2, "AB"), (3, "A\ufffd B"))
    assert cells.tolist() == [7.0, 0.0, 0.0, 0.0]
    assert (quality == Quality.GOOD).all()


def test_packed_bits_of_functions_1_and_2(make_point: Make) -> None:
    points = [make_point(f"c{at}", "bit", address=100 + at, function=1) for at in (0, 3, 9)]
    decoder = BlockDecoder(_block(points))
    assert decoder.size == 2
    cells, raw, quality, _texts = decoder.decode(bytes([0b0000_1000, 0b0000_0010]))
    assert cells.tolist() == raw.tolist() == [0, 1, 1]
    assert (quality == Quality.GOOD).all()


def test_an_answer_of_another_size_is_refused(make_point: Make) -> None:
    decoder = BlockDecoder(_block([make_point("a", "u32")]))
    with pytest.raises(ValueError, match="found 2 bytes, expected 4 for 2 registers"):
        decoder.decode(b"\0\0")


def test_results_are_their_own(make_point: Make) -> None:
    decoder = BlockDecoder(_block([make_point("a", "s16", low=0.0, high=9.0), make_point("b", "bcd", address=1)]))
    first = decoder.decode(bytes([0, 5, 0x12, 0x34]))
    second = decoder.decode(bytes([0, 99, 0xFF, 0xFF]))
    assert first.cells.tolist() == [5.0, 1234.0]
    assert first.raw.tolist() == [5, 0x1234]
    assert first.quality.tolist() == [Quality.GOOD] * 2
    assert second.quality.tolist() == [Quality.OUT_OF_RANGE] * 2
    assert not first.quality.flags.writeable


KINDS = st.sampled_from(["u16", "s16", "u32", "s32", "f32", "u64", "bit", "bits", "enum", "bcd"])


@st.composite
def _points(draw: st.DrawFn) -> list[dict[str, Any]]:
    rows = []
    address = 0
    for index in range(draw(st.integers(1, 12))):
        kind = draw(KINDS)
        row: dict[str, Any] = {"name": f"p{index}", "kind": kind, "address": address}
        if kind == "bcd":
            row["count"] = draw(st.sampled_from([1, 2, 4]))
        row["word_order"] = draw(st.sampled_from(["high", "low"]))
        row["byte_order"] = draw(st.sampled_from(["big", "little"]))
        if kind in ("bit", "bits"):
            row["bit"] = draw(st.integers(0, 15))
        if kind == "bits":
            row["width"] = draw(st.integers(1, 16 - row["bit"]))
        elif kind == "enum":
            row["enum"] = "state"
        elif kind != "bit":
            row["scale"] = draw(st.sampled_from([1.0, 0.1, 0.01, 2.5, -1.0, 0.0001, 10.0]))
            row["offset"] = draw(st.sampled_from([0.0, 0.0, -40.0, 0.5]))
        if kind not in ("bit", "bits") and draw(st.booleans()):
            low = draw(st.integers(-1000, 1000))
            row |= {"low": float(low), "high": float(low + draw(st.integers(1, 10000)))}
        if kind in ("u16", "enum"):
            row["no_data"] = draw(st.sampled_from([frozenset(), MARKERS_U16]))
        if kind == "s16":
            row["no_data"] = draw(st.sampled_from([frozenset(), MARKERS_S16]))
        rows.append(row)
        address += {"u32": 2, "s32": 2, "f32": 2, "u64": 4}.get(kind, row.get("count", 1)) + draw(st.integers(0, 2))
    return rows


def _expected(point: Point, words: Sequence[int], enums: Any) -> tuple[float, Quality]:
    """The same by the plainest of means, one point at a time."""
    mine = list(words[point.address : point.address + point.count])
    if point.byte_order == "little":
        mine = [(word & 0xFF) << 8 | word >> 8 for word in mine]
    if point.word_order == "low":
        mine.reverse()
    number = int.from_bytes(struct.pack(f">{len(mine)}H", *mine), "big")
    if point.type in ("bit", "bits"):
        return float(number >> point.bit & ((1 << point.width) - 1)), Quality.GOOD
    if point.type == "bcd":
        digits = f"{number:x}"
        if not digits.isdecimal():
            return math.nan, Quality.OUT_OF_RANGE
        number = int(digits)
    value: float
    if point.type == "f32":
        value = struct.unpack(">f", number.to_bytes(4, "big"))[0] * point.scale + point.offset
        if not math.isfinite(value):
            return math.nan, Quality.NO_DATA
    else:
        if point.type in ("s16", "s32") and number >> (16 * point.count - 1):
            number -= 1 << 16 * point.count
        if number in point.no_data:
            return math.nan, Quality.NO_DATA
        value = number * point.scale + point.offset
    inside = (point.low is None or value >= point.low - 1e-9) and (point.high is None or value <= point.high + 1e-9)
    if point.enum:
        inside = number in enums["state"] or (inside and point.low is not None)
    return value, Quality.GOOD if inside else Quality.OUT_OF_RANGE


@given(_points(), st.data())
def test_any_words_decode_as_the_plain_way_says(make_point: Make, rows: list[Any], data: st.DataObject) -> None:
    points = [make_point(**row) for row in rows]
    block = _block(points)
    edges = [0, 1, 2, 7, 32765, 32766, 32767, 32768, 65534, 65535, 0x7F80, 0x7FC0, 0x9999, 0x999A]
    word = st.one_of(st.sampled_from(edges), st.integers(0, 65535))
    words = data.draw(st.lists(word, min_size=block.count, max_size=block.count))
    cells, _raw, quality, _texts = _decode(points, words, ENUMS)
    for index, point in enumerate(points):
        value, expected = _expected(point, words, ENUMS)
        limits = [limit for limit in (point.low, point.high) if limit is not None]
        if point.type == "f32" and any(0 < abs(value - limit) < 1e-8 for limit in limits):
            continue  # within the plain way's tolerance of a limit
        assert Quality(quality[index]) is expected, point
        if point.type == "u64" and point.scale == 1 and point.offset == 0:
            continue
        assert cells[index] == pytest.approx(value, rel=1e-6, abs=1e-9, nan_ok=True), point


PYMODBUS = {"u16": "UINT16", "s16": "INT16", "u32": "UINT32", "s32": "INT32", "f32": "FLOAT32", "u64": "UINT64"}


@given(st.sampled_from(sorted(PYMODBUS)), st.sampled_from(["high", "low"]), st.data())
def test_pymodbus_says_the_same(make_point: Make, kind: str, order: str, data: st.DataObject) -> None:
    point = make_point("p", kind, word_order=order)
    words = data.draw(st.lists(st.integers(0, 65535), min_size=point.count, max_size=point.count))
    data_type = ModbusTcpClient.DATATYPE[PYMODBUS[kind]]
    theirs = ModbusTcpClient.convert_from_registers(words, data_type, "big" if order == "high" else "little")
    cell, raw, _quality = _one(point, *words)
    if kind == "u64":
        assert raw == theirs
    elif isinstance(theirs, float) and not math.isfinite(theirs):
        assert math.isnan(cell)
    else:
        assert cell == theirs


@pytest.fixture(scope="module")
def real_blocks(hgm9520n: RegisterMap, hgm9560: RegisterMap) -> list[tuple[RegisterMap, Block]]:
    return [
        (register_map, block)
        for register_map in (hgm9520n, hgm9560)
        for block in plan(select_points(register_map), LinkCost.tcp(register_map.max_registers["tcp"]))
    ]


@given(st.data())
def test_both_real_maps_take_any_words(real_blocks: list[tuple[RegisterMap, Block]], data: st.DataObject) -> None:
    register_map, block = real_blocks[data.draw(st.integers(0, len(real_blocks) - 1))]
    octets = data.draw(st.binary(min_size=2 * block.count, max_size=2 * block.count))
    decoded = BlockDecoder(block, register_map.enums).decode(octets)
    assert len(decoded.cells) == len(decoded.raw) == len(decoded.quality) == len(block.points)
    assert set(decoded.quality.tolist()) <= {Quality.GOOD, Quality.OUT_OF_RANGE, Quality.NO_DATA}
    for cell, quality in zip(decoded.cells, decoded.quality, strict=True):
        assert math.isnan(cell) == (quality == Quality.NO_DATA)


def test_unknown_alarm_bits_of_a_real_map_show(hgm9520n: RegisterMap) -> None:
    points = [point for point in select_points(hgm9520n) if point.poll == "alarms"]
    (block,) = plan(points, LinkCost.tcp(105))
    names = {point.name: index for index, point in enumerate(block.points)}
    words = [0] * block.count
    words[0] = 0x0001  # shutdown, word 0: emergency stop
    words[5] = 0x0101  # shutdown, word 5: input 1, and input 9, which is not confirmed
    words[13] = 0x8000  # shutdown, word 13: nobody knows
    words[45] = 0x0001  # safety trip and stop, a group nobody has seen
    decoded = BlockDecoder(block, hgm9520n.enums).decode(struct.pack(f">{block.count}H", *words))
    active = {name for name, index in names.items() if decoded.cells[index]}
    assert active == {
        *("shutdown_emergency_stop", "shutdown_input_1", "shutdown_unknown_5", "shutdown_unknown_13"),
        "safety_trip_and_stop_unknown_0",
    }
    assert decoded.cells[names["shutdown_unknown_5"]] == 0x0100
    assert decoded.raw[names["shutdown_unknown_5"]] == 0x0101


def test_encode_and_decode_agree_on_a_real_block(hgm9520n: RegisterMap) -> None:
    points = [p for p in select_points(hgm9520n, enable=["*"]) if 120 <= p.address <= 275]
    block = _block(points)
    words = [0] * block.count
    values = {"mains_uab": 400.1, "coolant_temp": -40, "power_total": -12.3, "gen_status": 9, "pf_avg": -0.987}
    for name, value in values.items():
        encode_into(words, block.start, hgm9520n.by_name[name], value)
    decoded = BlockDecoder(block, hgm9520n.enums).decode(struct.pack(f">{block.count}H", *words))
    for index, point in enumerate(block.points):
        assert decoded.cells[index] == values.get(point.name, 0.0)
        assert decoded.quality[index] == Quality.GOOD


@given(_points(), st.data())
def test_what_was_decoded_before_changes_nothing(make_point: Make, rows: list[Any], data: st.DataObject) -> None:
    points = [make_point(**row) for row in rows]
    wrapping = {"scale": 0.1, "low": -180.0, "high": 180.0, "wrap": 360.0, "no_data": MARKERS_S16}
    points.append(make_point("wraps", "s16", address=points[-1].address + 4, **wrapping))
    block = _block(points)
    word = st.sampled_from([0, 5, 3598, 32766, 65535, 0x999A])
    answers = data.draw(st.lists(st.lists(word, min_size=block.count, max_size=block.count), min_size=2, max_size=3))
    decoder = BlockDecoder(block, ENUMS)
    for words in (*answers, *answers):
        octets = struct.pack(f">{len(words)}H", *words)
        found, fresh = decoder.decode(octets), BlockDecoder(block, ENUMS).decode(octets)
        assert found.cells.tobytes() == fresh.cells.tobytes()
        assert found.raw.tolist() == fresh.raw.tolist()
        assert found.quality.tolist() == fresh.quality.tolist()
