"""Publishes the tags: the image after every scan, the directory when the configuration changed."""

from __future__ import annotations

from pathlib import Path

from runtime.scan import Moment
from tagdb import Directory, ImageWriter, RunDir, TagStore

__all__ = ["Publisher"]


class Publisher:
    """Owner of the run directory's image and directory file. Used by the scan's thread alone."""

    def __init__(self, run_dir: RunDir, store: TagStore) -> None:
        """Makes the run directory. Raises OSError when that is not possible or memory is short."""
        self._run_dir = run_dir
        self._store = store
        self._generation = 0
        run_dir.create()
        self._image = self._new_image()

    def stage(self, directory: Directory) -> Path:
        """Prepare a generation of tags in any thread; the file to hand to ``install``. Raises OSError."""
        return directory.stage(self._run_dir.directory)

    def install(self, directory: Directory, staged: Path) -> None:
        """Take a new generation of tags over, between two scans: directory first, then the image that refers to it."""
        self._store.install(directory.tags)
        staged.replace(self._run_dir.directory)
        self._generation = directory.generation
        if self._image.capacity != self._store.capacity or self._image.texts != self._store.text_capacity:
            old, self._image = self._image, self._new_image()
            self._image.continue_from(old)

    def publish(self, scan: int, now: Moment) -> None:
        """Write the image as of this scan."""
        self._image.write(self._store, self._generation, scan, now.time, now.monotonic)

    def close(self) -> None:
        """Readers learn that the runtime has stopped."""
        self._image.close()
        self._run_dir.directory.unlink(missing_ok=True)
        self._run_dir.remove()

    def _new_image(self) -> ImageWriter:
        return ImageWriter(self._run_dir.image, self._store.capacity, self._store.text_capacity)
