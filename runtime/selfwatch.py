"""The runtime's watch over itself: heartbeat, disk space and systemd, in a thread beside the scan; its tags' values.

Stage: beside the scan; the program posts the values to the inbox once a second.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from runtime.clock_set import ClockSet
from runtime.heartbeat import Heartbeat, Vitals, deliveries
from runtime.outputs import DiskSpace, Systemd
from runtime.scan import Clock
from runtime.settings import Settings
from tagdb import RunDir

__all__ = ["SelfWatch", "written_folders"]

LOOK_S = 1.0


class SelfWatch:
    """Built, started and stopped with the program; ``apply`` takes changed settings over."""

    def __init__(
        self,
        settings: Settings,
        run_dir: RunDir,
        clock: Clock,
        vitals: Callable[[], Vitals],
        journal: Callable[[int], None],
        clock_set: Callable[[float], None],
    ) -> None:
        """``vitals``: how the program is now, from any thread; ``journal`` notes a heartbeat with its count,
        ``clock_set`` by how many seconds somebody set the wall clock."""
        self._run_dir = run_dir
        self._clock = clock
        self._vitals = vitals
        self._journal = journal
        self._clock_set, self._wall = clock_set, ClockSet(clock)
        self._systemd = Systemd()
        self._room: dict[str, float | str] = {}
        self._beats = 0
        self._settings = settings
        self._disk, self._heart = self._made(settings)

    def start(self) -> None:
        """Begin to look, in a thread."""
        self._systemd.tell("READY=1")
        self._thread = self._heart.run(LOOK_S, self._look)

    def apply(self, settings: Settings) -> None:
        """Go on with changed settings."""
        before, self._settings = self._settings, settings
        if (settings.heartbeat, settings.alarms, settings.history) == (before.heartbeat, before.alarms, before.history):
            return
        self._heart.stop()
        self._beats += self._heart.count
        self._disk, self._heart = self._made(settings)
        self._thread = self._heart.run(LOOK_S, self._look)

    def stop(self) -> None:
        """End; a beat that is under way is not waited for longer than a second."""
        self._systemd.tell("STOPPING=1")
        self._heart.stop()
        self._thread.join(1.0)

    def alive(self) -> None:
        """Tell systemd's watchdog, unless the scan is stuck. Never waits."""
        if not self._vitals().stuck:
            self._systemd.tell("WATCHDOG=1")

    def values(self) -> dict[str, float | str]:
        """Of the tags ``scada.heartbeat.*`` and ``scada.disk.*``."""
        heart = self._heart
        return self._room | {
            "heartbeat.count": self._beats + heart.count,
            "heartbeat.withheld": heart.withheld,
            "heartbeat.failing": bool(heart.error),
            "heartbeat.error": heart.error,
        }

    def _look(self) -> None:
        if moved := self._wall.look():
            self._clock_set(moved)
        self._room = self._disk.values()

    def _made(self, settings: Settings) -> tuple[DiskSpace, Heartbeat]:
        alarms = settings.alarms
        disk = DiskSpace(written_folders(settings, self._run_dir), alarms.disk_low_pct, alarms.disk_full_pct)
        told = deliveries(settings.heartbeat, self._stamp)
        return disk, Heartbeat(settings.heartbeat, self._vitals, self._clock.monotonic, told, self._journal)

    def _stamp(self) -> str:
        now = datetime.fromtimestamp(self._clock.time(), UTC).isoformat(timespec="seconds")
        return f"{now} scan {self._vitals().scan}\n"


def written_folders(settings: Settings, run_dir: RunDir) -> list[Path]:
    """Where the program writes: the database where it is a file, the spool, the run directory."""
    url = settings.history.url
    file = [Path(url.removeprefix("sqlite:///")).parent] if url.startswith("sqlite:///") else []
    return [*file, *([settings.history.spool] if url else []), run_dir.folder]
