"""An order that a stuck scan does not take: whoever gave it hears so, and it does not happen later."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any, cast

import pytest

from runtime import program
from runtime.program import Program
from runtime.scan import Moment


class Loop:
    """Takes orders and carries them out when told to, as ``ScanLoop`` does."""

    def __init__(self) -> None:
        self.orders: list[tuple[Callable[[], None], Future[None]]] = []

    def between_scans(self, order: Callable[[], None]) -> Future[None]:
        self.orders.append((order, Future()))
        return self.orders[-1][1]

    def run(self) -> None:
        for order, future in self.orders:
            if future.set_running_or_notify_cancel():
                order()
                future.set_result(None)


def test_it_is_withdrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "ORDER_PATIENCE_S", 0.01)
    loop, done = Loop(), list[str]()
    clock = SimpleNamespace(time=lambda: 1.0, monotonic=lambda: 2.0)
    here = cast(Program, SimpleNamespace(loop=loop, clock=clock))

    def order(now: Moment) -> Any:
        done.append("start")

    with pytest.raises(TimeoutError):
        Program._ordered(here, order)
    loop.run()  # the scan goes on
    assert done == []
