"""What an HGM9560 shows of its site: model to values by point name, in units after scaling."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from runtime.simulator.genset_values import ANGLES, LINES, PHASES, ROOT3, power_factor
from runtime.simulator.mains import MainsState
from runtime.simulator.registers import Values
from runtime.simulator.site import Site

__all__ = ["bustie_values", "clock_values"]


def clock_values(unix: float) -> Values:
    """The controller's clock (registers 225-231): two-digit year, Sunday = 0; UTC, as the plant keeps it."""
    now = datetime.fromtimestamp(unix, UTC)
    return {
        "rtc_second": now.second, "rtc_minute": now.minute, "rtc_hour": now.hour, "rtc_day": now.day,
        "rtc_month": now.month, "rtc_year": now.year % 100, "rtc_weekday": now.isoweekday() % 7,
    }  # fmt: skip


def bustie_values(site: Site) -> Values:
    """Every measurement and state of the bus tie; None = no sensor."""
    tie, sets = site.tie, list(site.gensets.values())
    state, left = tie.genset_state(sets)
    run = int(site.run_s)
    amps = sum(genset.generator.amps(0) for genset in sets if genset.closed)
    values = _mains(site) | _busbar(site)
    values |= {
        "genset_status": state, "genset_state_delay": left,
        "busbar_current": amps, "battery_volt": 22.4 if tie.battery_low else 27.1 + 0.02 * site.noise.value,
        "busbar_p": site.sets_kw + site.noise.value, "busbar_q": site.sets_kvar,
        "busbar_switch_status": int(tie.bus_breaker.state), "mains_status": int(site.mains.state),
        "mains_switch_status": int(tie.mains_breaker.state),
        "energy_kwh": site.kwh, "energy_kvarh": site.kvarh, "energy_kvah": site.kvah,
        "maintenance_hours": max(0, 250 - run // 3600 % 250), "gensets_total_p": site.sets_kw,
        "run_hours": run // 3600 % 65536, "run_minutes": run // 60 % 60, "run_seconds": run % 60,
        "start_count": site.starts + sum(genset.sequence.starts for genset in sets),
        "load_mode": tie.load_mode, "load_p_setpoint": tie.p_pct, "load_q_setpoint": tie.q_pct,
        "ind_mains_normal": site.mains.state is MainsState.NORMAL, "ind_mains_closed": tie.mains_breaker.closed,
        "ind_busbar_normal": site.bus_volts > 360.0, "ind_busbar_closed": tie.bus_breaker.closed,
        "ind_alarm": bool(tie.alarms.all), "ind_running": any(genset.engine.fired for genset in sets),
    }  # fmt: skip
    return values


def _mains(site: Site) -> Values:
    mains, kw, kvar = site.mains, site.mains_kw, site.mains_kvar
    kva = math.hypot(kw, kvar)
    values: Values = {
        "mains_freq": mains.hertz, "mains_p_total": kw, "mains_q_total": kvar, "mains_s_total": kva,
        "mains_pf_avg": power_factor(kw, kvar),
    }  # fmt: skip
    for number, (phase, line) in enumerate(zip(PHASES, LINES, strict=True)):
        volts = mains.phase_volts(number)
        values |= {f"mains_u{line}": volts, f"mains_u{phase}": volts / ROOT3}
        values[f"mains_angle_{phase}"] = ANGLES[number] if volts > 40.0 else 0.0
        values[f"mains_i{phase}"] = kva * 1000.0 / (ROOT3 * volts) if volts > 40.0 else 0.0
        values |= {f"mains_p_{phase}": kw / 3.0, f"mains_q_{phase}": kvar / 3.0, f"mains_s_{phase}": kva / 3.0}
        values[f"mains_pf_{phase}"] = power_factor(kw, kvar)
    return values


def _busbar(site: Site) -> Values:
    live = site.bus_volts > 20.0
    values: Values = {"busbar_freq": site.bus_hertz if live else 0.0}
    for number, (phase, line) in enumerate(zip(PHASES, LINES, strict=True)):
        volts = max(0.0, site.bus_volts + 0.3 * site.noise.value * (number - 1)) if live else 0.0
        values |= {f"busbar_u{line}": volts, f"busbar_u{phase}": volts / ROOT3}
        values[f"busbar_angle_{phase}"] = ANGLES[number] if live else 0.0
    return values
