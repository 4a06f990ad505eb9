"""The run directory is ours alone, and a demo never shares it with a real plant."""

from pathlib import Path

import pytest

from tagdb import RunDir


def test_one_folder_per_configuration(tmp_path: Path) -> None:
    one, two = RunDir.for_config(tmp_path / "a.ini"), RunDir.for_config(tmp_path / "b.ini")
    assert one != two
    assert one == RunDir.for_config(tmp_path / "a.ini")
    assert one != RunDir.for_config(tmp_path / "a.ini", demo=True)


def test_a_folder_that_others_can_read_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o755)
    with pytest.raises(PermissionError, match="others may read it"):
        RunDir(folder).create()


def test_it_is_made_private(tmp_path: Path) -> None:
    RunDir(tmp_path / "run").create()
    assert (tmp_path / "run").stat().st_mode & 0o777 == 0o700
