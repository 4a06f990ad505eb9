"""The serial line as a pseudo-terminal, for links of the kind serial."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tty
from pathlib import Path

from runtime.simulator.ports import PlantError
from runtime.simulator.serial_bus import SerialBus

__all__ = ["PtyLine"]


class PtyLine:
    """A pty whose other end any program opens like a serial port; ``link_path`` becomes a symbolic link to it."""

    def __init__(self, bus: SerialBus, link_path: Path | None = None) -> None:
        self.bus = bus
        self.link_path = link_path
        self.master = self._slave = -1
        #: what to open, once it has started
        self.path = ""
        self._linked = False
        bus.deliver = self._deliver

    def start(self) -> None:
        """Begin to serve. Raises PlantError when the symbolic link can't be made."""
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self.master, False)
        self.path = os.ttyname(self._slave)
        if self.link_path is not None:
            self._link(self.link_path)
        loop = asyncio.get_running_loop()
        self.bus.scheduler = loop
        loop.add_reader(self.master, self._readable)

    def stop(self) -> None:
        """Close both ends and take the symbolic link away."""
        if self.master < 0:
            return
        asyncio.get_running_loop().remove_reader(self.master)
        os.close(self.master)
        os.close(self._slave)
        self.master = self._slave = -1
        if self._linked and self.link_path is not None:
            self.link_path.unlink(missing_ok=True)

    def _link(self, path: Path) -> None:
        # A link that a killed plant left behind may go; a real device or file never.
        if path.is_symlink() and os.readlink(path).startswith("/dev/pts/"):
            path.unlink()
        try:
            path.symlink_to(self.path)
        except OSError as error:
            raise PlantError(f"{path}: the simulated serial line can't be put there: {error.strerror}") from None
        self._linked = True

    def _readable(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self.bus.receive(os.read(self.master, 4096))

    def _deliver(self, data: bytes) -> None:
        # Nobody may be reading the other end: a full pty loses bytes, as a line does.
        with contextlib.suppress(BlockingIOError):
            os.write(self.master, data)
