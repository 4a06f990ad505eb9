"""What the faults of the table do to engines, sensors and the grid."""

from __future__ import annotations

from collections.abc import Mapping

from registermaps import did_you_mean
from runtime.simulator.controller import Controller
from runtime.simulator.faults import FaultCommand, FaultError
from runtime.simulator.genset import Genset
from runtime.simulator.hgm9520n import GensetController
from runtime.simulator.hgm9560 import BusTieController
from runtime.simulator.modes import Mode
from runtime.simulator.site import Site

__all__ = ["fault_controller", "fault_site"]


def fault_site(sites: Mapping[str, Site], target: str, name: str) -> None:
    """Faults of the grid; ``target`` may be a device of the site too."""
    site = sites.get(target.split(".", maxsplit=1)[0])
    if site is None:
        raise FaultError(f"fault '{name}' needs a site, and '{target}' is none")
    if name == "quiet":
        site.incidents.enabled = False
    else:
        site.mains.failed = name == "mains-fail"


def fault_controller(controllers: Mapping[str, Controller], target: str, command: FaultCommand) -> None:
    """Faults of one device; registers show them at once."""
    name, value, place = command.kind.name, command.value, command.kind.place
    controller = controllers.get(target)
    if controller is None:
        raise FaultError(f"fault '{name}' needs a device, and '{target}' is none")
    if place == "genset":
        if not isinstance(controller, GensetController):
            raise FaultError(f"fault '{name}' needs a genset, and '{target}' is none")
        _fault_genset(controller.genset, name)
    elif place == "bustie":
        if not isinstance(controller, BusTieController):
            raise FaultError(f"fault '{name}' needs an HGM9560, and '{target}' is none")
        if name == "old-firmware":
            controller.old_firmware = True
        elif isinstance(value, float):
            controller.clock_ahead_s = value
    else:
        _fault_device(controller, name, value)
    controller.publish()


def _fault_genset(genset: Genset, name: str) -> None:
    if name == "start":
        genset.mode, genset.called = Mode.MANUAL, True
    elif name == "stop":
        genset.mode, genset.called = Mode.MANUAL, False
    elif name == "trip":
        genset.alarms.raise_alarm("trip_reverse_power")
    elif name == "overspeed":
        genset.engine.overspeed = True
    elif name == "low-oil":
        genset.engine.oil_lost = True
    elif name == "no-start":
        genset.engine.no_start = True
    elif name == "no-remote-reset":
        genset.remote_reset = False


def _fault_device(controller: Controller, name: str, value: object) -> None:
    if name == "battery-low":
        if isinstance(controller, GensetController):
            controller.genset.engine.battery_low = True
        elif isinstance(controller, BusTieController):
            controller.site.tie.battery_low = True
    elif name == "local":
        controller.local = True
    elif name == "sensor-open" and isinstance(value, str):
        _need(controller, controller.bank.has_point(value), value)
        controller.bank.forced[value] = None
    elif name == "alarm" and isinstance(value, str):
        _need(controller, controller.bank.has_alarm(value), value)
        controller.alarms.inject(value)
    elif name == "set" and isinstance(value, tuple):
        point, text = value
        _need(controller, controller.bank.has_point(point), point)
        controller.bank.forced[point] = _number(name, text)
    elif name == "word" and isinstance(value, tuple):
        address, word = (int(_number(name, text)) for text in value)
        if not (0 <= address <= 0xFFFF and 0 <= word <= 0xFFFF):
            raise FaultError(f"fault 'word': found '{value[0]}:{value[1]}', expected two numbers from 0 to 65535")
        controller.bank.raw[address] = word
        controller.refresh_alarms()


def _need(controller: Controller, known: bool, point: str) -> None:
    if not known:
        map_ = controller.bank.map
        hint = did_you_mean(point, list(map_.by_name))
        raise FaultError(f"the map '{map_.name}' of '{controller.name}' has no point '{point}' to hold{hint}")


def _number(name: str, text: str) -> float:
    try:
        return float(int(text, 0)) if text.lower().startswith("0x") else float(text)
    except ValueError:
        raise FaultError(f"fault '{name}': found '{text}', expected a number") from None
