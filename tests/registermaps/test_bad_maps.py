"""Faulty maps in bad/: each names, in its first lines, exactly what the loader must say about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from registermaps import ConfigError, load_map

BAD = sorted((Path(__file__).parent / "bad").glob("*.yaml"))
MARK = "# expect: "


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_every_fault_is_told_in_one_pass(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    expected = [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]
    assert expected, "a bad map must say what is wrong with it"
    with pytest.raises(ConfigError) as caught:
        load_map(path)
    found = [str(fault).removeprefix(f"{path}:").removeprefix(" ") for fault in caught.value.faults]
    assert found == expected


def test_message_reads_as_a_path_to_the_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("maps").mkdir()
    source = next(path for path in BAD if path.stem == "unknown_key")
    Path("maps/m.yaml").write_bytes(source.read_bytes())
    with pytest.raises(ConfigError) as caught:
        load_map("maps/m.yaml")
    first = str(caught.value).splitlines()[0]
    assert first == "maps/m.yaml:13:5: point 'oil_pressure': unknown key 'scaling' (did you mean 'scale'?)"
