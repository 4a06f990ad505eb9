"""``scada maintenance`` and ``scada check`` on programme files."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.commands import main
from runtime.settings import load_settings
from tagdb.maintenance import MaintenanceStore
from tests.support.demo import ROOT, demo_ini

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def ini(tmp_path: Path) -> Path:
    return demo_ini(tmp_path)


def test_a_programme_goes_out_is_changed_checked_and_comes_in_as_a_version(
    ini: Path, tmp_path: Path, capsys: Capture
) -> None:
    assert main(["maintenance", "export", "--ini", str(ini)]) == 0
    text = capsys.readouterr().out
    mine = tmp_path / "mine.yaml"
    mine.write_text(text.replace("every_h: 250", "every_h: 200"), encoding="utf-8")
    assert main(["check", str(mine)]) == 0
    assert capsys.readouterr().out == f"{mine}: programme standard: 4 levels, 56 tasks, 22 of them critical\n"
    assert main(["maintenance", "check", str(mine)]) == 0
    capsys.readouterr()
    for told in ("standard: version 2\n", "standard: unchanged, version 2\n"):
        assert main(["maintenance", "import", str(mine), "--who", "Иванов", "--comment", "oil", "--ini", str(ini)]) == 0
        assert capsys.readouterr().out == told
    version = MaintenanceStore(load_settings(ini).history.url, demo=True).programme("standard")
    assert (version.who, version.comment, version.programme.levels[0].every_h) == ("Иванов", "oil", 200.0)
    assert main(["maintenance", "list", "--ini", str(ini)]) == 0
    assert capsys.readouterr().out == "standard  version 2  Gas genset standard  (-)\n"


def test_the_log_as_csv(ini: Path, capsys: Capture) -> None:
    store = MaintenanceStore(load_settings(ini).history.url, demo=True)
    assert main(["maintenance", "list", "--ini", str(ini)]) == 0
    store.adopt(["mkz.gpu1"], "standard", 1.0)
    store.enter("initial-1", "mkz.gpu1", "to4", 86400.0, 1000.0, "Иванов", 172800.0, "paper, log")
    capsys.readouterr()
    assert main(["maintenance", "export", "log", "--ini", str(ini)]) == 0
    assert capsys.readouterr().out.splitlines()[1] == (
        "mkz.gpu1,to4,initial,1970-01-02T00:00:00+00:00,1000.0,1970-01-03T00:00:00+00:00,Иванов,"
        '"paper, log",,False,initial-1'
    )


def test_faults_and_refusals(ini: Path, tmp_path: Path, capsys: Capture) -> None:
    bad = ROOT / "tests/programmes/bad/empty.yaml"
    assert main(["maintenance", "check", str(bad)]) == 1
    assert "expected at least one level" in capsys.readouterr().out
    good = ROOT / "programmes/standard.yaml"
    assert main(["maintenance", "import", str(good), str(bad), "--ini", str(ini)]) == 2
    assert MaintenanceStore(load_settings(ini).history.url, demo=True).programme("standard").number == 1
    capsys.readouterr()
    assert main(["maintenance", "export", "none", "--ini", str(ini)]) == 1
    assert capsys.readouterr().err == "scada maintenance: there is no maintenance programme 'none'\n"
    real = tmp_path / "scada.ini"
    real.write_text(ini.read_text(encoding="utf-8").replace("[ui]", "[history]\nurl = none\n[ui]"), encoding="utf-8")
    assert main(["maintenance", "list", "--ini", str(real)]) == 2
    assert capsys.readouterr().err == "scada maintenance: no history is configured\n"
