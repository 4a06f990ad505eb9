"""Journal and values as the UI reads them: opened when first asked for, and again until they are there; read only."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from tagdb.history import BadUrl, History, HistoryGone, SchemaTooNew, SchemaTooOld, open_history
from tagdb.samples import Samples, open_samples, samples_url
from ui.errors import ApiError

__all__ = ["Past"]


class Past:
    """Opens the history lazily: the runtime makes the database, and may start after the pages do."""

    def __init__(self, url: str) -> None:
        """``url``: as ``open_history`` takes it; "" = no history is configured."""
        self._url = url
        self._lock = threading.Lock()
        self._history: History | None = None
        self._samples: Samples | None = None

    @property
    def configured(self) -> bool:
        """Whether there is to be a history at all."""
        return bool(self._url)

    @contextmanager
    def asked(self) -> Iterator[History]:
        """The history, for questions. Raises ApiError 503 where there is none, or it cannot be read."""
        with self._told():
            yield self._opened()

    @contextmanager
    def values(self) -> Iterator[Samples]:
        """The recorded values, for questions. Raises ApiError 503 as ``asked``."""
        with self._told():
            yield self._opened_samples()

    @contextmanager
    def _told(self) -> Iterator[None]:
        if not self._url:
            raise ApiError(HTTPStatus.SERVICE_UNAVAILABLE, "no-history", "no history is configured")
        try:
            yield
        except (BadUrl, HistoryGone, SchemaTooNew, SchemaTooOld) as problem:
            message = f"the history cannot be read: {problem}"
            raise ApiError(HTTPStatus.SERVICE_UNAVAILABLE, "history-gone", message) from None

    def _opened(self) -> History:
        with self._lock:
            if self._history is None:
                self._history = open_history(self._url, read_only=True)
            return self._history

    def _opened_samples(self) -> Samples:
        with self._lock:
            if self._samples is None:
                self._samples = open_samples(samples_url(self._url))
            return self._samples
