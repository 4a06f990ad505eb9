"""Samples in the documentation do what the pages say; those of one page build on each other."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from programmes import load_programme
from registermaps import load_map, load_maps
from runtime.assembly import assemble
from runtime.commands import main
from runtime.settings import load_settings
from tests.docs.markdown import PAGES, ROOT, Sample, samples

WITH_SAMPLES = [page for page in PAGES if any(s.checked or s.file or s.source for s in samples(page))]
KINDS = {"ini", "yaml", "console", "python"}


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a reader has after a clone, as far as the samples need it."""
    shutil.copy(ROOT / "scada.ini", tmp_path)
    shutil.copytree(ROOT / "registermaps" / "smartgen", tmp_path / "registermaps" / "smartgen")
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    shutil.copytree(ROOT / "docs" / "examples", tmp_path / "docs" / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", WITH_SAMPLES, ids=lambda page: str(page.relative_to(ROOT)))
def test_samples_of_a_page(page: Path, workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {"__name__": "sample"}
    for sample in samples(page):
        if sample.file:
            path = workspace / sample.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(sample.text, encoding="utf-8")
        if sample.source:
            check_quote(sample)
        if sample.checked:
            assert sample.language in KINDS, f"{sample}: nothing checks {sample.language}"
            if sample.language == "console":
                check_console(sample, capsys)
            elif sample.language == "python":
                exec(compile(sample.text, str(sample), "exec"), names)
            else:
                {"ini": check_ini, "yaml": check_map}[sample.language](sample, workspace)


def check_ini(sample: Sample, workspace: Path) -> None:
    """It is a whole configuration that could be run."""
    path = workspace / (sample.file or "sample.ini")
    path.write_text(sample.text, encoding="utf-8")
    settings = load_settings(path)
    assemble(settings, load_maps(settings.maps))


def check_map(sample: Sample, workspace: Path) -> None:
    """It is a whole register map, or maintenance programme."""
    path = workspace / (sample.file or "sample_map.yaml")
    path.write_text(sample.text, encoding="utf-8")
    if sample.text.startswith("programme:"):
        load_programme(path)
    else:
        load_map(path)
    if not sample.file:
        path.unlink()


def check_console(sample: Sample, capsys: pytest.CaptureFixture[str]) -> None:
    """Each command prints what stands below it; a line of three dots stands for any lines."""
    for part in re.split(r"^\$ ", sample.text, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        words = command.split()
        assert words[0] == "scada", f"{sample}: only scada commands can be checked"
        capsys.readouterr()
        with suppress(SystemExit):
            main(words[1:])
        printed = capsys.readouterr()
        output = printed.out + printed.err
        pattern = re.escape(expected.rstrip("\n")).replace(r"\.\.\.", "(?s:.*)")
        assert re.fullmatch(pattern, output.rstrip("\n")), f"{sample}: $ {command} prints\n{output}"


def check_quote(sample: Sample) -> None:
    """Its pieces, which lines of three dots separate, stand in the file in this order."""
    text = (ROOT / sample.source).read_text(encoding="utf-8")
    at = 0
    for piece in re.split(r"^ *\.\.\.\n", sample.text, flags=re.MULTILINE):
        found = text.find(piece, at)
        assert found >= 0, f"{sample}: this does not stand in {sample.source}:\n{piece}"
        at = found + len(piece)
