"""Where the run-time files of one configuration live: image, directory, command channel; in memory, ours alone."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["AlreadyRunning", "RunDir"]

#: pause between two tries for a lock that another process holds, seconds
_RETRY_S = 0.05


class AlreadyRunning(OSError):
    """Another process holds the lock."""


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

    @contextlib.contextmanager
    def lock(self, name: str = "program", wait_s: float = 0.0) -> Iterator[None]:
        """Hold the lock ``name`` of this configuration; the kernel takes it back when its holder is killed.

        "program" is held by what was started for an ini and runs until it is stopped, "scan" by the process that scans.

        Args:
            name: which lock.
            wait_s: how long to wait for another holder that is on its way out, seconds.

        Raises:
            AlreadyRunning: another process holds it; with that one's id.
            PermissionError: as ``create``.
        """
        path = self.folder / f"{name}.lock"
        deadline = time.monotonic() + wait_s
        while (handle := self._try_lock(path)) is None:
            if time.monotonic() >= deadline:
                raise AlreadyRunning(f"already running for this ini{_holder(path)}")
            time.sleep(_RETRY_S)
        try:
            yield
        finally:
            # Before it is let go: whoever has opened this file meanwhile sees that it is no longer the lock.
            path.unlink(missing_ok=True)
            os.close(handle)

    def _try_lock(self, path: Path) -> int | None:
        """A handle that holds the lock, or None while another process does."""
        while True:
            try:
                self.create()
                handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except (FileNotFoundError, FileExistsError):
                if self.folder.exists() and not self.folder.is_dir():
                    raise
                continue  # its last user has removed the folder at this moment
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(handle)
                return None
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(handle), path.stat()):
                    os.ftruncate(handle, 0)
                    os.write(handle, f"{os.getpid()}\n".encode())
                    return handle
            os.close(handle)  # the one before has removed it: that was no lock any more

    def clear(self) -> None:
        """Remove what a scan leaves, also one that was killed. The caller holds the lock "program"."""
        # A scan that does not let go is still writing: its files are not ours to remove.
        with contextlib.suppress(AlreadyRunning), self.lock("scan"):
            for path in (self.image, self.directory, self.channel, self.accepted):
                path.unlink(missing_ok=True)

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

    @property
    def accepted(self) -> Path:
        """The configuration that was accepted last: ini and register maps."""
        return self.folder / "accepted.json"


def _holder(path: Path) -> str:
    try:
        pid = path.read_text(encoding="ascii").strip()
    except OSError:  # it has let go at this moment
        pid = ""
    return f" (pid {pid})" if pid else ""
