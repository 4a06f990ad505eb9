"""Where the run-time files of one configuration live: image, directory, command channel; in memory, ours alone."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

__all__ = ["RunDir"]


@dataclass(frozen=True, slots=True)
class RunDir:
    """The files that join the runtime and its readers."""

    folder: Path

    @classmethod
    def for_config(cls, ini: Path, demo: bool = False) -> RunDir:
        """One folder per ini file, in tmpfs where there is one; a demo never shares it with a real plant."""
        base = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(tempfile.gettempdir())  # noqa: S108
        name = hashlib.sha256(str(ini.resolve()).encode()).hexdigest()[:12]
        return cls(base / f"scada-{os.getuid()}-{name}{'-demo' if demo else ''}")

    def create(self) -> None:
        """Make the folder, readable by this user alone. Raises PermissionError when it belongs to somebody else."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = self.folder.stat()
        if status.st_uid != os.getuid() or status.st_mode & 0o077:
            raise PermissionError(f"{self.folder}: belongs to another user, or others may read it")

    def remove(self) -> None:
        """Remove the folder when nobody's files are left in it."""
        with contextlib.suppress(OSError):
            self.folder.rmdir()

    @property
    def image(self) -> Path:
        """The process image."""
        return self.folder / "image"

    @property
    def directory(self) -> Path:
        """The tag directory."""
        return self.folder / "directory.json"

    @property
    def channel(self) -> Path:
        """The socket of the command channel."""
        return self.folder / "channel"
