"""Words made here and read by the runtime's own decoder: two readings of one map must agree."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registermaps import Block, BlockDecoder, LinkCost, Point, PointType, RegisterMap, plan
from runtime.simulator import Plant
from runtime.simulator.registers import RegisterBank
from tagdb import Quality

Decoders = list[tuple[Block, BlockDecoder]]


def decoders_of(bank: RegisterBank) -> Decoders:
    points = [point for point in bank.map.points if point.function == 3]
    return [(block, BlockDecoder(block, bank.map.enums)) for block in plan(points, LinkCost.tcp())]


def decode(bank: RegisterBank, decoders: Decoders) -> dict[str, tuple[float, int]]:
    """Every point of the map as the runtime would read it: value and quality."""
    found: dict[str, tuple[float, int]] = {}
    for block, decoder in decoders:
        words = bank.read(block.start, block.count)
        words.byteswap()
        decoded = decoder.decode(words.tobytes())
        for point, value, quality in zip(block.points, decoded.cells, decoded.quality, strict=True):
            found[point.name] = (float(value), int(quality))
    return found


@pytest.mark.parametrize("device", ["mkz.gpu1", "mkz.gpu2", "mkz.shpr", "yakz.gpu2"])
def test_all_that_the_model_shows_is_read_back_within_its_range(plant: Plant, device: str) -> None:
    controller = plant.controllers[device]
    decoders = decoders_of(controller.bank)
    for _ in range(30):
        plant.step(10.0)
        values = controller.values()
        for name, (read, quality) in decode(controller.bank, decoders).items():
            point = controller.bank.map.by_name[name]
            shown = values.get(name)
            if name not in values:
                assert point.type is PointType.BIT or point.alarm or name == "alarm_count", name
            elif shown is None:
                assert np.isnan(read), f"{name}: {read}"
                assert quality != Quality.GOOD
            else:
                wrapped = (read - shown + 180.0) % 360.0 - 180.0 if point.wrap else read - shown
                assert abs(wrapped) <= abs(point.scale) / 2 + 1e-6, f"{name}: {read} for {shown}"
                assert quality == Quality.GOOD, f"{name} = {read}"


def test_no_sensor_gives_the_markers_of_the_maker(plant: Plant) -> None:
    bank, by_name = plant.controllers["mkz.gpu1"].bank, plant.controllers["mkz.gpu1"].bank.map.by_name
    level, total = by_name["fuel_level"], by_name["fuel_used_total"]
    assert bank.words[level.address] == 32766
    assert list(bank.read(total.address, 2)) == [0xFFFE, 0x7FFF]


@pytest.mark.parametrize("name", ["hgm9520n", "hgm9560"])
def test_each_alarm_sets_its_own_bit_alone(maps: Mapping[str, RegisterMap], name: str) -> None:
    bank = RegisterBank(maps[name])
    alarms = [point for point in maps[name].points if point.alarm is not None and not point.alarm.unknown]
    words = set().union(*bank.alarm_words.values())
    assert len(words) > 30
    for point in alarms:
        bank.publish_alarms([point.name])
        lit = {address: word for address in words if (word := bank.words[address])}
        assert lit == {point.address: 1 << point.bit}


def number(kind: PointType, **more: object) -> Point:
    return Point("p", kind, 3, 10, 2 if "32" in kind else 1, None, "g", "fast", **more)  # type: ignore[arg-type]


def bank_of(maps: Mapping[str, RegisterMap], point: Point) -> RegisterBank:
    return RegisterBank(replace(maps["hgm9560"], points=(point,), by_name={"p": point}))


@pytest.mark.parametrize(
    ("point", "value", "words"),
    [
        (number(PointType.U16, scale=0.1), 27.4, [274]),
        (number(PointType.S16, scale=0.1), -0.2, [0xFFFE]),
        (number(PointType.U16), 70000, [0xFFFF]),
        (number(PointType.U16), -5, [0]),
        (number(PointType.S32, word_order="low"), -2, [0xFFFE, 0xFFFF]),
        (number(PointType.U32, word_order="high"), 0x12345678, [0x1234, 0x5678]),
        (number(PointType.U16, byte_order="little"), 0x1234, [0x3412]),
        (number(PointType.F32), 1.0, [0x3F80, 0]),
        (number(PointType.BITS, bit=4, width=3), 0b101, [0b1010000]),
    ],
)
def test_words_of_values(maps: Mapping[str, RegisterMap], point: Point, value: float, words: list[int]) -> None:
    bank = bank_of(maps, point)
    bank.publish({"p": value})
    assert list(bank.read(10, len(words))) == words


@given(value=st.floats(-4000.0, 4000.0))
def test_any_value_is_rounded_to_half_a_step(maps: Mapping[str, RegisterMap], value: float) -> None:
    bank = bank_of(maps, number(PointType.S32, scale=0.1, word_order="low"))
    bank.publish({"p": value})
    low, high = bank.read(10, 2)
    raw = (high << 16 | low) - (1 << 32 if high & 0x8000 else 0)
    assert abs(raw * 0.1 - value) <= 0.0501


def test_reserved_addresses_between_known_ones_are_answered_and_far_ones_are_not(plant: Plant) -> None:
    bank = plant.controllers["mkz.gpu1"].bank
    assert bank.holds(202, 30)
    assert list(bank.read(202, 9)) == [0] * 9
    assert not bank.holds(400, 1)
    assert not bank.holds(280, 40)
    assert not bank.holds(2000, 1)
    assert not bank.holds(4368, 1), "written and never read"
