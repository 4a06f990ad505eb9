"""What is kept of locks and forces over a restart, and what a damaged file means."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.control_file import ControlFile, Kept

FORCE = {"tag": "x", "value": 1.0, "who": "Анна", "reason": "проба", "since": 1.0, "until": 9.0}
LOCK = {"device": "mkz.gpu1", "who": "Анна", "reason": "масло", "since": 1.0}


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    file = ControlFile(tmp_path / "var" / "control.json")
    assert file.load(["mkz.gpu1"], 5.0) == Kept([], [])
    file.save(Kept([LOCK], [FORCE]))
    assert file.load(["mkz.gpu1"], 5.0) == Kept([LOCK], [FORCE])
    assert (tmp_path / "var" / "control.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["control.json"]


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", '{"tag_outs": 1, "forces": []}', '{"tag_outs": [{}], "forces": []}',
        '{"tag_outs": [{"device": "a", "who": "b", "reason": "c", "since": "d"}], "forces": []}',
        '{"tag_outs": [], "forces": [{"tag": "a"}]}', '{"tag_outs": [3], "forces": []}',
    ],
)  # fmt: skip
def test_a_damaged_file_locks_every_device(tmp_path: Path, text: str) -> None:
    path = tmp_path / "control.json"
    path.write_text(text, encoding="utf-8")
    kept = ControlFile(path).load(["mkz.gpu1", "mkz.gpu2"], 5.0)
    assert [(row["device"], row["who"]) for row in kept.tag_outs] == [("mkz.gpu1", "scada"), ("mkz.gpu2", "scada")]
    assert "could not be read" in kept.tag_outs[0]["reason"]
    again = ControlFile(path).load(["mkz.gpu1", "mkz.gpu2"], 6.0)
    assert again == kept, "the locks outlast the next restart, too"
    assert path.with_suffix(".damaged").read_text(encoding="utf-8") == text, "kept for whoever looks into it"
