"""Tag-outs: a device locked against commands, with who and why, until its owner or an administrator takes it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from runtime.scan.control.refusal import Refused
from tagdb.accounts import Actor, Right

__all__ = ["TagOut", "TagOuts"]


@dataclass(frozen=True, slots=True)
class TagOut:
    """One lock."""

    #: "mkz.gpu1"
    device: str
    who: str
    reason: str
    #: Unix seconds UTC
    since: float
    #: where the controller was on the wire: a device that is renamed in the ini stays locked; "" = not known
    place: str = ""


class TagOuts:
    """The locks of the plant; a device has at most one. Kept for devices that a configuration does not know, too."""

    def __init__(self, rows: Iterable[Mapping[str, Any]] = ()) -> None:
        """``rows``: as ``to_json`` gave them."""
        locks = (
            TagOut(str(r["device"]), str(r["who"]), str(r["reason"]), float(r["since"]), str(r.get("place", "")))
            for r in rows
        )
        self._locks = {lock.device: lock for lock in locks}

    def of(self, device: str, place: str = "") -> TagOut | None:
        """The lock of a device, or of one that was at this place under another name."""
        if lock := self._locks.get(device):
            return lock
        return next((lock for lock in self._locks.values() if place and lock.place == place), None)

    def locate(self, places: Mapping[str, str]) -> None:
        """Note where locked devices are, for those of which it is not known yet: device -> place."""
        for device, lock in self._locks.items():
            if not lock.place and device in places:
                self._locks[device] = replace(lock, place=places[device])

    def all(self) -> list[TagOut]:
        """The oldest first."""
        return sorted(self._locks.values(), key=lambda lock: (lock.since, lock.device))

    def set(self, actor: Actor, device: str, why: str, time: float, place: str = "") -> TagOut:
        """Lock a device. Raises Refused."""
        if not why.strip():
            raise Refused("reason-needed")
        if lock := self.of(device, place):
            raise Refused("already-tagged-out", who=lock.who)
        lock = self._locks[device] = TagOut(device, actor.name, why.strip(), time, place)
        return lock

    def remove(self, actor: Actor, device: str, place: str = "") -> TagOut:
        """Unlock it. Raises Refused."""
        lock = self.of(device, place)
        if lock is None:
            raise Refused("not-tagged-out")
        if lock.who != actor.name and not actor.may(Right.TAG_OUT_ANY, device.partition(".")[0]):
            raise Refused("not-yours", who=lock.who)
        return self._locks.pop(lock.device)

    def to_json(self) -> list[dict[str, Any]]:
        """For the file that keeps them over a restart."""
        return [asdict(lock) for lock in self.all()]
