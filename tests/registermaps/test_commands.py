"""Commands of the maps that ship against what is known of both controllers, and values on their way to the wire."""

from __future__ import annotations

import pytest

from registermaps import Command, Danger, RegisterMap, UnknownPoints, raw_of, select_commands, value_of_count

#: name -> coil (negative: written once, since it is a toggle), or register; "off" = not offered unless enabled
HGM9520N = {
    "start": 0, "stop": 1, "auto": 3, "manual": 4, "gen_close": 6, "gen_open": 7, "mute": 12, "fast_stop": 15,
    "alarm_reset": 17, "mains_close": -5, "mains_open": -5, "p_setpoint": 4368, "q_setpoint": 4370,
}  # fmt: skip
HGM9560 = {
    "start": 0, "stop": 1, "auto": 3, "manual": 4, "mains_close": -5, "mains_open": -5, "busbar_close": -6,
    "busbar_open": -6, "key_up": 7, "key_down": 8, "key_left": 9, "key_right": 10, "key_confirm": 11, "mute": 12,
    "alarm_reset": 17, "output_1": 19, "output_2": 20, "output_3": 21, "output_4": 22, "output_5": 23, "output_6": 24,
    "load_mode": 4351, "load_p_setpoint": 4352, "load_q_setpoint": 4354,
}  # fmt: skip


def sign(command: Command) -> int:
    return -command.address if command.toggle else command.address


def test_every_known_command_is_there(hgm9520n: RegisterMap, hgm9560: RegisterMap) -> None:
    assert {name: sign(command) for name, command in hgm9520n.commands.items()} == HGM9520N
    assert {name: sign(command) for name, command in hgm9560.commands.items()} == HGM9560


def test_what_is_not_sure_is_not_offered(hgm9520n: RegisterMap, hgm9560: RegisterMap) -> None:
    assert {name for name, c in hgm9520n.commands.items() if not c.confirmed} == {"mains_close", "mains_open"}
    assert {name for name, c in hgm9560.commands.items() if not c.confirmed} == {"alarm_reset"}
    offered = {command.name for command in select_commands(hgm9560)}
    assert not {name for name in offered if name.startswith(("key_", "output_", "alarm_reset"))}


@pytest.mark.parametrize("name", ["hgm9520n", "hgm9560"])
def test_what_a_toggle_and_a_pulse_are(name: str, request: pytest.FixtureRequest) -> None:
    shipped: RegisterMap = request.getfixturevalue(name)
    for command in shipped.commands.values():
        if command.toggle:
            assert command.pulse is None, "one write: each ON turns it over"
            assert command.danger is Danger.HIGH
        elif command.coil and not command.level:
            assert command.pulse is not None
            assert (command.pulse.lead_s, command.pulse.on_s) == (0.1, 0.6)
        if not command.coil:
            assert command.read_back is (command.address not in (4368, 4370))
            assert not 203 <= command.address <= 210, "writing there presets the energy counters"
        assert command.settle_s >= 0.3


def test_a_device_chooses_its_commands(hgm9560: RegisterMap) -> None:
    chosen = select_commands(hgm9560, ["output_?"], ["output_6", "start"])
    names = [command.name for command in chosen]
    assert "output_5" in names
    assert "output_6" not in names
    assert "start" not in names
    assert select_commands(hgm9560, disable=["*"]) == ()
    with pytest.raises(UnknownPoints, match=r"no command 'stat' in map 'hgm9560' \(did you mean 'start'\?\)"):
        select_commands(hgm9560, ["stat"])


def test_values_become_counts(hgm9560: RegisterMap) -> None:
    limit = hgm9560.commands["load_p_setpoint"]
    assert raw_of(limit, 62.5) == 625
    assert value_of_count(limit, 625) == 62.5
    assert raw_of(limit, 0.3) == 3
    with pytest.raises(ValueError, match=r"100\.1 is not within 0 to 100"):
        raw_of(limit, 100.1)
    with pytest.raises(ValueError, match="nan is not within"):
        raw_of(limit, float("nan"))
    with pytest.raises(ValueError, match=r"62\.55 is finer than one step of 0\.1"):
        raw_of(limit, 62.55)
    with pytest.raises(ValueError, match="2 is not within 0 to 1"):
        raw_of(hgm9560.commands["output_1"], 2)
