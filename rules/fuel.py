"""Example of a rule in Python: specific fuel consumption of each genset, told only when it means something."""

from runtime.rules import Image, Output, rule
from runtime.scan.logic.blocks import TON

#: below this the figure is dominated by idling, kW
LEAST_POWER = 20.0
#: so long must the genset have carried load, seconds
SETTLED_S = 60.0


@rule(
    map="hgm9520n",
    reads=["fuel_rate", "power_total", "gen_closed"],
    writes=[Output("fuel_per_kwh", "Specific fuel consumption", "Удельный расход топлива", unit="L/kWh", decimals=3)],
    blocks={"settled": lambda: TON(SETTLED_S)},
    retain=["settled"],
)
def fuel_per_kwh(tags: Image) -> None:
    power = tags.get("power_total")
    on_load = tags.get("gen_closed") != 0 and power >= LEAST_POWER
    if tags.blocks["settled"].run(on_load, tags.now.monotonic):
        rate, now = tags.number("fuel_rate"), tags.number("power_total")
        tags["fuel_per_kwh"] = rate / now if rate is not None and now else None
    else:
        tags["fuel_per_kwh"] = 0.0
