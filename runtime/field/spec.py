"""What the field needs to know of a device and of a bus, with tag slots; frozen, so that a reload compares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registermaps import Label, Point, PollClass
from runtime.wire import LinkSpec

__all__ = ["BusSpec", "DeviceSpec"]


@dataclass(frozen=True, slots=True)
class DeviceSpec:
    """One controller on a bus."""

    #: ``site.device``
    name: str
    unit: int
    #: the points that are switched on
    points: tuple[Point, ...]
    #: point -> tag slot
    slots: Mapping[str, int]
    #: poll classes with the periods in force
    polls: Mapping[str, PollClass]
    #: poll class -> seconds after which its tags are stale
    stale_s: Mapping[str, float]
    #: enumeration -> number -> text, for the points of type enum
    enums: Mapping[str, Mapping[int, Label]]
    #: (first, last) addresses that are never read through
    unreadable: tuple[tuple[int, int], ...]
    timeout_s: float
    #: repeats of a failed read within its cycle
    retries: int
    #: failed cycles until the device counts as offline
    offline_after: int
    #: longest pause between two tries while it is offline
    demote_max_s: float
    #: "comm_state" -> tag slot
    health: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class BusSpec:
    """One link and how to treat it. The devices on it come beside, so that they can change while it stays connected."""

    link: LinkSpec
    #: largest read in registers that the ini or the maps allow
    max_registers: int
    pause_s: float
    reconnect_min_s: float
    reconnect_max_s: float
    #: "connected", "timeouts"... -> tag slot
    health: Mapping[str, int]
