"""The controllers out there: devices, buses, and the thread that polls them."""

from runtime.field.bus import Bus
from runtime.field.device import CommState, Device
from runtime.field.health import HealthTags
from runtime.field.pollers import FieldPlan, Pollers, link_cost
from runtime.field.spec import BusSpec, DeviceSpec
from runtime.field.writing import carry_out, describe

__all__ = [
    "Bus", "BusSpec", "CommState", "Device", "DeviceSpec", "FieldPlan", "HealthTags", "Pollers", "carry_out",
    "describe", "link_cost",
]  # fmt: skip
