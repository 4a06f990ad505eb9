"""A simulated controller as the line sees it: registers, coils, and what it does with what it is sent."""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from collections import Counter
from enum import IntEnum

from registermaps import RegisterMap
from runtime.simulator.alarms import AlarmBook
from runtime.simulator.modes import Mode
from runtime.simulator.registers import RegisterBank, Values

__all__ = ["Controller", "Verdict"]

#: alarm class -> its flag in word 0; classes that are none of these are shown only
FLAGS = {
    "shutdown": "alarm_shutdown", "warning": "alarm_warning", "trip_and_stop": "alarm_trip_stop", "trip": "alarm_trip",
    "safety_trip_and_stop": "alarm_safety_trip_stop", "safety_trip": "alarm_safety_trip", "block": "alarm_block",
    "mains_trip": "alarm_mains_trip",
}  # fmt: skip
#: classes that the controllers show without calling them alarms
NO_ALARMS = frozenset({"indication", "mains_state"})


class Verdict(IntEnum):
    """What becomes of a request."""

    OK = 0
    #: SmartGen controllers do not answer what they do not know
    SILENT = -1
    #: the fault "exception" refuses everything
    FORCED = -2
    ILLEGAL_VALUE = 3


class Controller(ABC):
    """One unit on a link."""

    #: functions it answers
    functions: frozenset[int] = frozenset({3, 5, 6})
    #: settings that may be written outside the words that can be read
    write_only: tuple[int, ...] = ()

    def __init__(self, name: str, unit: int, register_map: RegisterMap, alarms: AlarmBook) -> None:
        self.name = name
        self.unit = unit
        self.bank = RegisterBank(register_map)
        self.alarms = alarms
        self._written: frozenset[str] | None = None
        #: coil -> how many times it was sent ON, and how many times anything; register -> how many times it was
        #: written; as the unit got them
        self.pulses: Counter[int] = Counter()
        self.levels: Counter[int] = Counter()
        self.writes: Counter[int] = Counter()
        #: remote control is switched off at the controller: it answers, and does nothing
        self.local = False

    @abstractmethod
    def values(self) -> Values:
        """Measurements and states now, by point name."""

    def mode(self) -> Mode | None:
        """The mode it is in, where it has modes."""
        return None

    def shown_alarms(self) -> set[str]:
        """Every alarm bit that is set now."""
        return self.alarms.all

    def take_coil(self, coil: int, on: bool) -> Verdict:
        """Function 05 as it comes in: counted, and carried out unless the controller is in local control."""
        self.pulses[coil] += on
        self.levels[coil] += 1
        return Verdict.OK if self.local else self.write_coil(coil, on)

    def take_register(self, address: int, value: int) -> Verdict:
        """Function 06 as it comes in, as ``take_coil``."""
        self.writes[address] += 1
        return Verdict.OK if self.local else self.write_register(address, value)

    def write_coil(self, coil: int, on: bool) -> Verdict:
        """Function 05."""
        return Verdict.SILENT

    def write_register(self, address: int, value: int) -> Verdict:
        """Function 06; ``value`` as on the wire."""
        return Verdict.SILENT

    def read_coils(self, address: int, count: int) -> list[bool] | None:
        """Function 01; None = no answer."""
        return None

    def read(self, address: int, count: int) -> array[int] | None:
        """Function 03; None = no answer."""
        return self.bank.read(address, count) if self.bank.holds(address, count) else None

    def publish(self) -> None:
        """Bring the registers up to the model."""
        shown = frozenset(self.shown_alarms())
        if shown != self._written:
            self.bank.publish_alarms(shown)
            self._written = shown
        self.bank.publish(self.values() | self._summary(shown))

    def clear_faults(self) -> None:
        """Take back everything that faults have done to it."""
        self.local = False
        self.bank.forced.clear()
        for address in self.bank.raw:
            self.bank.words[address] = 0
        self.bank.raw.clear()
        self.alarms.clear_injected()
        self._written = None

    def refresh_alarms(self) -> None:
        """Write the alarm words anew at the next publishing."""
        self._written = None

    def _summary(self, shown: frozenset[str]) -> Values:
        kinds = {self.alarms.class_of(name) for name in shown} | self.bank.raw_classes()
        values: Values = {flag: kind in kinds for kind, flag in FLAGS.items()}
        values["alarm_stop_group"] = "shutdown" in kinds or "trip_and_stop" in kinds
        values["alarm_common"] = bool(kinds - NO_ALARMS)
        values["alarm_count"] = sum(1 for name in shown if self.alarms.class_of(name) not in NO_ALARMS)
        if (mode := self.mode()) is not None:
            values |= {each.value: each is mode for each in Mode}
        return values
