"""The HGM9560 as the line sees it: coils, settings and clock of a site's bus tie."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from registermaps import RegisterMap
from runtime.simulator.bustie_values import bustie_values, clock_values
from runtime.simulator.controller import Controller, Verdict
from runtime.simulator.modes import Mode
from runtime.simulator.registers import Values
from runtime.simulator.site import Site

__all__ = ["BusTieController"]

COILS = range(0, 25)
FIRST_OUTPUT = 19
#: parts of the clock in the order of registers 225-231; the last is the weekday, which follows from the others
CLOCK = ("second", "minute", "hour", "day", "month", "year", "weekday")


class BusTieController(Controller):
    """Functions 01, 03, 05 and 06; everything else is met with silence."""

    functions = frozenset({1, 3, 5, 6})

    def __init__(self, name: str, unit: int, register_map: RegisterMap, site: Site, wall: Callable[[], float]) -> None:
        super().__init__(name, unit, register_map, site.tie.alarms)
        self.site = site
        self.wall = wall
        #: how far its clock is ahead, seconds
        self.clock_ahead_s = 0.0
        #: firmware older than protocol V1.1 echoes writes to 4351-4354 and ignores them
        self.old_firmware = False

    def values(self) -> Values:
        """What the model says."""
        return bustie_values(self.site) | clock_values(self.wall() + self.clock_ahead_s)

    def mode(self) -> Mode:
        """Auto, manual or stop."""
        return self.site.tie.mode

    def shown_alarms(self) -> set[str]:
        """Alarms, and the reasons of the mains monitor."""
        return self.alarms.all | {f"mains_state_{reason}" for reason in self.site.mains.reasons()}

    def read_coils(self, address: int, count: int) -> list[bool] | None:
        """Remote outputs hold their state; keys read as off."""
        if address + count > COILS.stop:
            return None
        coils = [False] * FIRST_OUTPUT + self.site.tie.outputs
        return coils[address : address + count]

    def write_coil(self, coil: int, on: bool) -> Verdict:
        """ON does what the key does: 5 and 6 are toggles, each ON turns the breaker over."""
        if coil not in COILS:
            return Verdict.SILENT
        tie, sets = self.site.tie, list(self.site.gensets.values())
        if coil >= FIRST_OUTPUT:
            tie.outputs[coil - FIRST_OUTPUT] = on
        elif on:
            actions: dict[int, Callable[[], None]] = {
                0: lambda: tie.start(sets), 1: lambda: tie.stop(sets), 3: lambda: tie.set_mode(Mode.AUTO),
                4: lambda: tie.set_mode(Mode.MANUAL), 5: tie.mains_breaker.toggle, 6: tie.bus_breaker.toggle,
                17: self.alarms.reset,
            }  # fmt: skip
            if (action := actions.get(coil)) is not None:
                action()
        return Verdict.OK

    def write_register(self, address: int, value: int) -> Verdict:
        """Load mode and settings, the clock, and the counters (which a write would preset)."""
        if 4351 <= address <= 4354:
            return self._write_setting(address, value)
        if 225 <= address <= 231:
            return self._write_clock(address - 225, value)
        if 199 <= address <= 210:
            self._write_counter(address, value)
            return Verdict.OK
        return Verdict.SILENT

    def clear_faults(self) -> None:
        """New firmware, a good battery, a clock that is right."""
        super().clear_faults()
        self.old_firmware, self.clock_ahead_s = False, 0.0
        self.site.tie.battery_low = False

    def _write_setting(self, address: int, value: int) -> Verdict:
        tie = self.site.tie
        if value > (2 if address == 4351 else 1000):
            return Verdict.ILLEGAL_VALUE
        if self.old_firmware:
            return Verdict.OK
        if address == 4351:
            tie.load_mode = value
        elif address == 4352:
            tie.p_pct = value / 10.0
        elif address == 4354:
            tie.q_pct = value / 10.0
        return Verdict.OK

    def _write_clock(self, part: int, value: int) -> Verdict:
        shown = datetime.fromtimestamp(self.wall() + self.clock_ahead_s, UTC)
        if CLOCK[part] == "weekday":
            return Verdict.OK
        fields = {name: getattr(shown, name) for name in CLOCK[:-1]}
        fields[CLOCK[part]] = value + (2000 if CLOCK[part] == "year" else 0)
        try:
            wanted = datetime(**fields, tzinfo=UTC)
        except ValueError:
            return Verdict.ILLEGAL_VALUE
        self.clock_ahead_s += (wanted - shown.replace(microsecond=0)).total_seconds()
        return Verdict.OK

    def _write_counter(self, address: int, value: int) -> None:
        self.bank.words[address] = value
        low_first = {203: "kwh", 205: "kvarh", 207: "kvah"}
        base = address - (address - 203) % 2
        if (name := low_first.get(base)) is not None:
            raw = round(getattr(self.site, name) * 10.0)
            raw = raw & 0xFFFF0000 | value if address == base else raw & 0xFFFF | value << 16
            setattr(self.site, name, raw / 10.0)
