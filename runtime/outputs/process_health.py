"""What the runtime's process costs the machine, from ``/proc`` (proc(5))."""

from __future__ import annotations

import os
import time
from pathlib import Path

__all__ = ["ProcessHealth"]


class ProcessHealth:
    """Processor time and memory of this process."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._at = self._started
        self._cpu = time.process_time()

    def values(self) -> dict[str, float]:
        """Load since the last call (percent of one core), resident memory (MB), time since the start (s)."""
        now, cpu = time.monotonic(), time.process_time()
        elapsed, used = now - self._at, cpu - self._cpu
        self._at, self._cpu = now, cpu
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return {
            "process.cpu_pct": round(100 * used / elapsed, 1) if elapsed > 0 else 0.0,
            "process.rss_mb": round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1),
            "process.uptime_s": int(now - self._started),
        }
