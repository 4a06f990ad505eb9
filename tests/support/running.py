"""A scan process in a thread, and a way to wait for what its tags should become."""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from runtime.assembly import Assembly, load
from runtime.program import Program
from tagdb import Directory, ImageGone, ImageReader, Quality, RunDir, Sample, Tag, Value, value_of

__all__ = ["Running", "running_program", "wait_until"]


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 90.0) -> None:
    """Poll a condition that another process brings about; the deadline is for a machine under load."""
    deadline, pause = time.monotonic() + seconds, 0.01
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        select.select([], [], [], pause)
        pause = min(1.3 * pause, 0.1)  # asking may cost more than what is waited for


class Running:
    """Reads the image as any other process would."""

    def __init__(self, run_dir: RunDir, program: Program | None = None) -> None:
        self.run_dir = run_dir
        self.program = program
        self._reader = ImageReader(run_dir.image)
        self._directory: Directory | None = None
        self._tags: dict[str, Tag] = {}

    def directory(self) -> Directory:
        """As of the newest scan."""
        generation = self._reader.read().generation
        if self._directory is None or self._directory.generation != generation:
            self._directory = Directory.read(self.run_dir.directory)
            self._tags = {tag.name: tag for tag in self._directory.tags}
        return self._directory

    def sample(self, name: str) -> Sample:
        """One tag as of the newest scan."""
        self.directory()
        snapshot, tag = self._reader.read(), self._tags[name]
        slot = tag.slot
        text = snapshot.text[tag.text_row].decode() if tag.text_row >= 0 else ""
        return Sample(
            value_of(tag.kind, float(snapshot.cell[slot]), tag.decimals, text), Quality(int(snapshot.quality[slot])),
            float(snapshot.source_time[slot]), float(snapshot.change_time[slot]), int(snapshot.raw[slot]),
        )  # fmt: skip

    def value(self, name: str) -> Value:
        """Its value alone."""
        return self.sample(name).value

    def wait_for(self, name: str, expected: Value | Quality, seconds: float = 90.0) -> None:
        """Wait until a tag has this value, or this quality."""
        last: list[Sample] = []

        def reached() -> bool:
            try:
                last[:] = [self.sample(name)]
            except (ImageGone, OSError):
                return False
            return (last[0].quality if isinstance(expected, Quality) else last[0].value) == expected

        try:
            wait_until(reached, f"{name} = {expected!r}", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}; last seen: {last}") from None


@contextmanager
def running_program(
    ini: Path, run_folder: Path, change: Callable[[Assembly], Assembly] = lambda assembly: assembly
) -> Iterator[Running]:
    """The whole scan process of an ini, in a thread; ``change``: what no ini could say."""
    started = threading.Event()
    programs: list[Program] = []

    def work() -> None:
        try:
            programs.append(Program(change(load(ini)), RunDir(run_folder)))
        finally:
            started.set()
        programs[0].run()

    thread = threading.Thread(target=work, name="scan", daemon=True)
    thread.start()
    assert started.wait(90)
    assert programs, "it does not start: see what the thread raised"
    try:
        running = Running(RunDir(run_folder), programs[0])
        wait_until(lambda: _published(running), "the first scan")
        yield running
    finally:
        programs[0].stop()
        thread.join(90)
        assert not thread.is_alive()


def _published(running: Running) -> bool:
    try:
        running.directory()
    except (ImageGone, OSError):
        return False
    return True
