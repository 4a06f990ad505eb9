"""The writer of samples: the journal's writer (queue, spool, retries, each record once) with another end."""

from __future__ import annotations

from pathlib import Path
from socket import gethostname

from tagdb.history import HistoryWriter
from tagdb.samples.ledger import SampleLedger
from tagdb.samples.records import RecordMaker, weigh

__all__ = ["sample_writer"]

#: flushes in one transaction, when many wait
_BATCH = 60


def sample_writer(
    url: str,
    spool: Path,
    *,
    spool_limit_bytes: int = 256 << 20,
    queue_limit: int = 4_000_000,
    timeout_s: float = 5.0,
    period_s: float = 0.1,
    retry_s: float = 0.5,
) -> HistoryWriter:
    """A writer of ``Flush`` and ``Begin``; not started yet.

    Args:
        url: of the samples, as ``samples_url`` gives it.
        spool: a folder of this writer's alone.
        queue_limit: samples that wait in memory, some 30 bytes each.
        timeout_s, period_s, retry_s: as of ``HistoryWriter``.

    Raises BadUrl.
    """
    ledger = SampleLedger(url, f"{gethostname()}:{spool.absolute()}", timeout_s)
    return HistoryWriter(
        url,
        spool,
        queue_limit=queue_limit,
        spool_limit_bytes=spool_limit_bytes,
        batch=_BATCH,
        period_s=period_s,
        timeout_s=timeout_s,
        retry_s=retry_s,
        ledger=ledger,
        record_of=RecordMaker(ledger.keys),
        weigh=weigh,
    )
