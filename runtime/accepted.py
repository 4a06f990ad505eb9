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
from runtime.settings import Settings, load_settings
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
    seen = stamps(load_settings(ini))
    return load(ini, before), seen


def save(settings: Settings, run_dir: RunDir, seen: Stamps) -> bool:
    """Keep the files that ``settings`` came from.

    Returns:
        False when they have changed since ``seen``: what stands there now is not what was accepted, so what was kept
        before stays.

    Raises:
        OSError: a file cannot be read any more, or there is no room for the copy.
    """
    ini, *maps = _files(settings)
    body = {
        "ini": _text(ini),
        "maps": {str(path.relative_to(settings.maps)): _text(path) for path in maps},
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
        loaded = {
            name: replace(map_, file=str(settings.maps / Path(map_.file).relative_to(maps)))
            for name, map_ in load_maps(maps).items()
        }
    return assemble(settings, loaded)


def _files(settings: Settings) -> list[Path]:
    """The ini, then the maps."""
    return [Path(settings.file), *sorted(settings.maps.rglob("*.yaml"))]


def _text(path: Path) -> str:
    # Not strict: a file that has just been changed for the worse is told by its stamp.
    return path.read_bytes().decode(encoding="utf-8", errors="replace")
