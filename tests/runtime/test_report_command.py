"""``scada report`` over recorded values, with the program not running."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from runtime.assembly import load
from runtime.commands.main import main
from tagdb.samples import samples_url
from tests.support.demo import demo_ini
from tests.tagdb.samples.bench import Bench
from tests.ui.fake_history import write_events


@pytest.fixture
def ini(tmp_path: Path) -> Path:
    path = demo_ini(tmp_path)
    assembly, now = load(path), time.time()
    url = assembly.settings.history.url
    (tmp_path / "var").mkdir(exist_ok=True)
    write_events(url, tmp_path, now)
    tags = [tag for tag in assembly.directory.tags if tag.device == "mkz.gpu1"]
    bench = Bench(samples_url(url), tmp_path, tags, now - 3 * 86400)
    for n in range(73):
        bench.scan(now - 3600 * (72 - n), {"mkz.gpu1.energy_kwh": 1000.0 + 100 * n, "mkz.gpu1.start_count": 7})
    bench.write(now)
    bench.close()
    return path


def test_a_report_is_printed(ini: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["report", "day", "--site", "mkz", "--format", "csv", "--lang", "en", "--ini", str(ini)]) == 0
    rows = capsysbinary.readouterr().out.decode("utf-8-sig").splitlines()
    assert next(row for row in rows if row.startswith('"Energy, kWh"')) == '"Energy, kWh",2400,,2400'


def test_files_and_the_folder(ini: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "shift", "--out", str(tmp_path / "out"), "--ini", str(ini)]) == 0
    names = [Path(line).name for line in capsys.readouterr().out.split()]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(names)
    assert {name.rsplit("-", 1)[1] for name in names} == {"mkz.html", "yakz.html"}
    assert main(["report", "day", "--site", "mkz", "--keep", "--ini", str(ini)]) == 0
    kept = Path(capsys.readouterr().out.strip())
    assert kept.parent == tmp_path / "var/demo-reports"
    assert kept.with_suffix(".xlsx").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["day"], "several sites (mkz, yakz): name one with --site, or --out DIR"),
        (["day", "--site", "mkzz"], "there is no site 'mkzz' (did you mean 'mkz'?)"),
        (["day", "2026-13-01", "--site", "mkz"], "found '2026-13-01', expected a day like 2026-11-27"),
        ([], "name shift, day or month; or --timetable"),
    ],
)
def test_what_is_refused(ini: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", *words, "--ini", str(ini)]) == 2
    assert said in capsys.readouterr().err


def test_without_recorded_values(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ini = demo_ini(tmp_path, "\n[history]\nurl = none\n")
    assert main(["report", "day", "--ini", str(ini)]) == 1
    assert "records no values" in capsys.readouterr().err
