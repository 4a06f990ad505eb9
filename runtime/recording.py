"""The history of values wired into the program: the recorder after every scan, its writer, its upkeep, its tags."""

from __future__ import annotations

from typing import Any

from runtime.scan import Moment
from runtime.scan.result import ScanResult
from runtime.settings import HistorySettings
from tagdb import Directory, TagStore
from tagdb.samples import Keeping, Recorder, TagSet, UpkeepProcess, sample_writer, samples_url

__all__ = ["Recording"]


class Recording:
    """Built and called by the scan's thread, but for ``values``."""

    def __init__(self, settings: HistorySettings, directory: Directory, now: Moment) -> None:
        """Starts the writer and the upkeep. Raises BadUrl."""
        url = samples_url(settings.url)
        spool = settings.spool.with_name(f"{settings.spool.name}-samples")
        self._writer = sample_writer(url, spool, spool_limit_bytes=settings.values_spool_bytes)
        self._upkeep = UpkeepProcess(url, Keeping(settings.keep_days, settings.disk_limit_bytes))
        self._writer.start()
        self._upkeep.start()
        tags, times = TagSet(directory.tags), (settings.flush_s, settings.longest_gap_s)
        self._recorder = Recorder(tags, self._writer.post, now.time, *times)

    def scan(self, store: TagStore, result: ScanResult) -> None:
        """Keep what the scan changed."""
        self._recorder.scan(store, result.changed, result.now.time)

    def install(self, tags: TagSet, now: Moment) -> None:
        """Take a new configuration over, between two scans; ``tags`` was made before, in another thread."""
        self._recorder.install(tags, now.time)

    def values(self) -> dict[str, Any]:
        """For the runtime's own tags. Any thread."""
        status, upkeep = self._writer.status(), self._upkeep.status()
        error = status["last_error"] if not status["healthy"] else upkeep.error
        return {
            "samples.kept": self._recorder.kept,
            **{f"samples.{name}": status[name] for name in ("written", "queued", "spooled", "dropped")},
            "samples.failing": not status["healthy"],
            "samples.error": error,
            "samples.unpacked": upkeep.unpacked,
            "samples.disk_mb": round(upkeep.disk_bytes / 1e6, 1),
            "samples.oldest_days": round(upkeep.oldest_days, 1),
            "samples.thinned_days": upkeep.thinned_days,
            "samples.upkeep_failing": bool(upkeep.error),
        }

    def close(self, now: Moment) -> None:
        """Write what there is, or spool it."""
        self._recorder.flush(round(now.time * 1000))
        self._upkeep.stop()
        self._writer.stop()
