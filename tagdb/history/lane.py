"""A thread that makes one call at a time, so that who asks for it can stop waiting: a hung database holds up nobody."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, Generic, TypeVar

__all__ = ["Lane", "StillBusy"]

T = TypeVar("T")


class StillBusy(Exception):
    """The call has not ended in time; it goes on, and its result can be collected later."""


class Lane(Generic[T]):
    """The thread is a daemon: a call that never ends does not keep the process from ending."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._calls: queue.SimpleQueue[Callable[[], T] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()
        self._waiting = False
        self._result: Callable[[], T] = _nothing

    @property
    def pending(self) -> bool:
        """Whether a call was made whose result nobody has yet."""
        return self._waiting

    def call(self, work: Callable[[], T], timeout_s: float) -> T:
        """Make a call and wait for its end. Raises StillBusy, and what the call raises."""
        self.begin(work)
        return self.collect(timeout_s)

    def begin(self, work: Callable[[], T]) -> None:
        """Make a call; ``collect`` gets its result, and only then another may begin."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        self._ended.clear()
        self._waiting = True
        self._calls.put(work)

    def collect(self, timeout_s: float = 0.0) -> T:
        """The result of the call. Raises StillBusy, and what the call raises."""
        if not self._ended.wait(timeout_s):
            raise StillBusy
        self._waiting = False
        result, self._result = self._result, _nothing
        return result()

    def stop(self, timeout_s: float) -> None:
        """End the thread, when its call ends in time."""
        if self._thread is not None:
            self._calls.put(None)
            self._thread.join(timeout_s)
            self._thread = None

    def _work(self) -> None:
        while (work := self._calls.get()) is not None:
            try:
                result = work()
            except Exception as error:  # a thread's top: whoever waits gets it
                self._result = partial(_fail, error)
            else:
                self._result = partial(_give, result)
            self._ended.set()


def _nothing() -> Any:
    raise StillBusy


def _give(result: T) -> T:
    return result


def _fail(error: Exception) -> Any:
    raise error
