"""Whether the serial ports of an ini can be opened by this user: looked at before anything is started."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from registermaps import ConfigError, Fault
from runtime.settings import Settings

__all__ = ["check_serial_ports"]


def check_serial_ports(settings: Settings) -> None:
    """Raises ConfigError with a sentence for each port that is not usable. Those of a demo are the simulator's ptys."""
    if settings.demo:
        return
    faults = [
        Fault(settings.file, 0, 0, f"link '{link.name}'", trouble)
        for link in settings.links.values()
        if link.kind == "serial" and (trouble := _trouble(Path(link.device)))
    ]
    if faults:
        raise ConfigError(faults)


def _trouble(device: Path) -> str:
    try:
        mode = device.stat().st_mode
    except PermissionError:
        return f"no permission to look at {device}"
    except OSError:
        return f"there is no serial device {device}"
    if not stat.S_ISCHR(mode):
        return f"{device} is no serial device"
    if not os.access(device, os.R_OK | os.W_OK):
        return f"no permission to open {device}: the user must be in the group dialout"
    return ""
