"""The HGM9520N as the line sees it: coils and settings of one genset."""

from __future__ import annotations

from registermaps import RegisterMap
from runtime.simulator.controller import Controller, Verdict
from runtime.simulator.genset import Genset
from runtime.simulator.genset_values import genset_values
from runtime.simulator.modes import Mode
from runtime.simulator.registers import Values
from runtime.simulator.site import Site

__all__ = ["GensetController"]

P_SETTING = 4368
Q_SETTING = 4370
#: what registers 225-231 hold on this model: they are no clock here (SmartGen facts)
NOT_A_CLOCK = {225: 65535, 226: 32767, 227: 65535, 228: 32767, 229: 65535, 230: 0, 231: 0}
#: measurement -> alarm when its sensor is off
SENSORS = {"coolant_temp": "warning_temp_sensor_open", "oil_pressure": "warning_oil_sensor_open"}
#: coils that are answered; 2, 8-11, 13, 14 and 16 are panel keys of which nothing is known
COILS = range(0, 25)


class GensetController(Controller):
    """Functions 03, 05 and 06; everything else is met with silence."""

    write_only = (P_SETTING, Q_SETTING)

    def __init__(self, name: str, unit: int, register_map: RegisterMap, site: Site, genset: Genset) -> None:
        super().__init__(name, unit, register_map, genset.alarms)
        self.site = site
        self.genset = genset
        for address, word in NOT_A_CLOCK.items():
            self.bank.words[address] = word

    def values(self) -> Values:
        """What the model says."""
        return genset_values(self.site, self.genset)

    def shown_alarms(self) -> set[str]:
        """Alarms of the set, and what the controller says of sensors that were taken off."""
        open_sensors = {alarm for point, alarm in SENSORS.items() if self.bank.forced.get(point, 0) is None}
        return self.alarms.all | open_sensors

    def mode(self) -> Mode:
        """Auto, manual or stop."""
        return self.genset.mode

    def write_coil(self, coil: int, on: bool) -> Verdict:
        """ON does what the key does; OFF, as sent by those who pulse, does nothing."""
        if coil not in COILS:
            return Verdict.SILENT
        genset = self.genset
        actions = {
            0: genset.start, 1: genset.stop, 3: lambda: genset.set_mode(Mode.AUTO),
            4: lambda: genset.set_mode(Mode.MANUAL), 5: self.site.tie.mains_breaker.toggle, 6: genset.close_breaker,
            7: genset.open_breaker, 12: self._mute, 15: genset.fast_stop, 17: genset.reset_alarms,
        }  # fmt: skip
        if on and (action := actions.get(coil)) is not None:
            action()
        return Verdict.OK

    def write_register(self, address: int, value: int) -> Verdict:
        """P and Q in tenths of a percent; the bus tie overwrites them within a second while the set runs."""
        if address not in (P_SETTING, Q_SETTING):
            return Verdict.SILENT
        if value > 1000:
            return Verdict.ILLEGAL_VALUE
        if address == P_SETTING:
            self.genset.p_target_pct = value / 10.0
        else:
            self.genset.q_target_pct = value / 10.0
        return Verdict.OK

    def clear_faults(self) -> None:
        """The engine is sound again; alarms that stay until reset stay."""
        super().clear_faults()
        engine = self.genset.engine
        engine.overspeed = engine.oil_lost = engine.no_start = engine.battery_low = False
        self.genset.remote_reset = True

    def _mute(self) -> None:
        self.alarms.muted = True
