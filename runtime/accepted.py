"""The configuration that was accepted last, kept beside the run-time files: a scan that is started again while the ini
on disk is faulty comes back on it.

One file, replaced whole: the text of the ini and of every register map. What is read back has the names of the original
files, in messages, in the tag directory and for the run directory.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from registermaps import load_maps
from runtime.assembly import Assembly, assemble, load
from runtime.rules import RuleBook, load_book
from runtime.settings import RulesSettings, Settings, load_settings, read_settings
from tagdb import RunDir

__all__ = ["Stamps", "load_stamped", "restore", "save", "stamps"]

#: file -> time of its last change in nanoseconds, size in bytes
Stamps = Mapping[Path, tuple[int, int]]


def stamps(settings: Settings) -> Stamps:
    """What tells whether the ini or a map was changed."""
    found = {}
    for path in _files(settings):
        try:
            status = path.stat()
        except OSError:
            continue
        found[path] = (status.st_mtime_ns, status.st_size)
    return found


def load_stamped(ini: Path, before: Assembly | None = None) -> tuple[Assembly, Stamps]:
    """Read ini and maps as ``load`` does, and the stamps that they had before. Raises ConfigError."""
    seen = stamps(read_settings(ini)[0])
    return load(ini, before), seen


def save(settings: Settings, run_dir: RunDir, seen: Stamps) -> bool:
    """Keep the files that ``settings`` came from.

    Returns:
        False when they have changed since ``seen``: what stands there now is not what was accepted, so what was kept
        before stays.

    Raises:
        OSError: a file cannot be read any more, or there is no room for the copy.
    """
    rules, python = rule_files(settings.rules)
    body = {
        "ini": _text(Path(settings.file)),
        "maps": {str(path.relative_to(settings.maps)): _text(path) for path in _maps(settings)},
        "rules": {str(path): _text(path) for path in rules},
        "python": {path.name: _text(path) for path in python},
    }
    if stamps(settings) != seen:
        return False
    temporary = run_dir.accepted.with_name(f".accepted.{os.getpid()}")
    temporary.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    temporary.chmod(0o600)
    temporary.replace(run_dir.accepted)
    return True


def restore(ini: Path, run_dir: RunDir) -> Assembly | None:
    """The configuration of ``ini`` as it was accepted last; None when none was kept.

    Raises ConfigError when this program does not accept it (any more).
    """
    try:
        body: dict[str, Any] = json.loads(run_dir.accepted.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        return None
    with tempfile.TemporaryDirectory(prefix="restored-", dir=run_dir.folder) as name:
        folder = Path(name)
        copy, maps = folder / "ini", folder / "maps"
        copy.write_text(body["ini"], encoding="utf-8")
        maps.mkdir()
        for place, text in body["maps"].items():
            path = maps / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        settings = load_settings(ini, copy)
        rules = []
        for number, text in enumerate(body["rules"].values()):
            rules.append(folder / f"rules-{number:04d}.yaml")
            rules[-1].write_text(text, encoding="utf-8")
        python = folder / "python"
        python.mkdir()
        for file, text in body["python"].items():
            (python / file).write_text(text, encoding="utf-8")
        book = _renamed(load_book(rules, python if body["python"] else None), list(body["rules"]), settings.rules)
        loaded = {
            name: replace(map_, file=str(settings.maps / Path(map_.file).relative_to(maps)))
            for name, map_ in load_maps(maps).items()
        }
    return assemble(settings, loaded, book=book)


def _renamed(book: RuleBook, files: list[str], rules: RulesSettings) -> RuleBook:
    """The same rules with the names of the original files."""
    named = [
        replace(file, source=replace(file.source, file=name)) for file, name in zip(book.files, files, strict=True)
    ]
    folder = rules.python or Path()
    pythons = [replace(rule, file=str(folder / Path(rule.file).name)) for rule in book.pythons]
    names = [*files, *(str(folder / Path(file).name) for file in list(book.texts)[len(files) :])]
    return RuleBook(named, pythons, dict(zip(names, book.texts.values(), strict=True)))


def _files(settings: Settings) -> list[Path]:
    """The ini, the maps, the rules."""
    rules, python = rule_files(settings.rules)
    return [Path(settings.file), *_maps(settings), *rules, *python]


def _maps(settings: Settings) -> list[Path]:
    return sorted(settings.maps.rglob("*.yaml"))


def rule_files(rules: RulesSettings) -> tuple[list[Path], list[Path]]:
    """Files of the site's rules: YAML in their order, and Python."""
    yaml = [file for path in rules.yaml for file in (sorted(path.glob("*.yaml")) if path.is_dir() else [path])]
    return yaml, sorted(rules.python.glob("*.py")) if rules.python else []


def _text(path: Path) -> str:
    # Not strict: a file that has just been changed for the worse is told by its stamp.
    return path.read_bytes().decode(encoding="utf-8", errors="replace")
