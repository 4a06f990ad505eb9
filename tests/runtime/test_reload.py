"""Live reload: a transaction, told in words, refused whole when anything is wrong."""

from pathlib import Path

import pytest

from runtime.assembly import Assembly, load
from runtime.reload import Reloader

ROOT = Path(__file__).parents[2]


class FakeProgram:
    """Remembers what it was told to install."""

    def __init__(self, assembly: Assembly) -> None:
        self.assembly = assembly
        self.installed: list[Assembly] = []

    def install(self, assembly: Assembly) -> None:
        self.installed.append(assembly)
        self.assembly = assembly


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A configuration of its own, with a copy of the maps."""
    maps = tmp_path / "registermaps" / "smartgen"
    maps.mkdir(parents=True)
    for file in (ROOT / "registermaps" / "smartgen").glob("*.yaml"):
        (maps / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
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


def test_nothing_changed_touches_nothing(program: FakeProgram) -> None:
    reloader = Reloader(program)
    assert reloader.reload() == []
    assert (program.installed, reloader.reloads, reloader.error) == ([], 0, "")
    assert not reloader.check()


def test_a_changed_device_is_named_and_nothing_else(program: FakeProgram, site: Path) -> None:
    edit(site, "map = hgm9560\nlink = mkz_line", "map = hgm9560\nlink = mkz_line\noffline_after = 5")
    before = program.assembly
    reloader = Reloader(program)
    assert reloader.reload() == ["device mkz.shpr: changed"]
    changed = [name for name in before.plan if before.plan[name] != program.assembly.plan[name]]
    assert changed == ["mkz_line"]
    assert before.plan["mkz_line"][0] == program.assembly.plan["mkz_line"][0], "the connection itself is kept"


def test_a_file_that_changes_is_noticed(program: FakeProgram, site: Path) -> None:
    reloader = Reloader(program)
    edit(site, "period_ms = 100", "period_ms = 200")
    assert reloader.check()
    assert reloader.report == ["scan period: 100 ms -> 200 ms"]
    assert not reloader.check()


def test_a_map_that_changes_is_noticed(program: FakeProgram, site: Path) -> None:
    reloader = Reloader(program)
    edit(site.parent / "registermaps/smartgen/hgm9560.yaml", "Battery voltage", "Battery volts")
    assert reloader.check()
    assert "register map hgm9560: changed" in reloader.report
    assert "tag mkz.shpr.battery_volt: changed" in reloader.report


def test_a_comment_in_a_map_changes_no_device(program: FakeProgram, site: Path) -> None:
    reloader = Reloader(program)
    path = site.parent / "registermaps/smartgen/hgm9560.yaml"
    path.write_text("# a note\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    before = program.assembly
    assert reloader.reload() == []
    assert all(before.plan[name] == program.assembly.plan[name] for name in before.plan)
    lines = [next(t.origin["line"] for t in a.directory.tags if t.name == "mkz.shpr.battery_volt")
             for a in (before, program.assembly)]  # fmt: skip
    assert lines[1] == lines[0] + 1, "but the page that shows the line is right"


def test_a_faulty_file_is_refused_whole_and_the_old_one_stays(program: FakeProgram, site: Path) -> None:
    reloader = Reloader(program)
    before = program.assembly
    edit(site, "period_ms = 100", "period_ms = 200")
    edit(site.parent / "registermaps/smartgen/hgm9560.yaml", "scale: 0.1", "scael: 0.1")
    assert reloader.check()
    assert program.assembly is before
    assert (reloader.refused, reloader.reloads) == (1, 0)
    assert "unknown key 'scael' (did you mean 'scale'?)" in reloader.error
    assert not reloader.check(), "not again until a file changes"
    edit(site.parent / "registermaps/smartgen/hgm9560.yaml", "scael: 0.1", "scale: 0.1")
    assert reloader.check()
    assert reloader.error == ""
    assert program.assembly.settings.period_s == 0.2


def test_a_demo_cannot_become_a_real_plant_while_it_runs(program: FakeProgram, site: Path) -> None:
    reloader = Reloader(program)
    edit(site, "demo = yes", "demo = no")
    text = site.read_text(encoding="utf-8")
    site.write_text(text.replace("[simulator]\nseed = 1\nspeed = 1\n", ""), encoding="utf-8")
    reloader.reload()
    assert "cannot change while the program runs" in reloader.error
    assert program.assembly.settings.demo
