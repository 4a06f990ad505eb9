"""Faulty rule files in bad/: each names, in its first lines, exactly what must be said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from registermaps import ConfigError
from runtime.rules import Plant, load_book

BAD = sorted((Path(__file__).parent / "bad").glob("*.yaml"))
MARK = "# expect: "


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_every_fault_is_told_in_one_pass(path: Path, plant: Plant) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    expected = [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]
    assert expected, "a bad rule file must say what is wrong with it"
    with pytest.raises(ConfigError) as caught:
        load_book([path]).rows(plant)
    found = [str(fault).removeprefix(f"{path}:").removeprefix(" ") for fault in caught.value.faults]
    assert found == expected
