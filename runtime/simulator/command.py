"""The command ``scada simulate``: its arguments, and its run until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import selectors
import signal
import sys

from registermaps import ConfigError, load_maps
from runtime.settings import Settings
from runtime.simulator.control import ControlSocket, control_path
from runtime.simulator.faults import FaultError, faults_help, split_target
from runtime.simulator.plant import Plant
from runtime.simulator.ports import PlantError

__all__ = ["add_arguments", "precise_loop", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``scada simulate``."""
    parser.add_argument("--seed", type=int, help="seed of the plant: the same seed, the same run (default: the ini's)")
    parser.add_argument("--speed", type=float, help="how many times faster than the clock it runs (default: the ini's)")
    parser.add_argument(
        "--fault", action="append", default=[], metavar="TARGET:FAULT[=VALUE]",
        help="switch a fault on from the start; may be given several times",
    )  # fmt: skip
    parser.add_argument(
        "--link-ptys", action="store_true", help="make the configured path of a serial link point to its pty"
    )
    parser.epilog = f"faults (TARGET is a device, a link or a site):\n{faults_help()}"
    parser.formatter_class = argparse.RawDescriptionHelpFormatter


def precise_loop() -> asyncio.AbstractEventLoop:
    """An event loop whose timers are not rounded up to whole milliseconds, as epoll's are: bytes leave in time."""
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


def run(settings: Settings, args: argparse.Namespace) -> int:
    """Serve the simulated plant until SIGINT or SIGTERM. Returns the exit status: 2 when it could not be started."""
    try:
        maps = load_maps(settings.maps)
        plant = Plant(settings, maps, seed=args.seed, speed=args.speed, link_ptys=args.link_ptys)
        faults = [split_target(text) for text in args.fault]
    except (ConfigError, PlantError, FaultError) as error:
        return _refuse(error)
    with asyncio.Runner(loop_factory=precise_loop) as runner:
        try:
            runner.run(_serve(plant, faults))
        except (PlantError, FaultError) as error:
            return _refuse(error)
    return 0


def _refuse(error: Exception) -> int:
    for line in str(error).splitlines():
        print(f"scada simulate: {line}", file=sys.stderr)
    return 2


async def _serve(plant: Plant, faults: list[tuple[str, str]]) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    # Started by a supervisor it ignores Ctrl-C, which is for the supervisor: the plant is to outlive its pollers.
    child = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    for number in (signal.SIGTERM,) if child else (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    control = ControlSocket(plant, control_path(plant.settings))
    for target, fault in faults:
        plant.fault(target, fault)
    await plant.start()
    try:
        await control.start()
        _announce(plant)
        await plant.serve_until(stopped)
    finally:
        await control.stop()
        await plant.stop()


def _announce(plant: Plant) -> None:
    settings = plant.settings
    print(f"simulated plant of {settings.file}, seed {plant.seed}, speed {plant.speed:g}", flush=True)
    for device in settings.devices.values():
        link = settings.links[device.link]
        where = f"pty {plant.ptys[link.name]}" if link.name in plant.ptys else f"{link.host}:{plant.ports[link.name]}"
        print(f"  {device.name:<16} {device.map:<10} unit {device.unit:<3} {link.kind:<8} {where}", flush=True)
