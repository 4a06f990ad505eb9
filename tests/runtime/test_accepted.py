"""The configuration accepted last: kept whole, and read back under the names of the original files."""

from __future__ import annotations

from pathlib import Path

import pytest

from registermaps import ConfigError
from runtime.accepted import load_stamped, restore, save, stamps
from runtime.assembly import load
from runtime.reload import Reloader
from tagdb import RunDir
from tests.runtime.conftest import FakeProgram, edit


@pytest.fixture
def run_dir(tmp_path: Path) -> RunDir:
    run_dir = RunDir(tmp_path / "run")
    run_dir.create()
    return run_dir


def test_what_comes_back_is_what_was_accepted_although_every_file_is_faulty(site: Path, run_dir: RunDir) -> None:
    assembly, seen = load_stamped(site)
    assert save(assembly.settings, run_dir, seen)
    site.write_text("[scada]\nnonsense\n", encoding="utf-8")
    for path in assembly.settings.maps.rglob("*.yaml"):
        path.write_text("points: 5\n", encoding="utf-8")
    restored = restore(site, run_dir)
    assert restored is not None
    assert restored.settings == assembly.settings, "the file names too"
    assert restored.maps == assembly.maps
    assert restored.directory == assembly.directory, "with the file of each tag's map"
    assert restored.plan.keys() == assembly.plan.keys()
    assert list(run_dir.folder.iterdir()) == [run_dir.accepted]


def test_nothing_was_kept(site: Path, run_dir: RunDir) -> None:
    assert restore(site, run_dir) is None


def test_what_is_refused_today_is_told_by_the_original_name(site: Path, run_dir: RunDir) -> None:
    assembly, seen = load_stamped(site)
    save(assembly.settings, run_dir, seen)
    text = run_dir.accepted.read_text(encoding="utf-8")
    run_dir.accepted.write_text(text.replace("period_ms", "period_sm"), encoding="utf-8")
    with pytest.raises(ConfigError, match=rf"{site}:\d+: section \[scada\]: unknown key 'period_sm'"):
        restore(site, run_dir)


def test_a_file_that_changed_after_it_was_read_is_not_taken_for_what_was_accepted(site: Path, run_dir: RunDir) -> None:
    assembly, seen = load_stamped(site)
    assert save(assembly.settings, run_dir, seen)
    edit(site, "period_ms = 100", "period_ms = fast")
    assert not save(assembly.settings, run_dir, seen)
    restored = restore(site, run_dir)
    assert restored is not None
    assert restored.settings.period_s == 0.1


def test_the_reloader_keeps_what_it_accepts_and_not_what_it_refuses(site: Path, run_dir: RunDir) -> None:
    assembly, seen = load_stamped(site)
    reloader = Reloader(FakeProgram(assembly))
    reloader.keep(run_dir, seen)
    periods = []
    for old, new in (("100", "200"), ("200", "fast"), ("fast", "300")):
        edit(site, f"period_ms = {old}", f"period_ms = {new}")
        reloader.reload()
        restored = restore(site, run_dir)
        assert restored is not None
        periods.append(restored.settings.period_s)
    assert periods == [0.2, 0.2, 0.3]


def test_after_a_fallback_the_original_files_are_looked_at(site: Path, run_dir: RunDir) -> None:
    assembly, seen = load_stamped(site)
    save(assembly.settings, run_dir, seen)
    edit(site, "period_ms = 100", "period_ms = fast")
    restored = restore(site, run_dir)
    assert restored is not None
    program = FakeProgram(restored)
    reloader = Reloader(program)
    reloader.keep(run_dir, {})
    assert [reloader.check(), reloader.check(), reloader.check()] == [False, True, False]
    assert "key 'period_ms': found 'fast'" in reloader.error, "the fault is shown"
    edit(site, "period_ms = fast", "period_ms = 200")
    assert [reloader.check(), reloader.check()] == [False, True]
    assert (reloader.error, program.assembly.settings.period_s) == ("", 0.2)


def test_no_room_for_the_copy_does_not_hinder_a_reload(
    site: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assembly, seen = load_stamped(site)
    reloader = Reloader(FakeProgram(assembly))
    reloader.keep(RunDir(tmp_path / "gone"), seen)
    edit(site, "period_ms = 100", "period_ms = 200")
    assert reloader.reload() == ["scan period: 100 ms -> 200 ms"]
    assert "could not be kept" in caplog.text


def test_stamps_tell_a_change_of_the_ini_and_of_a_map(site: Path) -> None:
    settings = load(site).settings
    before = stamps(settings)
    assert stamps(settings) == before
    edit(settings.maps / "smartgen/hgm9560.yaml", "Battery voltage", "Battery volts")
    assert stamps(settings) != before
