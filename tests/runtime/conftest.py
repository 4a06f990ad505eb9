"""A configuration of its own for a test, and a program that only remembers what it was told."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from runtime.assembly import Assembly, load

ROOT = Path(__file__).parents[2]


class FakeProgram:
    """Remembers what it was told to install."""

    def __init__(self, assembly: Assembly) -> None:
        self.assembly = assembly
        self.installed: list[Assembly] = []

    def install(self, assembly: Assembly, report: Sequence[str] = ()) -> None:
        self.installed.append(assembly)
        self.assembly = assembly


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A configuration of its own, with a copy of maps and rules."""
    maps = tmp_path / "registermaps" / "smartgen"
    maps.mkdir(parents=True)
    for file in (ROOT / "registermaps" / "smartgen").glob("*.yaml"):
        (maps / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    rules = tmp_path / "rules"
    rules.mkdir()
    for file in (ROOT / "rules").glob("*.yaml"):
        (rules / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    ini = tmp_path / "scada.ini"
    ini.write_text((ROOT / "scada.ini").read_text(encoding="utf-8"), encoding="utf-8")
    return ini


@pytest.fixture
def program(site: Path) -> FakeProgram:
    return FakeProgram(load(site))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
