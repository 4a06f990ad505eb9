"""A circuit breaker and the steps its controller takes to close and open it (registers 193, 197, 264, 268)."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["Breaker", "SwitchState"]


class SwitchState(IntEnum):
    """Values of a breaker's state word (SmartGen facts: enumeration switch_state)."""

    SYNCHRONISING = 0
    CLOSE_DELAY = 1
    WAITING_TO_CLOSE = 2
    CLOSED = 3
    UNLOADING = 4
    OPEN_DELAY = 5
    WAITING_TO_OPEN = 6
    OPEN = 7


W = SwitchState


class Breaker:
    """Closes after synchronising, opens after unloading; ``trip`` opens at once."""

    def __init__(self, closed: bool = False, delay_s: float = 0.6, travel_s: float = 0.3) -> None:
        self.state = W.CLOSED if closed else W.OPEN
        #: wait between the decision and the command, and how long the breaker itself takes, seconds
        self.delay_s = delay_s
        self.travel_s = travel_s
        self.left_s = 0.0
        #: how long it has been trying to synchronise, seconds
        self.synchronising_s = 0.0

    @property
    def closed(self) -> bool:
        """Whether the contacts are made: until the end of opening."""
        return self.state in (W.CLOSED, W.UNLOADING, W.OPEN_DELAY, W.WAITING_TO_OPEN)

    def close(self) -> None:
        """Ask for closing."""
        if self.state is W.OPEN:
            self.state, self.synchronising_s = W.SYNCHRONISING, 0.0
        elif self.state in (W.UNLOADING, W.OPEN_DELAY):
            self.state = W.CLOSED

    def open(self) -> None:
        """Ask for opening, after unloading."""
        if self.state is W.CLOSED:
            self.state = W.UNLOADING
        elif self.state in (W.SYNCHRONISING, W.CLOSE_DELAY):
            self.state = W.OPEN

    def toggle(self) -> None:
        """The one button for both."""
        if self.state in (W.CLOSED, W.SYNCHRONISING, W.CLOSE_DELAY):
            self.open()
        else:
            self.close()

    def trip(self) -> None:
        """Open at once."""
        self.state = W.OPEN

    def step(self, dt: float, *, in_sync: bool, unloaded: bool) -> None:
        """Go on by ``dt`` seconds; ``in_sync``: it may close now, ``unloaded``: it carries next to nothing."""
        self.left_s = max(0.0, self.left_s - dt)
        if self.state is W.SYNCHRONISING:
            self.synchronising_s += dt
            if in_sync:
                self._enter(W.CLOSE_DELAY, self.delay_s)
        elif self.state is W.UNLOADING:
            if unloaded:
                self._enter(W.OPEN_DELAY, self.delay_s)
        elif self.left_s > 0.0:
            return
        elif self.state is W.CLOSE_DELAY:
            self._enter(W.WAITING_TO_CLOSE, self.travel_s)
        elif self.state is W.WAITING_TO_CLOSE:
            self._enter(W.CLOSED, 0.0)
        elif self.state is W.OPEN_DELAY:
            self._enter(W.WAITING_TO_OPEN, self.travel_s)
        elif self.state is W.WAITING_TO_OPEN:
            self._enter(W.OPEN, 0.0)

    def _enter(self, state: SwitchState, left_s: float) -> None:
        self.state, self.left_s = state, left_s
