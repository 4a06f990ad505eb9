"""The controllers out there: devices, buses, and the thread that polls them."""

from runtime.field.bus import Bus
from runtime.field.device import CommState, Device
from runtime.field.health import HealthTags
from runtime.field.pollers import FieldPlan, Pollers, link_cost
from runtime.field.spec import BusSpec, DeviceSpec

__all__ = ["Bus", "BusSpec", "CommState", "Device", "DeviceSpec", "FieldPlan", "HealthTags", "Pollers", "link_cost"]
