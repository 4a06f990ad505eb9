"""Commands bound to devices: what a map or the ini says wrong is told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from registermaps import ConfigError
from runtime.assembly import load
from tests.support.demo import ROOT, demo_ini


def with_map(tmp_path: Path, before: str, after: str) -> Path:
    """The demo with a map of its own, changed in one place."""
    folder = tmp_path / "maps"
    folder.mkdir()
    for name in ("hgm9520n", "hgm9560"):
        text = (ROOT / f"registermaps/smartgen/{name}.yaml").read_text(encoding="utf-8")
        if name == "hgm9520n":
            assert before in text
            text = text.replace(before, after)
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    ini = demo_ini(tmp_path)
    text = ini.read_text(encoding="utf-8").replace(f"maps = {ROOT}/registermaps", f"maps = {folder}")
    ini.write_text(text, encoding="utf-8")
    return ini


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("effect: {when: mode_stop, within", "effect: {when: mode_stopp, within",
         "command 'stop': column 1 of 'mode_stopp': map 'hgm9520n' has no point 'mode_stopp' (did you mean"),
        ("{require: not mode_auto, en", "{require: not (mode_auto, en", "command 'auto': column"),
        ("effect: {when: mode_auto, within", "effect: {when: comm_state == 1, within",
         "command 'auto': when: an effect must be shown by points of the controller itself"),
    ],
)  # fmt: skip
def test_a_faulty_expression_is_told_with_its_place(tmp_path: Path, before: str, after: str, message: str) -> None:
    if "(mode_auto" in after:
        after = after.replace("not (mode_auto", '"not (mode_auto"')
    with pytest.raises(ConfigError) as caught:
        load(with_map(tmp_path, before, after))
    assert all("hgm9520n.yaml:" in str(fault) for fault in caught.value.faults)
    assert message in str(caught.value)


def test_what_the_ini_says_wrong(tmp_path: Path) -> None:
    ini = demo_ini(tmp_path, **{"map = hgm9560": "map = hgm9560\nenable_commands = outptu_1\nlocal = switch"})
    with pytest.raises(ConfigError) as caught:
        load(ini)
    text = str(caught.value)
    assert "no command 'outptu_1' in map 'hgm9560' (did you mean 'output_1'?)" in text
    assert "key 'local': column 1: map 'hgm9560' has no point 'switch'" in text


def test_a_point_that_is_off_makes_its_commands_unavailable(tmp_path: Path) -> None:
    ini = demo_ini(tmp_path)
    text = ini.read_text(encoding="utf-8")
    off = "map = hgm9520n\ndisable = gen_normal mode_stop"
    ini.write_text(text.replace("map = hgm9520n", off, 1), encoding="utf-8")
    controls = load(ini).controls["mkz.gpu1"]
    assert any(interlock.expression is None for interlock in controls.commands["gen_close"].interlocks)
    assert controls.commands["stop"].effect is None, "given all the same, proven by the echo alone"
    assert all(interlock.expression for interlock in controls.commands["auto"].interlocks)
