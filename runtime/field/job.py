"""What wants a link for itself between two reads: a command, with all its frames, or a single request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from runtime.wire import Reply, Request

__all__ = ["Ask", "Job"]

#: asks one request with a time-out in seconds; raises WireError
Ask = Callable[[Request, float], Awaitable[Reply]]


@dataclass(slots=True)
class Job:
    """One entry of a bus's queue. The bus never repeats it: whoever gave it looks at what became of it."""

    #: does everything it has to do on the link; nothing else is asked meanwhile
    work: Callable[[Ask], Awaitable[Any]]
    #: monotonic time after which it must not be begun any more
    expires: float
    future: asyncio.Future[Any]
