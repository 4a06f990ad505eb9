"""The start and stop sequence of one genset, as the controller's status word shows it (register 260)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

__all__ = ["GensetState", "Sequence", "Timings"]


class GensetState(IntEnum):
    """Values of the status word (SmartGen facts: enumeration genset_state of the HGM9520N)."""

    STANDBY = 0
    PREHEAT = 1
    FUEL_ON = 2
    CRANKING = 3
    CRANK_REST = 4
    SAFETY_ON = 5
    START_IDLE = 6
    WARMING_UP = 7
    WAITING_FOR_LOAD = 8
    RUNNING = 9
    COOLING = 10
    STOP_IDLE = 11
    ETS = 12
    STANDSTILL = 13
    AFTER_STOP = 14
    STOP_FAILURE = 15


@dataclass(frozen=True, slots=True)
class Timings:
    """Delays of the sequence, seconds: settings of the controller, shortened for a lively demo."""

    preheat_s: float = 3.0
    fuel_on_s: float = 1.0
    crank_s: float = 8.0
    crank_rest_s: float = 8.0
    safety_on_s: float = 4.0
    start_idle_s: float = 5.0
    warm_up_s: float = 10.0
    cooling_s: float = 25.0
    stop_idle_s: float = 6.0
    ets_s: float = 6.0
    standstill_s: float = 40.0
    after_stop_s: float = 8.0
    crank_attempts: int = 3


S = GensetState
#: states with a fixed delay: (name of the delay, state that follows)
FOLLOW = {
    S.PREHEAT: ("preheat_s", S.FUEL_ON),
    S.FUEL_ON: ("fuel_on_s", S.CRANKING),
    S.CRANK_REST: ("crank_rest_s", S.CRANKING),
    S.SAFETY_ON: ("safety_on_s", S.START_IDLE),
    S.START_IDLE: ("start_idle_s", S.WARMING_UP),
    S.WARMING_UP: ("warm_up_s", S.WAITING_FOR_LOAD),
    S.COOLING: ("cooling_s", S.STOP_IDLE),
    S.STOP_IDLE: ("stop_idle_s", S.ETS),
    S.ETS: ("ets_s", S.STANDSTILL),
    S.AFTER_STOP: ("after_stop_s", S.STANDBY),
}
#: where a stop request leads while the set is starting
GIVE_UP = {
    S.PREHEAT: S.STANDBY,
    S.FUEL_ON: S.ETS,
    S.CRANKING: S.ETS,
    S.CRANK_REST: S.ETS,
    S.SAFETY_ON: S.STOP_IDLE,
    S.START_IDLE: S.STOP_IDLE,
    S.WARMING_UP: S.COOLING,
    S.WAITING_FOR_LOAD: S.COOLING,
}
#: rpm above which the engine has fired, and below which it stands
FIRED_RPM = 400.0
STANDING_RPM = 20.0


class Sequence:
    """The state machine; it knows nothing of physics but the speed it is told."""

    def __init__(self, timings: Timings | None = None, state: GensetState = S.STANDBY) -> None:
        self.timings = timings or Timings()
        self.state = state
        #: seconds left in the state; 0 where it has no delay
        self.left_s = 0.0
        self.attempts = 0
        #: counted when the engine fires
        self.starts = 0
        #: True for one step after the last attempt failed
        self.crank_failed = False

    @property
    def fuel(self) -> bool:
        """Whether the fuel valve is open."""
        return S.FUEL_ON <= self.state <= S.STOP_IDLE and self.state is not S.CRANK_REST

    @property
    def starter(self) -> bool:
        """Whether the starter turns the engine."""
        return self.state is S.CRANKING

    @property
    def idle(self) -> bool:
        """Whether the engine is held at idle speed rather than at its rated speed."""
        return self.state in (S.CRANKING, S.SAFETY_ON, S.START_IDLE, S.STOP_IDLE)

    @property
    def protected(self) -> bool:
        """Whether oil pressure and speed are supervised (they are not until the safety-on delay has passed)."""
        return S.START_IDLE <= self.state <= S.STOP_IDLE

    @property
    def at_speed(self) -> bool:
        """Whether the set may take load."""
        return self.state in (S.WAITING_FOR_LOAD, S.RUNNING)

    def stop_at_once(self) -> None:
        """Shut down: no cooling, no idling."""
        if self.state not in (S.STANDBY, S.ETS, S.STANDSTILL, S.AFTER_STOP):
            self._enter(S.ETS)

    def step(self, dt: float, *, run: bool, rpm: float, loaded: bool) -> None:
        """Go on by ``dt`` seconds.

        ``run``: the set is wanted; ``loaded``: its breaker is closed. A loaded set is never stopped: whoever wants it
        stopped opens the breaker first.
        """
        self.crank_failed = False
        self.left_s = max(0.0, self.left_s - dt)
        if not run and self.state in GIVE_UP and not loaded:
            self._enter(GIVE_UP[self.state])
        elif self.state is S.STANDBY:
            if run:
                self.attempts = 0
                self._enter(S.PREHEAT)
        elif self.state is S.CRANKING:
            self._crank(rpm)
        elif self.state is S.WAITING_FOR_LOAD:
            if loaded:
                self._enter(S.RUNNING)
        elif self.state is S.RUNNING:
            if not loaded:
                self._enter(S.WAITING_FOR_LOAD if run else S.COOLING)
        elif self.state in (S.STANDSTILL, S.STOP_FAILURE):
            if rpm < STANDING_RPM:
                self._enter(S.AFTER_STOP)
            elif self.left_s == 0.0:
                self.state = S.STOP_FAILURE
        elif self.state is S.COOLING and run:
            self._enter(S.WAITING_FOR_LOAD)
        elif self.left_s == 0.0:
            self._enter(FOLLOW[self.state][1])

    def _crank(self, rpm: float) -> None:
        if rpm > FIRED_RPM:
            self.starts += 1
            self._enter(S.SAFETY_ON)
        elif self.left_s == 0.0:
            self.crank_failed = self.attempts >= self.timings.crank_attempts
            self._enter(S.ETS if self.crank_failed else S.CRANK_REST)

    def _enter(self, state: GensetState) -> None:
        self.state = state
        if state is S.CRANKING:
            self.attempts += 1
            self.left_s = self.timings.crank_s
        elif state is S.STANDSTILL:
            self.left_s = self.timings.standstill_s
        else:
            self.left_s = getattr(self.timings, FOLLOW[state][0]) if state in FOLLOW else 0.0
