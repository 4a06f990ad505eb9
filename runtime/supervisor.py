"""Starts the processes of ``scada run`` (plant, scan, pages), keeps them running, and stops them together."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from tagdb import ImageReader, RunDir
from tagdb.child import PARENT

__all__ = ["ChildSpec", "Supervisor", "check_port_free"]

log = logging.getLogger("scada.supervisor")

#: exit status of a process that was started with something unusable
UNUSABLE = 2
#: only where that shows this soon after a first start is the whole program told to be unusable; what has run once is
#: started again, and must not take the others with it. Longer than a scan waits for the one before it to end.
FIRST_START_S = 15.0
#: pauses before a process that ended is started again, seconds
PAUSES_S = (0.5, 1, 2, 5, 10, 30)
#: a process that ran so long gets its pauses anew
STEADY_S = 60.0
STOP_PATIENCE_S = 5.0
READY_PATIENCE_S = 5.0


@dataclass(slots=True)
class ChildSpec:
    """One process to keep running."""

    name: str
    argv: Sequence[str]
    #: whether it gets SIGHUP
    reloads: bool = False
    #: by how much it steps back for the others when the machine is busy, nice(2)
    nice: int = 0
    #: file whose appearance tells that it serves; those after it are started then, or after some patience
    ready: Path | None = None
    #: nothing leans on it: those that stand apart are stopped together
    apart: bool = False
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float = 0.0
    failures: int = 0
    starts: int = 0


def check_port_free(host: str, port: int) -> None:
    """Raises OSError with a clear sentence when nobody could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
        except OSError as error:
            raise OSError(error.errno, f"cannot listen on {host}:{port}: {error.strerror}") from None


@dataclass
class Supervisor:
    """Watches over its children until a signal comes."""

    children: Sequence[ChildSpec]
    run_dir: RunDir
    #: silence of the image after which the scan is killed and started anew, seconds
    scan_silence_s: float = 30.0
    #: address that is connected to until something listens there, and what is called then, once
    listens: tuple[str, int] | None = None
    on_listening: Callable[[], None] = field(default=lambda: None)
    _stopping: bool = False
    _hangup: bool = False
    _seen: tuple[int, int] = (0, 0)
    _seen_at: float = field(default_factory=time.monotonic)

    def run(self) -> int:
        """Run until SIGINT or SIGTERM (0), or until a child's first start shows that it cannot be used (2)."""
        handlers = {number: signal.signal(number, self._signal) for number in
                    (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}  # fmt: skip
        reader = ImageReader(self.run_dir.image)
        try:
            for child in self.children:
                self._start(child)
                self._wait_ready(child)
            while not self._stopping:
                if (status := self._look_after()) is not None:
                    return status
                self._watch_scan(reader)
                self._announce()
                time.sleep(0.2)
            return 0
        finally:
            self._stop_all()
            for number, handler in handlers.items():
                signal.signal(number, handler)

    def _signal(self, number: int, frame: FrameType | None) -> None:
        if number == signal.SIGHUP:
            self._hangup = True
        else:
            self._stopping = True

    def _look_after(self) -> int | None:
        now = time.monotonic()
        if self._hangup:
            self._hangup = False
            for child in self.children:
                if child.reloads and child.process:
                    child.process.send_signal(signal.SIGHUP)
        for child in self.children:
            if child.process is None:
                if now >= child.restart_at:
                    self._start(child)
            elif (code := child.process.poll()) is not None:
                child.process = None
                if code == UNUSABLE and child.starts == 1 and now - child.started_at < FIRST_START_S:
                    return UNUSABLE
                if now - child.started_at > STEADY_S:
                    child.failures = 0
                pause = PAUSES_S[min(child.failures, len(PAUSES_S) - 1)]
                child.failures += 1
                child.restart_at = now + pause
                log.error("%s has ended (%s); starting it again in %g s", child.name, _describe(code), pause)
        return None

    def _watch_scan(self, reader: ImageReader) -> None:
        """The last resort for a scan that hangs: the watchdog inside has reported it long before."""
        now, seen = time.monotonic(), reader.scan()
        if seen != self._seen:
            self._seen, self._seen_at = seen, now
        elif now - self._seen_at > self.scan_silence_s:
            self._seen_at = now
            for child in self.children:
                if child.name == "scan" and child.process:
                    log.critical("no scan for %g s: killing the scan process", self.scan_silence_s)
                    child.process.kill()

    def _announce(self) -> None:
        if self.listens is None:
            return
        try:
            socket.create_connection(self.listens, 1.0).close()
        except OSError:
            return
        self.listens = None
        self.on_listening()

    def _wait_ready(self, child: ChildSpec) -> None:
        deadline = time.monotonic() + READY_PATIENCE_S
        while child.ready is not None and not child.ready.exists() and not self._stopping:
            if time.monotonic() > deadline or (child.process and child.process.poll() is not None):
                return
            time.sleep(0.05)

    def _start(self, child: ChildSpec) -> None:
        environment = os.environ | {PARENT: str(os.getpid())}
        child.process = subprocess.Popen(child.argv, env=environment)  # noqa: S603  our own program
        if child.nice:
            os.setpriority(os.PRIO_PROCESS, child.process.pid, child.nice)
        child.started_at = time.monotonic()
        child.starts += 1

    def _stop_all(self) -> None:
        # One after the other, last started first: the pages let go of the scan, the scan of the plant.
        for child in self.children:
            if child.apart and child.process is not None:
                child.process.terminate()
        for child in reversed(self.children):
            if child.process is not None:
                if not child.apart:  # told once: a second time might cut short how it ends
                    child.process.terminate()
                _wait_for_end(child.name, child.process)


def _wait_for_end(name: str, process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(STOP_PATIENCE_S)
    except subprocess.TimeoutExpired:
        log.warning("%s did not stop within %g s: killed", name, STOP_PATIENCE_S)
        process.kill()
        process.wait()


def _describe(code: int) -> str:
    return f"status {code}" if code >= 0 else signal.Signals(-code).name
