"""``scada history`` over a small recorded history."""

from __future__ import annotations

import io
import sqlite3
from pathlib import Path

import pytest

from runtime.commands import main
from runtime.commands.progress import Progress
from tests.support.demo import demo_ini
from tests.tagdb.samples.bench import NOON, Bench, tag


@pytest.fixture
def ini(tmp_path: Path) -> Path:
    ini = demo_ini(tmp_path)
    one = Bench(f"sqlite:///{tmp_path}/var/demo-history-samples.sqlite3", tmp_path, [tag("a.b.power", 0, unit="kW")])
    for second in range(10):
        one.scan(NOON + second, {"a.b.power": 100.0 + second})
    one.write()
    one.close()
    return ini


def scada(*words: str | Path) -> int:
    return main(["history", *map(str, words)])


SPAN = ("--from", "2026-11-24T00:00:00Z", "--to", "2026-11-25T00:00:00Z")


def test_status_and_verify(ini: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert scada("status", "--ini", ini) == 0
    out = capsys.readouterr().out
    assert "1 tags, 10 values from 2026-11-24 12:00:00 UTC to 2026-11-24 12:00:09 UTC" in out
    assert "bytes a value" in out
    assert scada("verify", "--ini", ini) == 0
    assert "10 values read, no faults" in capsys.readouterr().out


def test_export_and_import(ini: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "values.csv"
    assert scada("export", file, *SPAN, "--ini", ini) == 0
    assert len(file.read_text("utf-8-sig").splitlines()) == 11
    assert scada("import", file, "--ini", ini) == 0
    assert f"10 values from {file}" in capsys.readouterr().out
    assert scada("export", "-", *SPAN, "--tags", "a.*", "--step", "5", "--ini", ini) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[0] == 'time,"a.b.power, kW"'
    assert "2026-11-24T12:00:00.000Z,102.0" in table
    assert scada("export", tmp_path / "values.xlsx", *SPAN, "--ini", ini) == 0
    assert (tmp_path / "values.xlsx").stat().st_size > 1000
    assert scada("vacuum", "--ini", ini) == 0


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["export", "x.csv", *SPAN, "--tags", "none"], 1, "no recorded tag is called so"),
        (["export", "x.doc", *SPAN], 2, "expected .csv, .xlsx, .parquet, or -"),
        (["export", "x.parquet", *SPAN, "--step", "5"], 2, "a table is .csv or .xlsx"),
        (["export", "x.csv", "--from", "2026-11-25", "--to", "2026-11-24"], 1, "--from must be before --to"),
        (["import", "none.csv"], 2, "none.csv: No such file"),
    ],
)
def test_what_cannot_be_done(
    ini: Path, capsys: pytest.CaptureFixture[str], words: list[str], status: int, message: str
) -> None:
    assert scada(*words, "--ini", ini) == status
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("words", [("--step", "nan"), ("--step", "-1"), ("--step", "1e-9"), ("--delimiter", "ab")])
def test_what_is_no_step_or_delimiter(words: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        scada("export", "x.csv", *SPAN, *words)
    assert f"'{words[1]}': expected" in capsys.readouterr().err


def test_damage_is_found(ini: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = sqlite3.connect(tmp_path / "var" / "demo-history-samples.sqlite3")
    database.execute("UPDATE sample_batch SET data = substr(data, 1, length(data) - 3)")
    database.commit()
    database.close()
    assert scada("verify", "--ini", ini) == 1
    assert "batch 1:" in capsys.readouterr().out


def test_the_bar_is_for_terminals_alone() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    times = iter([0.0, 1.0, 2.0])
    shown, silent = Terminal(), io.StringIO()
    with Progress("export", shown, lambda: next(times)) as told:
        told(0.5)
        told(1.0)
    with Progress("export", silent, lambda: 0.0) as told:
        told(0.5)
    assert "50 % 1 s left" in shown.getvalue()
    assert shown.getvalue().endswith("\n")
    assert silent.getvalue() == ""
