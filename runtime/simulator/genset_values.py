"""What an HGM9520N shows of its genset: model to values by point name, in units after scaling."""

from __future__ import annotations

import math

from runtime.simulator.engine import RATED_KW, RATED_RPM
from runtime.simulator.genset import Genset
from runtime.simulator.mains import MainsState
from runtime.simulator.registers import Values
from runtime.simulator.site import Site

__all__ = ["ANGLES", "LINES", "PHASES", "ROOT3", "genset_values", "power_factor"]

ROOT3 = math.sqrt(3.0)
PHASES = "abc"
LINES = ("ab", "bc", "ca")
#: shown by every three-phase source: degrees of phase a, b, c
ANGLES = (0.0, -120.0, 120.0)


def power_factor(kw: float, kvar: float) -> float:
    """Power factor with the sign of the active power; 0 without power."""
    apparent = math.hypot(kw, kvar)
    return kw / apparent if apparent > 0.5 else 0.0


def genset_values(site: Site, genset: Genset) -> Values:
    """Every measurement and state of one set; None = the sensor or the ECU gives nothing."""
    values = _mains(site) | _generator(genset) | _power(genset) | _engine(genset) | _ecu(genset)
    run = int(genset.run_s)
    state = genset.sequence.state
    values |= {
        "mains_normal": site.mains.state is MainsState.NORMAL,
        "mains_closed": site.tie.mains_breaker.closed,
        "gen_normal": genset.generator.volts > 360.0 and genset.engine.rpm > 1350.0,
        "gen_closed": genset.closed,
        "gen_status": int(state),
        "gen_state_delay": math.ceil(genset.sequence.left_s),
        "gen_switch_status": int(genset.breaker.state),
        "mains_switch_status": int(site.tie.mains_breaker.state),
        "run_hours": run // 3600 % 65536,
        "run_minutes": run // 60 % 60,
        "run_seconds": run % 60,
        "start_count": genset.starts,
        "energy_kwh": genset.kwh,
    }
    return values


def _mains(site: Site) -> Values:
    mains = site.mains
    values: Values = {"mains_freq": mains.hertz}
    for number, (phase, line) in enumerate(zip(PHASES, LINES, strict=True)):
        volts = mains.phase_volts(number)
        values |= {f"mains_u{line}": volts, f"mains_u{phase}": volts / ROOT3}
        values[f"mains_angle_{phase}"] = ANGLES[number] if volts > 40.0 else 0.0
    return values


def _generator(genset: Genset) -> Values:
    generator = genset.generator
    live = generator.volts > 20.0
    values: Values = {"gen_freq": generator.hertz if live else 0.0}
    for number, (phase, line) in enumerate(zip(PHASES, LINES, strict=True)):
        volts = max(0.0, generator.volts + generator.volt_noise[number].value) if live else 0.0
        values |= {f"gen_u{line}": volts, f"gen_u{phase}": volts / ROOT3}
        values[f"gen_angle_{phase}"] = ANGLES[number] if live else 0.0
        values[f"current_{phase}"] = generator.amps(number)
    values["current_earth"] = abs(genset.earth.value) if genset.closed else 0.0
    return values


def _power(genset: Genset) -> Values:
    generator = genset.generator
    kw, kvar = generator.shown_kw, generator.kvar
    values: Values = {
        "power_total": kw, "reactive_total": kvar, "apparent_total": math.hypot(kw, kvar),
        "pf_avg": power_factor(kw, kvar), "p_now_pct": 100.0 * kw / RATED_KW, "p_target_pct": genset.p_target_pct,
        "q_now_pct": 100.0 * kvar / RATED_KW, "q_target_pct": genset.q_target_pct, "load_pct": 100.0 * kw / RATED_KW,
    }  # fmt: skip
    for number, phase in enumerate(PHASES):
        share = (1.0 + generator.amp_noise[number].value) / 3.0
        values |= {f"power_{phase}": kw * share, f"reactive_{phase}": kvar * share}
        values |= {f"apparent_{phase}": math.hypot(kw, kvar) * share, f"pf_{phase}": power_factor(kw, kvar)}
    return values


def _engine(genset: Genset) -> Values:
    engine, generator = genset.engine, genset.generator
    turning = engine.rpm > 20.0
    return {
        "engine_speed": max(0.0, engine.noisy("rpm", engine.rpm)) if turning else 0.0,
        "battery_volt": engine.noisy("battery", engine.battery_v),
        "charger_volt": max(0.0, engine.noisy("charger", engine.charger_v)) if turning else 0.0,
        "coolant_temp": engine.noisy("coolant", engine.coolant_c),
        "oil_pressure": max(0.0, engine.noisy("oil_kpa", engine.oil_kpa)) if turning else 0.0,
        # A gas set has no tank, and its ECU counts no fuel.
        "fuel_level": None,
        "fuel_used_total": None,
        "sync_volt_diff": generator.volts - genset.bus_volts,
        "sync_freq_diff": generator.hertz - genset.bus_hertz,
        # Not wrapped to +-180 by the controller: -0.2 is shown as 359.8 (field trouble 27).
        "sync_phase_diff": generator.phase_deg,
    }


def _ecu(genset: Genset) -> Values:
    engine = genset.engine
    names = (
        "oil_temp", "fuel_pressure", "turbo_pressure", "fuel_rate", "throttle_pos", "fuel_valve_pos",
        "fuel_inlet_pressure", "exhaust_oxygen", "ignition_timing", "engine_target_speed", "air_gas_ratio",
        "gas_pressure", "gas_temp", "exhaust_back_pressure", "throttle_cmd",
    )  # fmt: skip
    if not genset.sequence.fuel and engine.rpm < 20.0:
        return dict.fromkeys(names)
    load, noisy = engine.load, engine.noisy
    throttle = engine.throttle_pct
    return {
        "oil_temp": noisy("oil_c", engine.oil_c),
        "fuel_pressure": max(0.0, noisy("inlet", 22.0 - 4.0 * load)),
        "turbo_pressure": max(0.0, noisy("boost", engine.boost_kpa)),
        "fuel_rate": max(0.0, noisy("fuel", engine.fuel_l_h)),
        "throttle_pos": max(0.0, noisy("throttle", throttle)),
        "fuel_valve_pos": max(0.0, noisy("valve", 0.9 * throttle + 6.0)),
        "fuel_inlet_pressure": max(0.0, noisy("inlet", 20.0 - 3.0 * load)),
        "exhaust_oxygen": noisy("oxygen", 9.4 - 1.3 * load) if engine.fired else 20.8,
        "ignition_timing": noisy("ignition", 22.0 - 5.0 * load),
        "engine_target_speed": RATED_RPM if not genset.sequence.idle else 900.0,
        "air_gas_ratio": noisy("lambda", 1.72 - 0.12 * load),
        "gas_pressure": max(0.0, noisy("gas", 4.6 - 0.5 * load)),
        "gas_temp": engine.gas_c,
        "exhaust_back_pressure": max(0.0, noisy("exhaust", engine.exhaust_kpa)),
        "throttle_cmd": throttle,
    }
